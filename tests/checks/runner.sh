#!/bin/sh
# Does tests/node.sh count a test of the browser that failed once as flaky, and
# one that fails twice, or of another suite, as failed?
. tests/checks/lib.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/browser" "$dir/other"

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

lay other once 'if (sofar.split("s").length === 2) throw new Error("the first time");'
runs other once
says "other: 1 passed, 1 failed"
if [ "$status" -ne 0 ]; then ok; else bad "another suite has a second try"; fi
finish
