/* Tags of questions under way. */
#include "tags.h"

#include "check.h"

static void a_tag_leads_to_its_asker_once(void)
{
	struct tags tags = {0};
	int a, b;
	uint64_t of_a = tags_add(&tags, &a), of_b = tags_add(&tags, &b);

	CHECK(of_a != 0 && of_b != 0 && of_a != of_b);
	CHECK(tags_take(&tags, of_b) == &b && tags_take(&tags, of_b) == NULL);
	CHECK(tags_take(&tags, of_a) == &a && tags_take(&tags, of_a) == NULL);
	tags_fini(&tags);
}

static void what_never_was_a_tag_leads_to_nobody(void)
{
	struct tags tags = {0};
	int a;
	uint64_t tag;

	CHECK(tags_take(&tags, 0) == NULL && tags_take(&tags, 1) == NULL);
	tag = tags_add(&tags, &a);
	CHECK(tags_take(&tags, 0) == NULL && tags_take(&tags, tag + 1) == NULL);
	CHECK(tags_take(&tags, UINT64_MAX) == NULL);
	CHECK(tags_take(&tags, tag) == &a);
	tags_fini(&tags);
}

static void an_old_tag_does_not_lead_to_who_has_its_place(void)
{
	struct tags tags = {0};
	int a, b;
	uint64_t old = tags_add(&tags, &a), now;

	tags_take(&tags, old);
	now = tags_add(&tags, &b);
	CHECK(now != old && tags_take(&tags, old) == NULL);
	CHECK(tags_take(&tags, now) == &b);
	tags_fini(&tags);
}

static void places_are_had_again(void)
{
	struct tags tags = {0};
	uint64_t under_way[100];
	int askers[100];

	for (int turn = 0; turn < 50; turn++) {
		for (int i = 0; i < 100; i++)
			under_way[i] = tags_add(&tags, &askers[i]);
		for (int i = 0; i < 100; i++) {
			int at = (i * 7 + turn) % 100;

			CHECK(tags_take(&tags, under_way[at]) == &askers[at]);
		}
	}
	CHECK(tags.count == 100);
	tags_fini(&tags);
}

int main(void)
{
	RUN(a_tag_leads_to_its_asker_once);
	RUN(what_never_was_a_tag_leads_to_nobody);
	RUN(an_old_tag_does_not_lead_to_who_has_its_place);
	RUN(places_are_had_again);
	return check_done("chat/tags");
}
