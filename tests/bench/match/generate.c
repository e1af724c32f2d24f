/* Rule sets as shops would have them, in any number, and messages for them; the
 * same from the same seed on every machine. A few hundred words of shop talk
 * recur in many rules (Zipf), as they do in real ones; names of goods make the
 * large sets large. Half the messages hold what some rule looks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "bench.h"

#define GOODS          1500
#define GROUP_WORDS    8
#define SLOTS_MAX      4
#define RULES_A_FILE   1000
#define RULES_A_INTENT 4

static const char talk[] =
	"order(s|ed|ing) deliver(s|ed|ing) refund(s|ed|ing) return(s|ed|ing) "
	"cancel(led|ling) account(s) address(es) pay(s|ing) payment(s) "
	"invoice(s) parcel(s) package(s) ship(ped|ping) track(s|ed|ing) "
	"card(s) money price(s) discount(s) voucher(s) code(s) exchange(s|d) "
	"wrong damaged broken missing late change(s|d) update(s|d) password(s) "
	"email(s) phone(s) number(s) customer(s) service support store(s) "
	"shop(s) size(s) colour(s) stock available when where how long soon "
	"today tomorrow week(s) day(s) arriv(e|ed|es|ing) receiv(e|ed|ing) "
	"sen(d|t|ding) buy(ing) bought purchase(s|d) checkout basket cart "
	"charge(s|d) twice bank transfer(s|red) credit debit gift(s) balance "
	"warranty repair(s|ed) replac(e|ed|ement|ing) part(s) manual(s) "
	"subscription(s) newsletter unsubscribe delete remov(e|ed) close open "
	"hours holiday(s) weekend(s) monday friday courier(s) driver(s) post "
	"pickup collect(ed|ion) locker(s) abroad international customs tax(es) "
	"fee(s) cost(s) free minimum status confirm(ed|ation) receipt(s) "
	"review(s) complain(t|ts|ed) manager(s) human agent(s) speak talk call "
	"chat help problem(s) issue(s) error(s) website app login log sign "
	"register(ed|ing) profile(s) name(s) edit(ed) lost stolen found fit(s) "
	"small large colour material(s) batter(y|ies) charger(s) cable(s) "
	"screen(s) noise faulty quality offer(s) sale deal(s) loyalty point(s) "
	"reward(s) member(s) business wholesale bulk quote(s) deposit "
	"instalment(s) loan(s) insurance policy policies rule(s) limit(s) "
	"express overnight standard economy tracking label(s) box(es) "
	"wrap(ped|ping) note(s) message(s) photo(s) proof claim(s) deadline(s)";

/* Between the words that matter. */
static const char chatter[] =
	"i the my to a is and you please it for of in on have can do me was "
	"this that not with your are but so just what get if want would like "
	"be am there has or from at they need could did will any we been no "
	"still again really very now because since hi hello thanks";

/* ---- chance ----------------------------------------------------------- */

/* Numbers that are the same on every machine (Knuth's MMIX). */
static uint64_t state;

static size_t chance(size_t n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (size_t)((state >> 33) % n);
}

/* Small numbers more often than large ones. */
static size_t low_chance(size_t n)
{
	size_t a = chance(n), b = chance(n), c = chance(n);

	a = a < b ? a : b;
	return chance(3) == 0 ? c : a;
}

/* ---- words ------------------------------------------------------------ */

struct gen_word {
	char phrase[64]; /* "order(s)" */
	char regex[64];  /* "order(?:s)?" */
	char **forms;
	size_t form_count;
};

struct pool {
	struct gen_word *words;
	size_t count, talk_count;
	char **chatter;
	size_t chatter_count;
};

static void add_form(struct gen_word *w, const char *stem, size_t n,
		     const char *ending, size_t ending_n)
{
	struct buf form = BUF_INIT;

	buf_add(&form, stem, n);
	buf_add(&form, ending, ending_n);
	w->forms =
		xreallocarray(w->forms, w->form_count + 1, sizeof(*w->forms));
	w->forms[w->form_count++] = buf_take(&form);
}

static void read_word(struct gen_word *w, const char *text, size_t n)
{
	const char *open = memchr(text, '(', n);
	size_t stem = open == NULL ? n : (size_t)(open - text);

	*w = (struct gen_word){.form_count = 0};
	snprintf(w->phrase, sizeof(w->phrase), "%.*s", (int)n, text);
	snprintf(w->regex, sizeof(w->regex), "%.*s", (int)n, text);
	add_form(w, text, stem, "", 0);
	if (open == NULL)
		return;
	snprintf(w->regex, sizeof(w->regex), "%.*s(?:%.*s)?", (int)stem, text,
		 (int)(n - stem - 2), open + 1);
	for (const char *p = open + 1; *p != ')' && p < text + n;) {
		size_t len = strcspn(p, "|)");

		add_form(w, text, stem, p, len);
		p += len + (p[len] == '|');
	}
}

