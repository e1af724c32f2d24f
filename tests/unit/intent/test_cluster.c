/* Which messages are one topic, what it is called, and the intent drafted. */
#include "intent/cluster.h"

#include "base/mem.h"
#include "load.h"

#define MESSAGES_MAX 64

/* What shoppers ask that no rule answers: three subjects and an odd one. */
static const char *const asked[] = {
	"What is the balance on my gift card?",
	"how do I check my gift card balance",
	"gift card balance please",
	"can you tell me the balance of a giftcard gift card",
	"Do you sell vegan leather shoes?",
	"are any of your shoes made of vegan leather",
	"looking for vegan shoes",
	"is the leather of these shoes vegan?",
	"my dog ate the instruction manual",
	"can you engrave a name on the ring",
	"engraving on a ring, is that possible",
	"Do you engrave rings?",
};

static struct clusters *cluster_all(const char *const *texts, size_t n)
{
	static struct cluster_message list[MESSAGES_MAX];

	for (size_t i = 0; i < n; i++)
		list[i] =
			(struct cluster_message){str_of(texts[i]), i >= n / 2};
	return clusters_new(list, n);
}

/* The cluster that has message `m`. */
static size_t home(const struct clusters *cs, uint32_t m)
{
	for (size_t i = 0; i < clusters_count(cs); i++) {
		const struct cluster *c = clusters_get(cs, i);

		for (size_t k = 0; k < c->count; k++) {
			if (c->members[k] == m)
				return i;
		}
	}
	return SIZE_MAX;
}

static void what_is_asked_in_like_words_is_one_topic(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));

	CHECK(clusters_count(cs) == 4);
	for (uint32_t i = 1; i < 4; i++)
		CHECK(home(cs, i) == home(cs, 0));
	for (uint32_t i = 5; i < 8; i++)
		CHECK(home(cs, i) == home(cs, 4));
	CHECK(home(cs, 10) == home(cs, 9) && home(cs, 11) == home(cs, 9));
	CHECK(home(cs, 0) != home(cs, 4) && home(cs, 4) != home(cs, 9));
	CHECK(clusters_get(cs, home(cs, 8))->count == 1);
	CHECK(clusters_get(cs, 4) == NULL);
	clusters_free(&cs);
	CHECK(cs == NULL);
}

static void the_largest_stands_first_and_every_message_in_one(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));
	size_t sum = 0, late = 0;

	for (size_t i = 0; i < clusters_count(cs); i++) {
		const struct cluster *c = clusters_get(cs, i);

		CHECK(i == 0 || clusters_get(cs, i - 1)->count >= c->count);
		sum += c->count;
		late += c->late;
	}
	for (uint32_t m = 0; m < ARRAY_LEN(asked); m++)
		CHECK(home(cs, m) != SIZE_MAX);
	CHECK(sum == ARRAY_LEN(asked) && late == ARRAY_LEN(asked) / 2);
	CHECK(clusters_get(cs, home(cs, 0))->late == 0);
	CHECK(clusters_get(cs, home(cs, 9))->late == 3);
	CHECK(clusters_get(cs, home(cs, 4))->late == 2);
	clusters_free(&cs);
}

static void a_topic_is_named_by_its_words_and_no_two_alike(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));

	CHECK_STR(clusters_get(cs, home(cs, 0))->name, "balance_gift_card");
	CHECK(clusters_get(cs, home(cs, 0))->word_count >= 3);
	for (size_t i = 0; i < clusters_count(cs); i++) {
		const char *name = clusters_get(cs, i)->name;

		CHECK(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		      strlen(name));
		CHECK(*name != '\0' && strlen(name) <= 64);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(name, clusters_get(cs, k)->name) != 0);
	}
	clusters_free(&cs);
}

static void equal_messages_give_equal_topics(void)
{
	struct clusters *a = cluster_all(asked, ARRAY_LEN(asked));
	struct clusters *b = cluster_all(asked, ARRAY_LEN(asked));
	struct buf one = BUF_INIT, two = BUF_INIT;

	CHECK(clusters_count(a) == clusters_count(b));
	for (size_t i = 0; i < clusters_count(a); i++) {
		const struct cluster *x = clusters_get(a, i);
		const struct cluster *y = clusters_get(b, i);

		CHECK_STR(x->name, y->name);
		CHECK(x->count == y->count &&
		      memcmp(x->members, y->members,
			     x->count * sizeof(*x->members)) == 0);
	}
	CHECK(clusters_draft(a, 100, STR_NONE, SIZE_MAX, &one) ==
	      clusters_count(a));
	CHECK(clusters_draft(b, 100, STR_NONE, SIZE_MAX, &two) ==
	      clusters_count(b));
	CHECK_STR(one.data, two.data);
	buf_fini(&one);
	buf_fini(&two);
	clusters_free(&a);
	clusters_free(&b);
}

