#!/bin/sh
# Runs the unit tests that it is given, all of them, several at a time
# (TEST_JOBS), and adds up what they say. One that ends without its count (a
# crash, a sanitizer's report) counts as one failure. A program with a failed
# check is run once more, alone: if all of it passes then, what failed is named
# as flaky.
out_of()
{
	echo "$dir/$(echo "$1" | tr / _)"
}

# Leaves what the program prints, and how it ends.
run()
{
	out=$(out_of "$1")
	timeout 300 "$1" >"$out" 2>&1
	echo $? >"$out.status"
}

if [ "$1" = --run ]; then # by itself, below
	run "$2"
	exit 0
fi
passed=0
failed=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export dir

# Of the program: out, status, p, f.
look()
{
	out=$(out_of "$1")
	status=$(cat "$out.status")
	cat "$out"
	line=$(grep -E '^[^ ]+: [0-9]+ passed, [0-9]+ failed$' "$out" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(echo "$line" | sed 's/.*: \([0-9]*\) passed.*/\1/')
		f=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
	else
		p=0
		f=0
	fi
}

# Only a check failed: the program came to its end, and no sanitizer spoke.
may_be_chance()
{
	[ "$status" -eq 1 ] && [ "$f" -gt 0 ] &&
		! grep -qE 'Sanitizer|runtime error:' "$out"
}

# Those of the store wait for servers and timers: they begin.
for test in "$@"; do
	case $test in
	*/store/*) echo "0 $test" ;;
	*) echo "1 $test" ;;
	esac
done | sort -s -n -k 1,1 | cut -d ' ' -f 2- |
	xargs -P "${TEST_JOBS:-4}" -I '{}' sh "$0" --run '{}'
for test in "$@"; do
	look "$test"
	if may_be_chance; then
		names=$(sed -n "s|^FAILED |${line%%:*} |p" "$out")
		echo "once more: $test"
		run "$test"
		look "$test"
		if [ "$status" -eq 0 ]; then
			echo "$names" | sed 's/.*/flaky: & (passed when run again)/'
		fi
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
