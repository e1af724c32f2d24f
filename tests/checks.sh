#!/bin/sh
# The checks that read the project rather than run it: checks.sh BUILDDIR.
# Each tests/checks/NAME says "NAME: N passed, N failed" itself.
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
passed=0
failed=0
for check in format includes purity binaries config manuals places web runner; do
	if out=$(sh "tests/checks/$check.sh" "$build" 2>&1); then
		status=0
	else
		status=1
	fi
	echo "$out"
	line=$(echo "$out" |
		grep -E "^$check: [0-9]+ passed, [0-9]+ failed\$" | tail -n 1)
	if [ -z "$line" ]; then
		echo "$check: ended without a count"
		failed=$((failed + 1))
		continue
	fi
	p=$(echo "$line" | sed 's/.*: \([0-9]*\) passed.*/\1/')
	f=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "checks: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