static void letters_endings_and_slips_do_not_part_them(void)
{
	static const char *const texts[] = {
		"warranty of my kettle", "WARRANTY for kettles",
		"kettle warranty?",      "the kettle's warranty",
		"warranty on a kettle",  "my kettle has a warranty?",
		"kettle waranty",        "Kétlle wärranty",
	};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));

	for (uint32_t i = 1; i < 7; i++)
		CHECK(home(cs, i) == home(cs, 0));
	CHECK(home(cs, 7) == home(cs, 0));
	CHECK(strstr(clusters_get(cs, home(cs, 0))->name, "warranty") != NULL);
	clusters_free(&cs);
}

static void numbers_links_and_names_do_not_join_them(void)
{
	static const char *const texts[] = {
		"@shop https://example.org/kettle 12345",
		"@shop https://example.org/kettle ####",
		"",
		"...",
		"12345 #### 99",
	};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));

	CHECK(clusters_wordless(cs) == 5);
	CHECK(clusters_count(cs) == 0);
	clusters_free(&cs);
}

static void common_words_count_where_there_are_no_others(void)
{
	static const char *const texts[] = {"how are you", "how are you?",
					    "what is this"};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));

	CHECK(clusters_count(cs) == 2);
	CHECK(home(cs, 0) == home(cs, 1) && home(cs, 0) != home(cs, 2));
	clusters_free(&cs);
	cs = clusters_new(NULL, 0);
	CHECK(clusters_count(cs) == 0 && clusters_wordless(cs) == 0);
	clusters_free(&cs);
}

/* As the operator does it: a file around it, and the answer written. */
static char *filled(const char *draft, bool answered)
{
	static char text[16384];
	char *at;

	snprintf(text, sizeof(text), "intents:\n%s", draft);
	while (answered && (at = strstr(text, "# answer:")) != NULL)
		memmove(at, at + 2, strlen(at + 2) + 1);
	while (answered && (at = strstr(text, "#   - 'What the")) != NULL)
		memmove(at, at + 2, strlen(at + 2) + 1);
	return text;
}

static void drafts_load_once_their_answers_are_written(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));
	struct buf draft = BUF_INIT;
	struct catalog *c;

	CHECK(clusters_draft(cs, 100, STR_NONE, SIZE_MAX, &draft) == 4);
	CHECK(refuses(filled(draft.data, false), "has no answer"));
	CHECK(strstr(draft.data, "FILL IN") != NULL);
	c = load(filled(draft.data, true)); /* runs the examples */
	CHECK_STR(load_findings.data, "");
	CHECK(c != NULL && catalog_count(c) == 4);
	for (size_t i = 0; c != NULL && i < 3; i++)
		CHECK_STR(outcome_of(c, asked[clusters_get(cs, i)->members[0]]),
			  clusters_get(cs, i)->name);
	catalog_free(&c);
	buf_fini(&draft);
	clusters_free(&cs);
}

static void a_draft_matches_its_topic_and_not_the_others(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));
	size_t first = clusters_get(cs, 0)->members[0];
	struct buf draft = BUF_INIT;
	struct catalog *c;

	CHECK(clusters_draft(cs, 1, STR_NONE, SIZE_MAX, &draft) == 1);
	c = load_right(filled(draft.data, true));
	CHECK(catalog_count(c) == 1);
	CHECK_STR(outcome_of(c, asked[first]), clusters_get(cs, 0)->name);
	for (uint32_t m = 0; m < ARRAY_LEN(asked); m++) {
		if (home(cs, m) != 0)
			CHECK_STR(outcome_of(c, asked[m]), "-");
	}
	catalog_free(&c);
	buf_fini(&draft);
	clusters_free(&cs);
}

/* Two topics whose phrases meet in some messages: these are no examples. */
static void examples_hold_beside_the_other_drafts(void)
{
	static const char *const texts[] = {
		"gift card balance",
		"balance of my gift card",
		"what is on the gift card, the balance",
		"check gift card balance",
		"balance on a gift card",
		"the gift card and its balance",
		"vegan leather shoes",
		"shoes of vegan leather",
		"do you have vegan leather shoes",
		"any vegan shoes, not leather",
		"leather shoes that are vegan",
		"sell me vegan leather shoes",
		"my gift card balance for vegan leather shoes",
	};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));
	struct buf draft = BUF_INIT;
	struct catalog *c;

	clusters_draft(cs, 100, STR_NONE, SIZE_MAX, &draft);
	c = load(filled(draft.data, true));
	CHECK_STR(load_findings.data, "");
	CHECK(c != NULL);
	CHECK(clusters_count(cs) == 2);
	CHECK(strstr(draft.data, "      - 'gift card balance'\n") != NULL);
	CHECK(strstr(draft.data, "      - 'vegan leather shoes'\n") != NULL);
	CHECK(strstr(draft.data, "    #  - 'my gift card balance for") != NULL);
	catalog_free(&c);
	buf_fini(&draft);
	clusters_free(&cs);
}

