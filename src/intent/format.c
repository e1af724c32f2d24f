/* Dates, amounts and lists as people of a language write them. A value that
 * is not what the format expects is shown as it is. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/moment.h"
#include "rules.h"
#include "template.h"

/* What a language file does not say. */
static const struct {
	const char *tag;
	char decimal, thousands;
	bool symbol_behind;
	const char *list_and;
	const char *date;
} habits[] = {
	{"en", '.', ',', false, "and", "{weekday}, {day} {month} {year}"},
	{"de", ',', '.', true, "und", "{weekday}, {day}. {month} {year}"},
	{"fr", ',', ' ', true, "et", "{weekday} {day} {month} {year}"},
	{"es", ',', '.', true, "y", "{weekday}, {day} de {month} de {year}"},
	{"it", ',', '.', true, "e", "{weekday} {day} {month} {year}"},
};

static size_t habit_of(const struct language *language)
{
	for (size_t i = 0; language != NULL && i < ARRAY_LEN(habits); i++) {
		if (str_is(language->tag, habits[i].tag))
			return i;
	}
	return 0;
}

/* ---- dates ------------------------------------------------------------ */

/* "2024-05-04", with or without a time, or milliseconds since 1970: as days
 * since then. */
static bool parse_date(struct str s, int64_t *days)
{
	uint64_t ms;

	if (s.n >= 10 && moment_parse_date((struct str){s.p, 10}, days))
		return true;
	if (s.n < 11 || !str_to_u64(s, UINT64_C(99999999999999), &ms))
		return false;
	*days = (int64_t)ms / MOMENT_DAY_MS;
	return true;
}

/* From Monday, which is 0; 1970 began with a Thursday. */
static int weekday_of(int64_t days)
{
	return (int)((days + 3) % 7);
}

/* Names of days and months are capitalised where they stand in a text. */
static void add_name(struct buf *out, const struct text *names, int i)
{
	size_t at = out->len;

	buf_add_str(out, names[i].s);
	if (out->len > at && out->data[at] >= 'a' && out->data[at] <= 'z')
		out->data[at] -= 'a' - 'A';
}

static void add_date(const char *format, int64_t days, const struct language *l,
		     struct buf *out)
{
	struct moment_date date = moment_date(days);

	while (*format != '\0') {
		if (strncmp(format, "{weekday}", 9) == 0) {
			add_name(out, l->weekdays, weekday_of(days));
			format += 9;
		} else if (strncmp(format, "{month}", 7) == 0) {
			add_name(out, l->months, date.month - 1);
			format += 7;
		} else if (strncmp(format, "{day}", 5) == 0) {
			buf_addf(out, "%d", date.day);
			format += 5;
		} else if (strncmp(format, "{year}", 6) == 0) {
			buf_addf(out, "%d", date.year);
			format += 6;
		} else {
			buf_add_c(out, *format++);
		}
	}
}

void format_date(struct str value, const struct language *l, struct buf *out)
{
	int64_t days;

	if (!parse_date(str_trim(value), &days)) {
		buf_add_str(out, value);
	} else if (l == NULL || l->months == NULL || l->weekdays == NULL) {
		struct moment_date date = moment_date(days);

		buf_addf(out, "%04d-%02d-%02d", date.year, date.month,
			 date.day);
	} else {
		add_date(l->date.s.p != NULL ? l->date.s.p
					     : habits[habit_of(l)].date,
			 days, l, out);
	}
}

/* ---- amounts ---------------------------------------------------------- */

static const struct {
	const char *code, *symbol;
} currencies[] = {
	{"EUR", "€"}, {"USD", "$"}, {"GBP", "£"}, {"INR", "₹"}, {"JPY", "¥"},
};

/* "1234.5" to "1,234.50". */
static bool add_amount(struct str number, size_t habit, struct buf *out)
{
	size_t whole = 0, i = 0;
	bool minus = number.n > 0 && number.p[0] == '-';

	if (minus)
		number = (struct str){number.p + 1, number.n - 1};
	while (whole < number.n && number.p[whole] >= '0' &&
	       number.p[whole] <= '9')
		whole++;
	if (whole == 0 || whole > 12)
		return false;
	for (i = whole + 1; i < number.n; i++) {
		if (number.p[i] < '0' || number.p[i] > '9')
			return false;
	}
	if (whole < number.n && number.p[whole] != '.')
		return false;
	if (minus)
		buf_add_c(out, '-');
	for (i = 0; i < whole; i++) {
		if (i > 0 && (whole - i) % 3 == 0)
			buf_add_c(out, habits[habit].thousands);
		buf_add_c(out, number.p[i]);
	}
	buf_add_c(out, habits[habit].decimal);
	buf_add_c(out, whole + 1 < number.n ? number.p[whole + 1] : '0');
	buf_add_c(out, whole + 2 < number.n ? number.p[whole + 2] : '0');
	return true;
}

static const char *symbol_of(struct str code)
{
	for (size_t i = 0; i < ARRAY_LEN(currencies); i++) {
		if (str_is(code, currencies[i].code))
			return currencies[i].symbol;
	}
	return NULL;
}

/* "12.5 EUR", "EUR 12.5" or "12.5". */
void format_money(struct str value, const struct language *l, struct buf *out)
{
	size_t habit = habit_of(l);
	struct str number = str_trim(value), code = STR_NONE;
	const char *blank =
		number.n > 0 ? memchr(number.p, ' ', number.n) : NULL;
	struct buf amount = BUF_INIT;
	const char *symbol;

	if (blank != NULL) {
		struct str left = {number.p, (size_t)(blank - number.p)};
		struct str right = {blank + 1, number.n - left.n - 1};
		bool code_first = left.n > 0 && left.p[0] >= 'A';

		code = code_first ? left : right;
		number = code_first ? right : left;
	}
	if (!add_amount(number, habit, &amount)) {
		buf_add_str(out, value);
		buf_fini(&amount);
		return;
	}
	symbol = symbol_of(code);
	if (code.p == NULL)
		buf_add_str(out, buf_str(&amount));
	else if (symbol != NULL && !habits[habit].symbol_behind)
		buf_addf(out, "%s%s", symbol, amount.data);
	else if (symbol != NULL)
		buf_addf(out, "%s %s", amount.data, symbol);
	else
		buf_addf(out, "%s %.*s", amount.data, STR_ARG(code));
	buf_fini(&amount);
}

/* ---- lists ------------------------------------------------------------ */

/* "a, b, c" to "a, b and c". */
void format_list(struct str value, const struct language *l, struct buf *out)
{
	const char *word = l != NULL && l->list_and.s.p != NULL
				   ? l->list_and.s.p
				   : habits[habit_of(l)].list_and;
	size_t i = 0, n = 0;

	while (i <= value.n) {
		const char *comma =
			i < value.n ? memchr(value.p + i, ',', value.n - i)
				    : NULL;
		size_t end =
			comma != NULL ? (size_t)(comma - value.p) : value.n;
		struct str item = str_trim((struct str){value.p + i, end - i});

		i = end + 1;
		if (item.n == 0)
			continue;
		if (n > 0 && end >= value.n)
			buf_addf(out, " %s ", word);
		else if (n > 0)
			buf_add_s(out, ", ");
		buf_add_str(out, item);
		n++;
	}
}
