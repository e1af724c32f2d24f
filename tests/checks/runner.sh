#!/bin/sh
# Do the runners count a test that failed once as flaky, and one that fails
# twice, or where it cannot be chance, as failed?
. tests/checks/lib.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/browser" "$dir/blackbox" "$dir/other" "$dir/unit"

# lay SUITE NAME BODY: a file with a test that passes and one with this body.
# Each test notes in runs-NAME that it was run.
lay()
{
	cat >"$dir/$1/$2.test.mjs" <<EOF
import fs from "node:fs";
import { test } from "node:test";
const runs = new URL("runs-$2", import.meta.url);
const run = (name) => fs.appendFileSync(runs, name) ?? fs.readFileSync(runs, "utf8");
test("a good one", () => void run("g"));
test("a (strange) name: what? it costs \$1.50", () => {
	const sofar = run("s");
	$3
});
EOF
}
# runs SUITE NAME: what the runner says of it, and how it ends, in $out.
runs()
{
	out=$(sh tests/node.sh "$dir/$1" "$2" 2>&1)
	status=$?
}
says()
{
	if echo "$out" | grep -qxF "$1"; then ok; else
		bad "not said: $1"
		echo "$out"
	fi
}
flaky='flaky: a (strange) name: what? it costs $1.50 (passed when run again)'

lay browser once 'if (sofar.split("s").length === 2) throw new Error("the first time");'
runs browser once
says "$flaky"
says "browser: 2 passed, 0 failed"
if [ "$status" -eq 0 ]; then ok; else bad "one that passes again fails the suite"; fi
if [ "$(tr -d s <"$dir/browser/runs-once")" = g ]; then ok; else
	bad "not run again alone"
fi

lay browser always 'throw new Error("ever");'
runs browser always
says "browser: 1 passed, 1 failed"
if [ "$status" -ne 0 ]; then ok; else bad "one that fails twice passes"; fi
if [ "$(tr -d g <"$dir/browser/runs-always")" = ss ]; then ok; else
	bad "not run just once more"
fi

echo 'throw new Error("no tests");' >"$dir/browser/broken.test.mjs"
runs browser broken
says "browser: 0 passed, 1 failed"
if [ "$status" -ne 0 ]; then ok; else bad "a file that cannot be run passes"; fi

lay blackbox promise 'if (sofar.split("s").length === 2) throw new Error("promise broken: two acks");'
runs blackbox promise
says "blackbox: 1 passed, 1 failed"
if [ "$status" -ne 0 ]; then ok; else bad "a broken promise has a second try"; fi

lay blackbox late 'if (sofar.split("s").length === 2) throw new Error("not in 60000 ms: ack");'
runs blackbox late
says "$flaky"
says "blackbox: 2 passed, 0 failed"

lay other once 'if (sofar.split("s").length === 2) throw new Error("the first time");'
runs other once
says "other: 1 passed, 1 failed"
if [ "$status" -ne 0 ]; then ok; else bad "another suite has a second try"; fi

# unit NAME BODY: what tests/unit.sh says of a program that does this; $1 in it
# is how often it ran before.
unit()
{
	cat >"$dir/unit/$1" <<EOF
#!/bin/sh
echo run >>"$dir/unit/$1.runs"
set -- \$((\$(wc -l <"$dir/unit/$1.runs") - 1))
$2
EOF
	chmod +x "$dir/unit/$1"
	out=$(sh tests/unit.sh "$dir/unit/$1" 2>&1)
	status=$?
	ran=$(wc -l <"$dir/unit/$1.runs")
}
bad_once='if [ "$1" -eq 0 ]; then
	echo "FAILED a_thing"; echo "x/y: 2 passed, 1 failed"; exit 1
fi
echo "x/y: 3 passed, 0 failed"'

unit once "$bad_once"
says "flaky: x/y a_thing (passed when run again)"
says "unit: 3 passed, 0 failed"
if [ "$status" -eq 0 ] && [ "$ran" -eq 2 ]; then ok; else
	bad "a unit test has no second try"
fi

unit ever 'echo "FAILED a_thing"; echo "x/y: 2 passed, 1 failed"; exit 1'
says "unit: 2 passed, 1 failed"
if [ "$status" -ne 0 ] && [ "$ran" -eq 2 ]; then ok; else
	bad "one that fails twice passes, or is run $ran times"
fi

unit reported "echo 'runtime error: of some kind'; $bad_once"
says "unit: 2 passed, 1 failed"
if [ "$status" -ne 0 ] && [ "$ran" -eq 1 ]; then ok; else
	bad "what a sanitizer reports has a second try"
fi

unit crash 'kill -SEGV $$'
says "unit: 0 passed, 1 failed"
if [ "$status" -ne 0 ] && [ "$ran" -eq 1 ]; then ok; else
	bad "a crash has a second try"
fi
finish
