#!/bin/sh
# Runs the unit tests that it is given, all of them, and adds up what they
# say. One that ends without its count (a crash, a sanitizer's report) counts
# as one failure.
passed=0
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for test in "$@"; do
	timeout 300 "$test" >"$out" 2>&1
	status=$?
	cat "$out"
	line=$(grep -E '^[^ ]+: [0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(echo "$line" | sed 's/.*: \([0-9]*\) passed.*/\1/')
		f=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
	else
		p=0
		f=0
	fi
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "$test: ended with status $status"
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "unit: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
