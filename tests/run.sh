#!/bin/sh
# Every test that there is, one suite after the other: what `make test` and
# .ci/run run. Each suite's output goes to build/test-logs/SUITE.log, of one
# that fails the end is shown here; the last line adds up all of them.
# SUITES="unit blackbox" runs only these.
cd "$(dirname "$0")/.." || exit 1
logs=build/test-logs
mkdir -p "$logs"
rm -f "$logs"/*.log
export WERROR=1
jobs=-j2
all="build checks unit webtest blackbox faults browser replay instructions unit-san blackbox-san clang fuzz"
passed=0
failed=0
skipped=0

# What each suite is.
start()
{
	case $1 in
	build) make $jobs tests ;;
	checks) make checks ;;
	unit) make $jobs unit ;;
	webtest) make webtest ;;
	blackbox) make $jobs blackbox ;;
	faults) BRIEF=1 make $jobs test-faults ;;
	browser) make $jobs browser ;;
	replay) make replay ;;
	instructions) make instructions ;;
	unit-san) make $jobs B=build-san SAN=1 CFLAGS='-O1 -g' unit ;;
	blackbox-san) make $jobs B=build-san SAN=1 CFLAGS='-O1 -g' blackbox ;;
	clang) make $jobs clang ;;
	fuzz) make $jobs fuzz FUZZ_SEED=1 ;; # nothing new by chance
	*)
		echo "no suite $1"
		return 1
		;;
	esac
}

# The sanitized and the clang build take as long as the tests that wait for
# timers: they are compiled beside those, behind them in the scheduler's eyes.
prepare()
{
	nice make -j2 B=build-san SAN=1 CFLAGS='-O1 -g' tests
	nice make -j2 clang
}
preparing=
prepared()
{
	if [ -n "$preparing" ]; then
		wait "$preparing"
		preparing=
	fi
}

number()
{
	echo "$line" | sed -n "s/.*[ :]\([0-9][0-9]*\) $1.*/\1/p"
}

for suite in ${SUITES:-$all}; do
	log=$logs/$suite.log
	began=$(date +%s)
	case $suite in
	unit-san | blackbox-san | clang | fuzz) prepared ;;
	esac
	start "$suite" >"$log" 2>&1 </dev/null
	status=$?
	took=$(($(date +%s) - began))
	line=$(grep -E '^[a-z-]+: [0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' \
		"$log" | tail -n 1)
	if [ -n "$line" ]; then
		p=$(number passed)
		f=$(number failed)
		s=$(number skipped)
	else
		# A build: done or not done.
		p=$((status == 0))
		f=0
		s=0
	fi
	if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + ${s:-0}))
	if [ "$f" -eq 0 ]; then
		printf 'ok      %-13s %4d passed  %4d s\n' "$suite" "$p" "$took"
		grep '^flaky: ' "$log"
	else
		printf 'FAILED  %-13s %4d passed, %d failed  %4d s  (%s)\n' \
			"$suite" "$p" "$f" "$took" "$log"
		grep -nE '^(FAILED |✖ )|not ok|not true:|Sanitizer|runtime error' \
			"$log" | head -n 30
		echo "-- the end of $log:"
		tail -n 40 "$log"
	fi
	if [ "$suite" = build ] && [ -z "${SUITES:-}" ] && [ "$f" -eq 0 ]; then
		prepare >"$logs/prepare.log" 2>&1 </dev/null &
		preparing=$!
	fi
done
prepared
if [ "$skipped" -gt 0 ]; then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
