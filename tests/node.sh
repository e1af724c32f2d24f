#!/bin/sh
# node.sh SUITE [NAME]: runs tests/SUITE/*.test.mjs (or only NAME.test.mjs)
# with node's own test runner, two files at a time, and ends with the suite's
# count in one line.
suite=$1
only=${2:-*}
cd "$(dirname "$0")" || exit 1
tap=$(mktemp)
trap 'rm -f "$tap"' EXIT
# shellcheck disable=SC2086
set -- $suite/$only.test.mjs
if [ ! -e "$1" ]; then
	echo "$suite: no test file $1" >&2
	echo "$suite: 0 passed, 1 failed"
	exit 1
fi
node --test --test-concurrency="${TEST_JOBS:-2}" \
	--test-reporter=spec --test-reporter-destination=stdout \
	--test-reporter=tap --test-reporter-destination="$tap" "$@"
status=$?
count()
{
	sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$tap" | tail -n 1
}
passed=$(count pass)
failed=$(($(count fail) + $(count cancelled)))
skipped=$(($(count skipped) + $(count todo)))
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
	failed=1
fi
line="$suite: ${passed:-0} passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
	line="$line, $skipped skipped"
fi
echo "$line"
[ "$failed" -eq 0 ] && [ "${passed:-0}" -gt 0 ]
