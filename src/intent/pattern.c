/* PCRE2 with everything bounded; see pattern.h.
 *
 * What a message may cost: PCRE2's match limit counts from each start offset
 * anew, so one search costs up to starts x limit steps. The limit is therefore
 * SEARCH_STEPS divided by the length of the subject, between STEPS_MIN and
 * STEPS_MAX. A search that reaches it in JIT code is tried once more in the
 * interpreter, which counts more exactly; after GIVE_UP_AFTER such searches
 * the message has used up its budget and the rest of them give up at once. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define STEPS_MAX     5000
#define STEPS_MIN     250
#define SEARCH_STEPS  1000000
#define DEPTH_MAX     1000
#define HEAP_KIB_MAX  512
#define JIT_STACK_MAX (128 * 1024)
#define GIVE_UP_AFTER 4
#define PAIRS         1

struct pattern {
	pcre2_code *code;
	bool jit;
	bool has_first;    /* `first` says something */
	uint64_t first[4]; /* bits: bytes */
	_Atomic uint64_t limits_hit;
};

struct engine {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	unsigned limits_hit; /* since engine_begin() */
};

struct byte_set byte_set_of(struct str text)
{
	struct byte_set set = {{false}};

	for (size_t i = 0; i < text.n; i++)
		set.has[(unsigned char)text.p[i]] = true;
	return set;
}

static void add_first(struct pattern *p, unsigned char c)
{
	p->first[c / 64] |= UINT64_C(1) << c % 64;
}

/* Which bytes a match can begin with, where PCRE2 knows. */
static void learn_first(struct pattern *p)
{
	const uint8_t *map = NULL;
	uint32_t type = 0, unit = 0;

	pcre2_pattern_info(p->code, PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(p->code, PCRE2_INFO_FIRSTBITMAP, &map);
	if (map != NULL) {
		for (unsigned c = 0; c < 256; c++) {
			if (map[c / 8] >> c % 8 & 1)
				add_first(p, (unsigned char)c);
		}
		p->has_first = true;
	} else if (type == 1) {
		pcre2_pattern_info(p->code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
		add_first(p, (unsigned char)unit);
		if (unit >= 'a' && unit <= 'z')
			add_first(p, (unsigned char)(unit - 32));
		if (unit >= 'A' && unit <= 'Z')
			add_first(p, (unsigned char)(unit + 32));
		p->has_first = unit < 0x80;
	}
}

static bool is_refused(const struct pattern *p, struct buf *why)
{
	uint32_t refs = 0, empty = 0;

	pcre2_pattern_info(p->code, PCRE2_INFO_BACKREFMAX, &refs);
	pcre2_pattern_info(p->code, PCRE2_INFO_MATCHEMPTY, &empty);
	if (refs > 0)
		buf_add_s(why, "a back reference, whose cost nothing bounds; "
			       "write the alternatives out");
	else if (empty != 0)
		buf_add_s(why, "it matches the empty text, so it would always "
			       "hold; make a part of it necessary");
	return refs > 0 || empty != 0;
}

struct pattern *pattern_new(struct str source, bool caseless, bool jit,
			    struct buf *why, size_t *at)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C |
			   PCRE2_NEVER_UCP | PCRE2_DUPNAMES |
			   (caseless ? PCRE2_CASELESS : 0);
	struct pattern *p = xcalloc(1, sizeof(*p));
	PCRE2_UCHAR reason[200];
	int code;

	*at = 0;
	if (source.n > PATTERN_MAX_BYTES) {
		buf_addf(why, "it is over %d bytes with its word groups",
			 PATTERN_MAX_BYTES);
		pattern_free(&p);
		return NULL;
	}
	p->code = pcre2_compile((PCRE2_SPTR)source.p, source.n, options, &code,
				at, NULL);
	if (p->code == NULL) {
		pcre2_get_error_message(code, reason, sizeof(reason));
		buf_add_s(why, (const char *)reason);
		pattern_free(&p);
		return NULL;
	}
	if (is_refused(p, why)) {
		pattern_free(&p);
		return NULL;
	}
	learn_first(p);
	if (jit && pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE) == 0) {
		size_t size = 0;

		pcre2_pattern_info(p->code, PCRE2_INFO_JITSIZE, &size);
		p->jit = size > 0;
	}
	return p;
}

