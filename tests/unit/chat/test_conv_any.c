/* Random inputs in random order, after each of which the log alone must give
 * the state. */
#include "dialogue.h"

static struct dialogue d;

static uint64_t seed;

static unsigned dice(unsigned sides)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static const char *const phrases[] = {
	"delivery options",
	"where is my order",
	"12345678",
	"xyzzy",
	"hello",
	"voucher",
	"newsletter",
	"yes",
	"no",
	"never mind",
	"a person please",
	"I want to send it back",
	"wholesale",
	"terrible service",
	"where is my order 11223344",
	"blue",
	"payment methods",
	"delivery options? voucher?",
	"\"quoted\\ {}",
	"send 12345678 back",
};
static const char *const values[] = {"human", "intent:track_order",
				     "intent:wholesale", "intent:gone", "odd"};
static const char *const names[] = {"maria", "paul"};

static struct conv_input any_input(void)
{
	struct conv_input in = {.type = INPUT_SHOPPER_SAID};

	in.text = str_of(phrases[dice(ARRAY_LEN(phrases))]);
	in.agent = str_of(names[dice(2)]);
	switch (dice(20)) {
	case 0:
		in.human = true;
		break;
	case 1:
		in.value = str_of(values[dice(ARRAY_LEN(values))]);
		break;
	case 2:
		in.type = INPUT_SHOPPER_FEEDBACK;
		in.ask = str_of(d.conv.asks[dice(CONV_ASKS)].id);
		in.score = dice(7);
		break;
	case 3:
		if (dice(8) == 0)
			in.type = INPUT_SHOPPER_LEFT;
		break;
	case 4:
	case 5:
		in.type = INPUT_AGENT_CLAIMED;
		break;
	case 6:
	case 7:
		in.type = INPUT_AGENT_SAID;
		break;
	case 8:
		in.type = INPUT_AGENT_RELEASED;
		break;
	case 9:
		in.type = INPUT_AGENT_TRANSFERRED;
		if (dice(2))
			in.to_agent = str_of(names[dice(2)]);
		else
			in.to_queue = STR("vip");
		break;
	case 10:
		if (dice(4) == 0)
			in.type = INPUT_AGENT_RESOLVED;
		break;
	case 11:
		in.type = INPUT_LEASE_LOST;
		break;
	case 12:
		in.type = INPUT_AGENT_NOTE;
		break;
	case 13:
	case 14:
		in.type = INPUT_TIMER;
		break;
	default:
		break;
	}
	return in;
}

static bool reached[CONV_CLOSED + 1];

static void any_dialogue(unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		wait_ms(&d, dice(10) == 0 ? d.policy.queue_reminder_ms
					  : dice(30000));
		if (dice(10) == 0 && d.out->due_ms > d.now_ms)
			d.now_ms = d.out->due_ms;
		dialogue_step(&d, any_input());
		CHECK(d.out->refusal == REFUSE_NOT || d.out->event_count == 0);
		reached[d.conv.state] = true;
	}
}

/* No two events of a log may have one key. */
static void keys_are_unique(void)
{
	for (size_t i = 0; i < d.log_count; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(!(str_eq(d.log[i].id, d.log[j].id) &&
				str_eq(d.log[i].sender, d.log[j].sender)));
}

static void the_log_alone_gives_the_state_after_anything(void)
{
	for (seed = 1; seed < 120; seed++) {
		uint64_t keep = seed;

		arena_fini(&d.arena);
		conv_init(&d.conv, "c1");
		d.log_count = 0;
		any_dialogue(40);
		keys_are_unique();
		if (check_failed > 0) {
			printf("with seed %u\n", (unsigned)keep);
			return;
		}
		seed = keep;
	}
	for (int i = CONV_BOT; i <= CONV_CLOSED; i++)
		CHECK(reached[i]);
}

int main(void)
{
	TEST(the_log_alone_gives_the_state_after_anything);
	return check_done("chat/conv_any");
}
