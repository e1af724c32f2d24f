/* Intents as files write them: evidence, slots, answers, buttons. Everything
 * wrong is reported; nothing stops at the first mistake. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "reader.h"

/* ---- evidence --------------------------------------------------------- */

static int thousandths(double x)
{
	return (int)lround(x * 1000);
}

static const char *const entry_keys[] = {"phrase", "regex", "weight"};

/* Against evidence counts down, however its weight is written. */
static int signed_weight(struct reader *r, const struct node *node,
			 enum side side)
{
	double x = 1.0;

	if (node != NULL &&
	    !reader_number(r, node, -WEIGHT_MAX, WEIGHT_MAX, &x))
		return 0;
	if (thousandths(x) == 0)
		wrong(r, node, "a weight of 0 does nothing; take the line out");
	if (side == SIDE_MATCH && x < 0)
		wrong(r, node,
		      "evidence for an intent has a weight above 0; "
		      "move the line to \"against\"");
	return side == SIDE_MATCH ? thousandths(x) : -thousandths(fabs(x));
}

static void read_entry(struct reader *r, const struct node *node,
		       enum side side, struct intent *intent)
{
	struct entry *e = arena_alloc(r->arena, sizeof(*e));
	const struct node *what = node, *weight = NULL;

	if (node->kind == NODE_MAP) {
		reader_keys(r, node, entry_keys, ARRAY_LEN(entry_keys));
		what = node_get(node, "phrase");
		e->regex = what == NULL;
		if (what == NULL)
			what = node_get(node, "regex");
		if (what == NULL) {
			wrong(r, node,
			      "neither \"phrase\" nor \"regex\"; if it "
			      "is a phrase with \"{\" in front or \": \" "
			      "in it, put this in single quotes");
			return;
		}
		if (!e->regex && node_get(node, "regex") != NULL)
			wrong(r, node,
			      "both \"phrase\" and \"regex\"; make "
			      "two lines of them");
		weight = node_get(node, "weight");
	}
	e->text = reader_short(r, what);
	e->weight = signed_weight(r, weight, side);
	e->intent = intent;
	if (e->text.s.p == NULL || e->text.s.n == 0)
		return;
	if (r->rules->entry_count == RULES_MAX_ENTRIES) {
		wrong(r, what, "over %d phrases; that is all there may be",
		      RULES_MAX_ENTRIES);
		return;
	}
	e->id = (uint32_t)r->rules->entry_count++;
	*r->rules->entries_tail = e;
	r->rules->entries_tail = &e->next;
}

void parse_entries(struct reader *r, const struct node *node, const char *what,
		   enum side side, struct intent *intent)
{
	if (node == NULL || !reader_list(r, node, what))
		return;
	for (size_t i = 0; i < node->count; i++)
		read_entry(r, node->items[i], side, intent);
}

/* ---- an intent -------------------------------------------------------- */

static const char *const intent_keys[] = {
	"name",      "about",          "kind",     "match",
	"against",   "needs",          "lookup",   "answer",
	"buttons",   "then",           "examples", "counterexamples",
	"threshold", "threshold_long", "margin",   "after",
	"speaks",    "threshold_miss",
};

static const char *const kind_names[] = {
	[INTENT_INQUIRY] = "inquiry",
	[INTENT_COMPLAINT] = "complaint",
	[INTENT_CHAT] = "chat",
};

static const char *const then_names[] = {
	[THEN_NOTHING] = "nothing",
	[THEN_ASK_SOLVED] = "ask_solved",
	[THEN_RESOLVE] = "resolve",
	[THEN_ESCALATE] = "escalate",
};