void pattern_free(struct pattern **pp)
{
	if (*pp == NULL)
		return;
	pcre2_code_free((*pp)->code);
	free(*pp);
	*pp = NULL;
}

bool pattern_has_jit(const struct pattern *p)
{
	return p->jit;
}

size_t pattern_bytes(const struct pattern *p)
{
	size_t code = 0, jit_code = 0;

	if (p == NULL)
		return 0;
	pcre2_pattern_info(p->code, PCRE2_INFO_SIZE, &code);
	pcre2_pattern_info(p->code, PCRE2_INFO_JITSIZE, &jit_code);
	return sizeof(*p) + code + jit_code;
}

uint64_t pattern_limits_hit(const struct pattern *p)
{
	return atomic_load_explicit(&((struct pattern *)p)->limits_hit,
				    memory_order_relaxed);
}

bool pattern_may_start(const struct pattern *p, const struct byte_set *bytes)
{
	if (!p->has_first)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(p->first); i++) {
		for (uint64_t left = p->first[i]; left != 0; left &= left - 1) {
			if (bytes->has[i * 64 + (size_t)__builtin_ctzll(left)])
				return true;
		}
	}
	return false;
}

struct engine *engine_new(void)
{
	struct engine *e = xcalloc(1, sizeof(*e));

	e->data = pcre2_match_data_create(PAIRS, NULL);
	e->context = pcre2_match_context_create(NULL);
	if (e->data == NULL || e->context == NULL)
		abort(); /* as xmalloc() would */
	pcre2_set_depth_limit(e->context, DEPTH_MAX);
	pcre2_set_heap_limit(e->context, HEAP_KIB_MAX);
	/* NULL without JIT in the build or in the sandbox: not needed then. */
	e->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
	if (e->stack != NULL)
		pcre2_jit_stack_assign(e->context, NULL, e->stack);
	return e;
}

void engine_free(struct engine **ep)
{
	if (*ep == NULL)
		return;
	pcre2_jit_stack_free((*ep)->stack);
	pcre2_match_context_free((*ep)->context);
	pcre2_match_data_free((*ep)->data);
	free(*ep);
	*ep = NULL;
}

void engine_begin(struct engine *e)
{
	e->limits_hit = 0;
}

unsigned engine_limits_hit(const struct engine *e)
{
	return e->limits_hit;
}

static uint32_t step_limit(size_t subject_bytes)
{
	size_t steps = SEARCH_STEPS / (subject_bytes + 1);

	if (steps > STEPS_MAX)
		return STEPS_MAX;
	return (uint32_t)(steps < STEPS_MIN ? STEPS_MIN : steps);
}

static void count_limit(const struct pattern *p, struct engine *e)
{
	e->limits_hit++;
	atomic_fetch_add_explicit(&((struct pattern *)p)->limits_hit, 1,
				  memory_order_relaxed);
}

/* PCRE2's own codes: 0 and up is a match (0: more groups than PAIRS). A limit
 * is counted also where the interpreter then finds the answer. */
static int run(const struct pattern *p, struct engine *e, struct str s,
	       size_t from)
{
	int got;

	if (p->jit) {
		got = pcre2_jit_match(p->code, (PCRE2_SPTR)s.p, s.n, from,
				      PCRE2_NO_UTF_CHECK, e->data, e->context);
		if (got >= PCRE2_ERROR_NOMATCH)
			return got;
		count_limit(p, e);
	}
	got = pcre2_match(p->code, (PCRE2_SPTR)s.p, s.n, from,
			  PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, e->data,
			  e->context);
	if (got < PCRE2_ERROR_NOMATCH && !p->jit)
		count_limit(p, e);
	return got;
}

enum pattern_result pattern_find(const struct pattern *p, struct engine *e,
				 struct str subject, size_t from,
				 struct span *found)
{
	const PCRE2_SIZE *pair;
	int got;

	if (e->limits_hit >= GIVE_UP_AFTER)
		return PATTERN_LIMIT;
	pcre2_set_match_limit(e->context, step_limit(subject.n));
	got = run(p, e, subject, from);
	if (got < 0)
		return got == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_LIMIT;
	if (found != NULL) {
		pair = pcre2_get_ovector_pointer(e->data);
		found->at = pair[0];
		found->len = pair[1] > pair[0] ? pair[1] - pair[0] : 0;
	}
	return PATTERN_YES;
}
