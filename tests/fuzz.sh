#!/bin/sh
# fuzz.sh DIR SECONDS FUZZER...: each target for so many seconds, from its
# committed corpus (tests/fuzz/corpus/NAME) and with its dictionary
# (tests/fuzz/NAME.dict). What is found new stays in DIR/corpus; an input that
# breaks a target stays in DIR, too, and is named.
dir=$1
seconds=$2
shift 2
passed=0
failed=0
for fuzzer in "$@"; do
	name=$(basename "$fuzzer" | sed 's/^fuzz_//')
	mkdir -p "$dir/corpus/$name"
	set -- -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$dir/$name-" \
		"$dir/corpus/$name"
	if [ -d "tests/fuzz/corpus/$name" ]; then
		set -- "$@" "tests/fuzz/corpus/$name"
	fi
	if [ -f "tests/fuzz/$name.dict" ]; then
		set -- "$@" -dict="tests/fuzz/$name.dict"
	fi
	echo "== $name"
	if "$fuzzer" "$@" >"$dir/$name.log" 2>&1; then
		grep stat::number_of_executed_units "$dir/$name.log"
		passed=$((passed + 1))
	else
		tail -n 40 "$dir/$name.log"
		failed=$((failed + 1))
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