/* Which of `names` the scalar is; `otherwise` and an error if none. */
static size_t choice(struct reader *r, const struct node *node,
		     const char *const *names, size_t n, size_t otherwise)
{
	struct buf list = BUF_INIT;

	for (size_t i = 0; node->kind == NODE_SCALAR && i < n; i++) {
		if (str_is(node->text, names[i]))
			return i;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	wrong(r, node, "one of %s is expected here", list.data);
	buf_fini(&list);
	return otherwise;
}

static void read_needs(struct reader *r, const struct node *node,
		       struct intent *intent)
{
	if (!reader_map(r, node, "needs"))
		return;
	if (node->count > RULES_MAX_NEEDS) {
		wrong(r, node, "over %d slots; ask for fewer", RULES_MAX_NEEDS);
		return;
	}
	intent->needs =
		arena_alloc(r->arena, node->count * sizeof(*intent->needs));
	for (size_t i = 0; i < node->count; i++) {
		struct need *need = &intent->needs[intent->info.needs++];

		need->name = reader_name(r, node->keys[i]);
		need->question = reader_short(r, node->items[i]);
	}
}

static const char *const answer_keys[] = {"when", "say"};

static void read_one_answer(struct reader *r, const struct node *node,
			    struct intent *intent)
{
	struct answer *a = &intent->answers[intent->answer_count];
	const struct node *say = node, *when = NULL;

	if (node->kind == NODE_MAP) {
		reader_keys(r, node, answer_keys, ARRAY_LEN(answer_keys));
		when = node_get(node, "when");
		say = node_get(node, "say");
		if (say == NULL) {
			wrong(r, node,
			      "an answer without \"say\"; add the text");
			return;
		}
	}
	if (when != NULL)
		a->when = reader_short(r, when);
	a->say = reader_short(r, say);
	if (a->say.s.p != NULL && a->say.s.n > 0)
		intent->answer_count++;
}

static void read_answer(struct reader *r, const struct node *node,
			struct intent *intent)
{
	bool list = node->kind == NODE_LIST;
	size_t n = list ? node->count : 1;

	intent->answers = arena_alloc(r->arena, n * sizeof(*intent->answers));
	for (size_t i = 0; i < n; i++)
		read_one_answer(r, list ? node->items[i] : node, intent);
}

/* What the widget sends back when the button is pressed. */
static struct str read_value(struct reader *r, const struct node *node)
{
	struct str s = reader_short(r, node).s;
	bool control = false;

	for (size_t i = 0; s.p != NULL && i < s.n; i++)
		control |= (unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f;
	if (s.p != NULL && (s.n > RULES_MAX_VALUE || control))
		wrong(r, node,
		      "a button's value is one line of at most %d bytes; make "
		      "it shorter",
		      RULES_MAX_VALUE);
	return s;
}

static const char *const button_keys[] = {"text", "intent", "value", "url"};

static void read_button(struct reader *r, const struct node *node,
			struct intent *intent)
{
	struct answer_button *b = &intent->buttons[intent->button_count];
	const struct node *text, *to, *value, *url;

	if (!reader_map(r, node, "buttons"))
		return;
	reader_keys(r, node, button_keys, ARRAY_LEN(button_keys));
	text = node_get(node, "text");
	to = node_get(node, "intent");
	value = node_get(node, "value");
	url = node_get(node, "url");
	if (text == NULL ||
	    (to != NULL) + (value != NULL) + (url != NULL) != 1) {
		wrong(r, node,
		      "a button has a \"text\" and one of \"intent\", "
		      "\"value\" and \"url\"");
		return;
	}
	b->text = reader_short(r, text).s;
	if (to != NULL)
		intent->button_intents[intent->button_count] =
			reader_name(r, to);
	if (value != NULL)
		b->value = read_value(r, value);
	if (url != NULL)
		b->url = reader_short(r, url).s;
	if (url != NULL && b->url.p != NULL &&
	    !str_starts(b->url, "https://") && !str_starts(b->url, "http://") &&
	    !str_starts(b->url, "{{shop."))
		wrong(r, url,
		      "a link begins with https:// (or is a fact of "
		      "the shop: {{shop.…}})");
	intent->button_count++;
}

static void read_buttons(struct reader *r, const struct node *node,
			 struct intent *intent)
{
	if (!reader_list(r, node, "buttons"))
		return;
	if (node->count > RULES_MAX_BUTTONS) {
		wrong(r, node, "over %d buttons; nobody reads so many",
		      RULES_MAX_BUTTONS);
		return;
	}
	intent->buttons =
		arena_alloc(r->arena, node->count * sizeof(*intent->buttons));
	intent->button_intents = arena_alloc(
		r->arena, node->count * sizeof(*intent->button_intents));
	for (size_t i = 0; i < node->count; i++)
		read_button(r, node->items[i], intent);
}

static const char *const escalate_keys[] = {"queue", "priority", "reason"};

static int read_priority(struct reader *r, const struct node *node)
{
	double x;

	if (!reader_number(r, node, -9, 9, &x))
		return 0;
	if (x != rint(x))
		wrong(r, node, "a priority is a whole number; round it");
	return (int)x;
}

static void read_escalation(struct reader *r, const struct node *node,
			    struct intent *in)
{
	struct intent_info *info = &in->info;
	const struct node *queue, *priority, *reason;

	if (!reader_map(r, node, "escalate"))
		return;
	reader_keys(r, node, escalate_keys, ARRAY_LEN(escalate_keys));
	queue = node_get(node, "queue");
	priority = node_get(node, "priority");
	reason = node_get(node, "reason");
	if (queue != NULL)
		in->queue = reader_name(r, queue);
	info->queue = in->queue.s.p;
	if (reason != NULL)
		info->reason = reader_name(r, reason).s.p;
	if (priority != NULL)
		info->priority = read_priority(r, priority);
}

static void read_then(struct reader *r, const struct node *node,
		      struct intent *in)
{
	static const char *const keys[] = {"escalate"};
	struct intent_info *info = &in->info;

	if (node->kind != NODE_MAP || node->count == 0) {
		info->then = (enum intent_then)choice(r, node, then_names,
						      ARRAY_LEN(then_names), 0);
		return;
	}
	reader_keys(r, node, keys, ARRAY_LEN(keys));
	info->then = THEN_ESCALATE;
	if (node_get(node, "escalate") != NULL)
		read_escalation(r, node_get(node, "escalate"), in);
}

static void read_speaks(struct reader *r, const struct node *node,
			struct intent *in)
{
	struct text tag = reader_name(r, node);

	if (tag.s.n > RULES_MAX_TAG)
		wrong(r, node,
		      "over %d characters; languages are named as in "
		      "\"de\"",
		      RULES_MAX_TAG);
	else
		in->info.speaks = tag.s.p;
}

/* What an intent needs to win, where that is not what `match` says. */
static void read_thresholds(struct reader *r, const struct node *map,
			    struct intent *in)
{
	const struct node *own = node_get(map, "threshold");
	const struct node *miss = node_get(map, "threshold_miss");

	if (own != NULL && own->kind == NODE_SCALAR &&
	    str_is(own->text, "none"))
		in->threshold = THRESHOLD_NONE;
	else
		in->threshold = reader_thousandths(r, map, "threshold", 0.1,
						   100, NO_NUMBER);
	in->threshold_long = reader_thousandths(r, map, "threshold_long", 0.1,
						100, NO_NUMBER);
	in->margin = reader_thousandths(r, map, "margin", 0, 10, NO_NUMBER);
	in->threshold_miss = reader_thousandths(r, map, "threshold_miss", 0.1,
						100, NO_NUMBER);
	if (miss != NULL && !intent_hands_over(in))
		wrong(r, miss,
		      "only what hands over has a \"threshold_miss\"; add "
		      "\"then: {escalate: {}}\", or take it out");
	if (in->threshold == THRESHOLD_NONE && miss == NULL)
		wrong(r, own,
		      "with \"threshold: none\" only a message that nothing "
		      "else wins is won; add the \"threshold_miss\" for it");
}

static void read_intent_texts(struct reader *r, const struct node *map,
			      struct intent *in)
{
	const struct node *node = node_get(map, "about");

	if (node != NULL)
		in->info.about = reader_short(r, node).s.p;
	if ((node = node_get(map, "kind")) != NULL)
		in->info.kind = (enum intent_kind)choice(
			r, node, kind_names, ARRAY_LEN(kind_names), 0);
	if ((node = node_get(map, "lookup")) != NULL)
		in->lookup = reader_name(r, node);
	in->info.lookup = in->lookup.s.p;
	if ((node = node_get(map, "speaks")) != NULL)
		read_speaks(r, node, in);
	if ((node = node_get(map, "after")) != NULL)
		in->after = reader_texts(r, node, &in->after_count);
	if ((node = node_get(map, "examples")) != NULL)
		in->examples = reader_texts(r, node, &in->example_count);
	if ((node = node_get(map, "counterexamples")) != NULL)
		in->counterexamples =
			reader_texts(r, node, &in->counterexample_count);
	if ((node = node_get(map, "needs")) != NULL)
		read_needs(r, node, in);
	if ((node = node_get(map, "answer")) != NULL)
		read_answer(r, node, in);
	if ((node = node_get(map, "buttons")) != NULL)
		read_buttons(r, node, in);
	if ((node = node_get(map, "then")) != NULL)
		read_then(r, node, in);
}

/* "match:" with nothing behind it is as good as none. */
static bool has_evidence(const struct node *match)
{
	return match != NULL &&
	       (match->kind == NODE_SCALAR ? match->text.n : match->count) > 0;
}

void parse_intent(struct reader *r, const struct node *map)
{
	struct intent *in = arena_alloc(r->arena, sizeof(*in));
	const struct node *name;

	if (!reader_map(r, map, "an intent"))
		return;
	reader_keys(r, map, intent_keys, ARRAY_LEN(intent_keys));
	name = node_get(map, "name");
	if (name == NULL) {
		wrong(r, map, "an intent without a name; add \"name: …\"");
		return;
	}
	in->name = reader_name(r, name);
	if (in->name.s.p == NULL)
		return;
	in->info.name = in->name.s.p;
	in->info.about = in->info.name;
	read_intent_texts(r, map, in);
	read_thresholds(r, map, in);
	if (!has_evidence(node_get(map, "match")))
		wrong(r, name,
		      "intent \"%s\" has no \"match\"; write phrases that are "
		      "evidence for it",
		      in->info.name);
	if (in->answer_count == 0 && in->info.then != THEN_ESCALATE)
		wrong(r, name,
		      "intent \"%s\" has no answer; add \"answer: …\" or "
		      "\"then: {escalate: {}}\"",
		      in->info.name);
	parse_entries(r, node_get(map, "match"), "match", SIDE_MATCH, in);
	parse_entries(r, node_get(map, "against"), "against", SIDE_AGAINST, in);
	in->next = r->rules->intents;
	r->rules->intents = in;
	r->rules->intent_count++;
}
