/* The lines of a dialogue script about data sources: which there are, and what
 * one of them tells. Asks nobody; see chat/script.h for the language. */
#include <string.h>

#include "base/mem.h"
#include "play.h"
#include "slots.h"

/* The next word of the line, up to a blank; text in single quotes keeps its
 * blanks and loses the quotes. */
static struct str take_word(struct play *play, struct str *line)
{
	struct buf word = BUF_INIT;
	bool quoted = false;
	size_t i = 0;
	struct str out;

	*line = str_trim(*line);
	for (; i < line->n && (quoted || line->p[i] != ' '); i++) {
		if (line->p[i] == '\'')
			quoted = !quoted;
		else
			buf_add_c(&word, line->p[i]);
	}
	*line = (struct str){line->p + i, line->n - i};
	out = arena_str(&play->arena, buf_str(&word));
	buf_fini(&word);
	return out;
}

static void declare(struct play *play, struct str line)
{
	struct conv_policy *policy = &play->with_sources;
	size_t i = policy->source_count;
	struct conv_source *source = &play->sources[i];
	struct str name = take_word(play, &line);

	if (name.n == 0 || i == PLAY_MAX_SOURCES) {
		play_fail(play, "a source has a name and the slots that it is "
				"asked with: \"source: order order_id\"");
		return;
	}
	*source = (struct conv_source){.name = name.p,
				       .slots = play->source_slots[i]};
	for (struct str slot = take_word(play, &line);
	     slot.n > 0 && source->slot_count < CONV_SLOTS;
	     slot = take_word(play, &line))
		play->source_slots[i][source->slot_count++] = slot.p;
	policy->sources = play->sources;
	policy->source_count++;
}

static size_t take_values(struct play *play, struct str line,
			  struct field values[CONV_VALUES])
{
	const struct conv *c = &play->conv;
	size_t n = 0;

	/* What it was asked with comes along. */
	for (; n < c->slot_count; n++)
		values[n] = (struct field){str_of(c->slots[n].name),
					   str_of(c->slots[n].value)};
	for (struct str word = take_word(play, &line);
	     word.n > 0 && n < CONV_VALUES; word = take_word(play, &line)) {
		const char *equals = memchr(word.p, '=', word.n);
		size_t head = equals == NULL ? 0 : (size_t)(equals - word.p);

		if (head == 0)
			play_fail(play,
				  "\"%s\" is no value; write "
				  "order.status=shipped",
				  word.p);
		else
			values[n++] =
				(struct field){{word.p, head},
					       {equals + 1, word.n - head - 1}};
	}
	return n;
}

static void tell(struct play *play, enum conv_looked_up what, struct str line)
{
	struct field values[CONV_VALUES];
	struct conv_input in = {
		.type = INPUT_LOOKED_UP,
		.looked_up = what,
		.lookup_id = arena_str(&play->arena,
				       str_of(play->conv.lookups[0].id)),
		.values = values,
		.value_count = take_values(play, line, values),
	};

	if (in.lookup_id.n == 0)
		play_fail(play, "nothing is being looked up");
	play_step(play, in);
}

bool play_lookup(struct play *play, struct str line)
{
	struct str rest;

	if (play_after(line, "source:", &rest))
		declare(play, rest);
	else if (play_after(line, "lookup: not found", &rest))
		tell(play, LOOKED_UP_NOT_FOUND, STR(""));
	else if (play_after(line, "lookup: failed", &rest))
		tell(play, LOOKED_UP_FAILED, STR(""));
	else if (play_after(line, "lookup: found", &rest))
		tell(play, LOOKED_UP_FOUND, rest);
	else
		return false;
	return true;
}