static void no_more_is_drafted_than_there_is_room_for(void)
{
	struct clusters *cs = cluster_all(asked, ARRAY_LEN(asked));
	struct buf all = BUF_INIT, some = BUF_INIT;
	size_t done;

	clusters_draft(cs, 100, STR_NONE, SIZE_MAX, &all);
	done = clusters_draft(cs, 100, STR_NONE, all.len - 1, &some);
	CHECK(done == 3 && some.len < all.len);
	CHECK(strncmp(some.data, all.data, some.len) == 0);
	buf_clear(&some);
	CHECK(clusters_draft(cs, 100, STR_NONE, 10, &some) == 0 &&
	      some.len == 0);
	buf_fini(&all);
	buf_fini(&some);
	clusters_free(&cs);
}

static void what_strangers_wrote_cannot_break_out_of_a_draft(void)
{
	static const char *const texts[] = {
		"it's a 'kettle' warranty\n  - name: evil",
		"kettle warranty: {a: [b]} # & *x !y |",
		"kettle\twarranty\x01\x1b[31m\xc2\x85 \xef\xbb\xbf",
		"kettle warranty \xe2\x80\xa8intents: []",
	};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));
	struct buf draft = BUF_INIT;
	struct catalog *c;

	CHECK(clusters_get(cs, 0)->count == 4);
	clusters_draft(cs, 1, STR_NONE, SIZE_MAX, &draft);
	c = load(filled(draft.data, true));
	CHECK_STR(load_findings.data, "");
	CHECK(c != NULL && catalog_count(c) == 1);
	catalog_free(&c);
	buf_fini(&draft);
	clusters_free(&cs);
}

static void a_topic_without_latin_letters_has_a_name_and_a_draft_too(void)
{
	static const char *const texts[] = {
		"\xd0\xb3\xd0\xb0\xd1\x80\xd0\xb0\xd0\xbd\xd1\x82\xd0\xb8\xd1"
		"\x8f \xd1\x87\xd0\xb0\xd0\xb9\xd0\xbd\xd0\xb8\xd0\xba",
		"\xd1\x87\xd0\xb0\xd0\xb9\xd0\xbd\xd0\xb8\xd0\xba "
		"\xd0\xb3\xd0\xb0\xd1\x80\xd0\xb0\xd0\xbd\xd1\x82\xd0\xb8\xd1"
		"\x8f",
	};
	struct clusters *cs = cluster_all(texts, ARRAY_LEN(texts));
	struct buf draft = BUF_INIT;
	struct catalog *c;

	CHECK(clusters_count(cs) == 1);
	CHECK_STR(clusters_get(cs, 0)->name, "topic");
	clusters_draft(cs, 1, STR_NONE, SIZE_MAX, &draft);
	c = load(filled(draft.data, true));
	CHECK(c != NULL);
	if (c != NULL)
		CHECK_STR(outcome_of(c, texts[1]), "topic");
	catalog_free(&c);
	buf_fini(&draft);
	clusters_free(&cs);
}

/* Fifty thousand messages, of which many share words: bounded, since each is
 * compared with so many others at most. Those over the limit are left out. */
static void many_messages_are_grouped_up_to_the_limit(void)
{
	static const char *const kinds[] = {"kettle", "lamp", "sofa", "ring"};
	static const char *const asks[] = {"warranty", "colour", "repair"};
	size_t n = CLUSTER_MAX_MESSAGES + 100, sum = 0;
	struct cluster_message *list = xcalloc(n, sizeof(*list));
	char(*texts)[64] = xcalloc(n, sizeof(*texts));
	struct clusters *cs;

	for (size_t i = 0; i < n; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%s of my %s %c%c%c",
			 asks[i / 4 % 3], kinds[i % 4], (char)('a' + i % 26),
			 (char)('a' + i / 26 % 26), (char)('a' + i / 676 % 26));
		list[i].text = str_of(texts[i]);
	}
	cs = clusters_new(list, n);
	for (size_t i = 0; i < clusters_count(cs); i++)
		sum += clusters_get(cs, i)->count;
	CHECK(sum == CLUSTER_MAX_MESSAGES);
	CHECK(clusters_get(cs, 0)->count > 1000);
	clusters_free(&cs);
	free(list);
	free(texts);
}

int main(void)
{
	RUN(what_is_asked_in_like_words_is_one_topic);
	RUN(the_largest_stands_first_and_every_message_in_one);
	RUN(a_topic_is_named_by_its_words_and_no_two_alike);
	RUN(equal_messages_give_equal_topics);
	RUN(letters_endings_and_slips_do_not_part_them);
	RUN(numbers_links_and_names_do_not_join_them);
	RUN(common_words_count_where_there_are_no_others);
	RUN(drafts_load_once_their_answers_are_written);
	RUN(a_draft_matches_its_topic_and_not_the_others);
	RUN(examples_hold_beside_the_other_drafts);
	RUN(no_more_is_drafted_than_there_is_room_for);
	RUN(what_strangers_wrote_cannot_break_out_of_a_draft);
	RUN(a_topic_without_latin_letters_has_a_name_and_a_draft_too);
	RUN(many_messages_are_grouped_up_to_the_limit);
	buf_fini(&load_findings);
	return check_done("intent/cluster");
}