static void name_goods(char out[24])
{
	static const char *const starts[] = {
		"b", "d", "f", "g", "k",  "l",  "m",  "n",  "p",  "r",
		"s", "t", "v", "z", "br", "dr", "kl", "tr", "st", "fl"};
	static const char vowels[] = "aeiou";
	size_t n = 2 + chance(2), at = 0;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, 24 - at, "%s%c",
				       starts[chance(ARRAY_LEN(starts))],
				       vowels[chance(5)]);
	snprintf(out + at, 24 - at, "%c", "nrlskx"[chance(6)]);
}

static void make_pool(struct pool *pool)
{
	struct map *seen = map_new();

	pool->words = xcalloc(GOODS + 500, sizeof(*pool->words));
	for (const char *p = talk; *p != '\0';) {
		size_t n = strcspn(p, " ");

		read_word(&pool->words[pool->count++], p, n);
		p += n + (p[n] == ' ');
	}
	pool->talk_count = pool->count;
	while (pool->count < pool->talk_count + GOODS) {
		char name[24], plural[32];

		name_goods(name);
		if (map_set(seen, str_of(name), pool) != NULL)
			continue;
		snprintf(plural, sizeof(plural), "%s(s)", name);
		read_word(&pool->words[pool->count++], plural, strlen(plural));
	}
	map_free(&seen);
	pool->chatter = xcalloc(200, sizeof(*pool->chatter));
	for (const char *p = chatter; *p != '\0';) {
		size_t n = strcspn(p, " ");

		pool->chatter[pool->chatter_count++] = xstrndup(p, n);
		p += n + (p[n] == ' ');
	}
}

static size_t some_word(const struct pool *pool)
{
	if (chance(100) < 65)
		return low_chance(pool->talk_count);
	return pool->talk_count + chance(GOODS);
}

/* ---- rules ------------------------------------------------------------ */

/* What stands in one place: one of these words. */
struct slot {
	size_t words[GROUP_WORDS];
	size_t count;
	size_t group; /* + 1; 0: written out */
};

struct gen_rule {
	struct slot slots[SLOTS_MAX];
	int gaps[SLOTS_MAX]; /* before the slot: 0, 3, 6 */
	size_t count;
};

struct generator {
	struct pool pool;
	struct slot *groups;
	size_t group_count;
	struct gen_rule *rules;
	size_t *uses; /* of words, for the rarest slot */
};

static bool slot_has(const struct slot *s, size_t word)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->words[i] == word)
			return true;
	}
	return false;
}

static void fill_slot(struct generator *g, struct slot *s, size_t n)
{
	s->count = 0;
	while (s->count < n) {
		size_t word = some_word(&g->pool);

		if (!slot_has(s, word))
			s->words[s->count++] = word;
	}
}

static void make_groups(struct generator *g, size_t rules)
{
	g->group_count = rules / 20 < 12 ? 12 : rules / 20;
	if (g->group_count > 400)
		g->group_count = 400;
	g->groups = xcalloc(g->group_count, sizeof(*g->groups));
	for (size_t i = 0; i < g->group_count; i++) {
		fill_slot(g, &g->groups[i], 3 + chance(GROUP_WORDS - 2));
		g->groups[i].group = i + 1;
	}
}

static void make_slot(struct generator *g, struct slot *s)
{
	size_t kind = chance(100);

	*s = (struct slot){.count = 0};
	if (kind < 25)
		*s = g->groups[low_chance(g->group_count)];
	else
		fill_slot(g, s, kind < 40 ? 2 + chance(3) : 1);
}

static void make_rule(struct generator *g, struct gen_rule *r)
{
	static const int gaps[] = {0, 3, 3, 6};
	size_t size = chance(100);

	r->count = size < 45 ? 2 : size < 85 ? 3 : 4;
	for (size_t i = 0; i < r->count; i++) {
		make_slot(g, &r->slots[i]);
		r->gaps[i] = gaps[chance(4)];
	}
}

static void write_slot(const struct generator *g, const struct slot *s,
		       struct buf *phrase, struct buf *regex)
{
	if (s->group > 0)
		buf_addf(phrase, "<g%zu>", s->group);
	else if (s->count > 1)
		buf_add_c(phrase, '(');
	if (s->count > 1)
		buf_add_s(regex, "(?:");
	for (size_t i = 0; i < s->count; i++) {
		const char *bar = i > 0 ? "|" : "";

		if (s->group == 0)
			buf_addf(phrase, "%s%s", bar,
				 g->pool.words[s->words[i]].phrase);
		buf_addf(regex, "%s%s", bar, g->pool.words[s->words[i]].regex);
	}
	if (s->group == 0 && s->count > 1)
		buf_add_c(phrase, ')');
	if (s->count > 1)
		buf_add_c(regex, ')');
}

