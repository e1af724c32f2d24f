#!/bin/sh
# fuzz.sh DIR SECONDS FUZZER...: each target for so many seconds, two at a
# time, from its committed corpus (tests/fuzz/corpus/NAME) and with its
# dictionary (tests/fuzz/NAME.dict). What is found new stays in DIR/corpus; an
# input that breaks a target stays in DIR, too, and is named. FUZZ_SEED=n: what
# is tried is the same each time, as far as the seconds reach.
#
# libFuzzer's -timeout is by the clock on the wall, for a machine that stands
# still; an input that is slow by itself is known by what the process computes.
dir=$1
seconds=$2
shift 2
passed=0
failed=0
# Addresses are part of what libFuzzer goes by; not every container allows it.
same_places=
if setarch -R true 2>/dev/null; then
	same_places="setarch -R"
fi

run()
{
	name=$1
	fuzzer=$2
	mkdir -p "$dir/corpus/$name"
	rm -f "$dir/$name.ok"
	set -- -max_total_time="$seconds" -timeout=300 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$dir/$name-" \
		"$dir/corpus/$name"
	if [ -d "tests/fuzz/corpus/$name" ]; then
		set -- "$@" "tests/fuzz/corpus/$name"
	fi
	if [ -f "tests/fuzz/$name.dict" ]; then
		set -- "$@" -dict="tests/fuzz/$name.dict"
	fi
	if [ -n "${FUZZ_SEED:-}" ]; then
		set -- "$@" -seed="$FUZZ_SEED" -entropic=0
	fi
	(
		ulimit -t $((seconds + 60))
		# shellcheck disable=SC2086
		exec $same_places "$fuzzer" "$@"
	) >"$dir/$name.log" 2>&1
	status=$?
	if [ "$status" -eq 0 ]; then
		: >"$dir/$name.ok"
	else
		echo "ended with status $status" >>"$dir/$name.log"
	fi
}

tell()
{
	echo "== $1"
	if [ -e "$dir/$1.ok" ]; then
		grep stat::number_of_executed_units "$dir/$1.log"
		passed=$((passed + 1))
	else
		tail -n 40 "$dir/$1.log"
		failed=$((failed + 1))
	fi
}

other=
for fuzzer in "$@"; do
	name=$(basename "$fuzzer" | sed 's/^fuzz_//')
	run "$name" "$fuzzer" &
	if [ -n "$other" ]; then
		wait
		tell "$other"
		tell "$name"
		other=
	else
		other=$name
	fi
done
if [ -n "$other" ]; then
	wait
	tell "$other"
fi
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
