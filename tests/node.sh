#!/bin/sh
# node.sh SUITE [NAME]: runs tests/SUITE/*.test.mjs (or only NAME.test.mjs)
# with node's own test runner, two files at a time (TEST_JOBS=; four in the
# black-box suite, which waits more than it works), and ends with the suite's
# count in one line. In the suites of real programs (browser, blackbox) a test
# that failed is run once more, alone: it counts as passed if it passes then,
# and is named as flaky. What cannot be chance is not (results.mjs).
suite=$1
only=${2:-*}
cd "$(dirname "$0")" || exit 1
name=${suite##*/}
results=$(mktemp)
again=$(mktemp)
trap 'rm -f "$results" "$again"' EXIT
# shellcheck disable=SC2086
set -- $suite/$only.test.mjs
case $name in
blackbox) jobs=${TEST_JOBS:-4} ;;
*) jobs=${TEST_JOBS:-2} ;;
esac
if [ ! -e "$1" ]; then
	echo "$name: no test file $1" >&2
	echo "$name: 0 passed, 1 failed"
	exit 1
fi
node --test --test-concurrency="$jobs" \
	--test-reporter=spec --test-reporter-destination=stdout \
	--test-reporter="$PWD/results.mjs" --test-reporter-destination="$results" \
	"$@"
status=$?
count()
{
	sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$results" | tail -n 1
}
passed=$(count pass)
failed=$(($(count fail) + $(count cancelled)))
skipped=$(($(count skipped) + $(count todo)))
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
	failed=1
fi
case $name in
browser | blackbox) tries=2 ;;
*) tries=1 ;;
esac
if [ "$tries" -gt 1 ] && grep -q '^{' "$results" &&
	node again.mjs "$results" >"$again"; then
	flaky=$(tail -n 1 "$again")
	sed '$d' "$again"
	passed=$((passed + flaky))
	failed=$((failed - flaky))
fi
line="$name: ${passed:-0} passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
	line="$line, $skipped skipped"
fi
echo "$line"
[ "$failed" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