static void write_rule(const struct generator *g, const struct gen_rule *r,
		       struct bench_rule *out)
{
	struct buf phrase = BUF_INIT, pcre2 = BUF_INIT, re2 = BUF_INIT;

	buf_add_s(&pcre2, "(?<![^ ])");
	buf_add_s(&re2, "(?:^| )");
	for (size_t i = 0; i < r->count; i++) {
		struct buf regex = BUF_INIT;

		if (i > 0)
			buf_add_s(&phrase, r->gaps[i] == 0   ? " "
					   : r->gaps[i] == 3 ? " ~ "
							     : " ~~ ");
		if (i > 0 && r->gaps[i] > 0) {
			buf_addf(&pcre2, "(?: [^ ]++){0,%d}?", r->gaps[i]);
			buf_addf(&re2, "(?: [^ ]+){0,%d}", r->gaps[i]);
		}
		if (i > 0) {
			buf_add_c(&pcre2, ' ');
			buf_add_c(&re2, ' ');
		}
		write_slot(g, &r->slots[i], &phrase, &regex);
		buf_add_str(&pcre2, buf_str(&regex));
		buf_add_str(&re2, buf_str(&regex));
		buf_fini(&regex);
	}
	buf_add_s(&pcre2, "(?![^ ])");
	buf_add_s(&re2, "(?: |$)");
	out->phrase = buf_take(&phrase);
	out->pcre2 = buf_take(&pcre2);
	out->re2 = buf_take(&re2);
}

static void make_rules(struct generator *g, struct bench_set *set)
{
	struct map *seen = map_new();

	g->rules = xcalloc(set->rule_count, sizeof(*g->rules));
	g->uses = xcalloc(g->pool.count, sizeof(*g->uses));
	for (size_t i = 0; i < set->rule_count;) {
		make_rule(g, &g->rules[i]);
		write_rule(g, &g->rules[i], &set->rules[i]);
		if (map_set(seen, str_of(set->rules[i].phrase), g) != NULL)
			continue; /* leaks a little; there are few */
		for (size_t s = 0; s < g->rules[i].count; s++) {
			const struct slot *slot = &g->rules[i].slots[s];

			for (size_t k = 0; k < slot->count; k++)
				g->uses[slot->words[k]]++;
		}
		i++;
	}
	map_free(&seen);
}

static size_t uses_of(const struct generator *g, const struct slot *s)
{
	size_t n = 0;

	for (size_t k = 0; k < s->count; k++)
		n += g->uses[s->words[k]];
	return n;
}

/* The slot whose words the fewest rules have. */
static void find_needed(const struct generator *g, size_t i,
			struct bench_rule *out)
{
	const struct gen_rule *r = &g->rules[i];
	const struct slot *best = &r->slots[0];

	for (size_t s = 1; s < r->count; s++) {
		if (uses_of(g, &r->slots[s]) < uses_of(g, best))
			best = &r->slots[s];
	}
	out->needed = xcalloc(best->count * 8 + 1, sizeof(*out->needed));
	for (size_t k = 0; k < best->count; k++) {
		const struct gen_word *w = &g->pool.words[best->words[k]];

		for (size_t f = 0; f < w->form_count; f++)
			out->needed[out->needed_count++] = w->forms[f];
	}
}

/* ---- YAML ------------------------------------------------------------- */

static unsigned add_line(struct buf *out, unsigned line, const char *text)
{
	buf_add_s(out, text);
	buf_add_c(out, '\n');
	return line + 1;
}

static void add_head(const struct generator *g, struct buf *out, unsigned *line)
{
	*line = add_line(out, *line, "language: en");
	*line = add_line(out, *line, "entities:");
	*line = add_line(out, *line,
			 "  order_id: {pattern: '\\b\\d{6,18}\\b'}");
	*line = add_line(out, *line, "words:");
	for (size_t i = 0; i < g->group_count; i++) {
		struct buf text = BUF_INIT;

		buf_addf(&text, "  g%zu: [", i + 1);
		for (size_t k = 0; k < g->groups[i].count; k++)
			buf_addf(&text, "%s'%s'", k > 0 ? ", " : "",
				 g->pool.words[g->groups[i].words[k]].phrase);
		buf_add_c(&text, ']');
		*line = add_line(out, *line, text.data);
		buf_fini(&text);
	}
}

static void write_file(const struct generator *g, struct bench_set *set,
		       size_t file)
{
	size_t from = file * RULES_A_FILE, end = from + RULES_A_FILE;
	struct buf text = BUF_INIT, name = BUF_INIT, piece = BUF_INIT;
	unsigned line = 1;

	if (file == 0)
		add_head(g, &text, &line);
	line = add_line(&text, line, "intents:");
	for (size_t i = from; i < end && i < set->rule_count; i++) {
		buf_clear(&piece);
		if (i % RULES_A_INTENT == 0) {
			buf_addf(&piece,
				 "  - name: i%zu\n    answer: Yes.\n"
				 "    match:",
				 i);
			line = add_line(&text, line + 2, piece.data);
			buf_clear(&piece);
		}
		buf_addf(&piece, "      - '%s'", set->rules[i].phrase);
		set->rules[i].file = file;
		set->rules[i].line = line;
		line = add_line(&text, line, piece.data);
	}
	buf_addf(&name, "g%02zu.yaml", file);
	set->files[file].length = text.len;
	set->files[file].text = buf_take(&text);
	set->files[file].name = buf_take(&name);
	buf_fini(&piece);
}

/* ---- messages --------------------------------------------------------- */

static void add_slip(struct buf *out, const char *word)
{
	size_t n = strlen(word), at = 1 + chance(n - 2);

	switch (chance(3)) {
	case 0: /* left out */
		buf_add(out, word, at);
		buf_add_s(out, word + at + 1);
		break;
	case 1: /* twice */
		buf_add(out, word, at + 1);
		buf_add_s(out, word + at);
		break;
	default: /* exchanged */
		buf_add(out, word, at);
		buf_add_c(out, word[at + 1]);
		buf_add_c(out, word[at]);
		buf_add_s(out, word + at + 2);
	}
}

static void say(struct buf *out, const char *word)
{
	if (out->len > 0 && chance(100) >= 2) /* or run together */
		buf_add_c(out, ' ');
	if (strlen(word) >= 5 && chance(100) < 5)
		add_slip(out, word);
	else
		buf_add_s(out, word);
}

static void say_form(struct buf *out, const struct gen_word *w)
{
	say(out, w->forms[chance(w->form_count)]);
}

static void say_any(struct buf *out, const struct pool *pool)
{
	size_t kind = chance(100);

	if (kind < 55)
		say(out, pool->chatter[low_chance(pool->chatter_count)]);
	else
		say_form(out, &pool->words[some_word(pool)]);
}

static void say_rule(struct buf *out, const struct generator *g,
		     const struct gen_rule *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct slot *s = &r->slots[i];

		if (i > 0 && r->gaps[i] > 0)
			for (size_t k = chance(3); k > 0; k--)
				say_any(out, &g->pool);
		say_form(out, &g->pool.words[s->words[chance(s->count)]]);
	}
}

static char *make_message(const struct generator *g,
			  const struct bench_set *set)
{
	size_t words = 4 + low_chance(20), rule_at = words, sentence_at = words;
	struct buf out = BUF_INIT;
	char number[16];

	if (chance(2) == 0)
		rule_at = chance(words);
	if (words > 8 && chance(3) == 0)
		sentence_at = words / 2;
	for (size_t i = 0; i < words; i++) {
		if (i == sentence_at)
			buf_add_c(&out, "?.!"[chance(3)]);
		if (i == rule_at)
			say_rule(&out, g, &g->rules[chance(set->rule_count)]);
		else
			say_any(&out, &g->pool);
	}
	if (chance(6) == 0) {
		snprintf(number, sizeof(number), " %zu",
			 (size_t)10000000 + chance(90000000));
		buf_add_s(&out, number);
	}
	return buf_take(&out);
}

/* ---- all -------------------------------------------------------------- */

void bench_generate(struct bench_set *set, size_t rules, size_t messages,
		    uint64_t seed)
{
	struct generator g = {.group_count = 0};

	state = seed + rules;
	*set = (struct bench_set){
		.rule_count = rules,
		.message_count = messages,
		.file_count = (rules + RULES_A_FILE - 1) / RULES_A_FILE,
	};
	set->rules = xcalloc(rules, sizeof(*set->rules));
	set->files = xcalloc(set->file_count, sizeof(*set->files));
	set->messages = xcalloc(messages, sizeof(*set->messages));
	make_pool(&g.pool);
	make_groups(&g, rules);
	make_rules(&g, set);
	for (size_t i = 0; i < rules; i++)
		find_needed(&g, i, &set->rules[i]);
	for (size_t i = 0; i < set->file_count; i++)
		write_file(&g, set, i);
	for (size_t i = 0; i < messages; i++)
		set->messages[i] = make_message(&g, set);
}
