// `answerctl report`: the figures of GET /api/report at a terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, dayThatLasts, until } from "./lib.mjs";

const DAY_MS = 86400000;

test("the tool's figures are those of GET /api/report, and are read at a terminal", async (t) => {
	const stack = await Stack.start(t, { settings: { shop: { timezone: "Europe/Berlin" } } });
	stack.addAgent("sue", { args: ["--role", "supervisor"] });
	const token = answerctl(["agent", "token", "sue"], { daemon: stack.daemon }).stdout.trim().split(/\s+/).at(-1);
	await dayThatLasts("Europe/Berlin");
	const shopper = await stack.waiting("how can I pay?");
	await shopper.leave().stored;
	const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Berlin" }).format(Date.now());
	const day = (back) => new Date(Date.parse(today) - back * DAY_MS).toISOString().slice(0, 10);
	/* As the daemons have counted it three days ago. */
	stack.redis.cli("HSET", `answerd:stats:{${day(3)}}`, "conversations", "7", "answered", "41", "answered/intent/track_order", "40", "handed_over", "3",
		"handed_over/reason/not_understood", "2", "handed_over/queue/support", "3", "waits", "2", "waits/queue/support", "2", "waited_s", "180", "waited_s/queue/support", "180",
		"waits/within/60", "1", "waits/within/300", "1", "resolved", "2", "resolved/outcome/solved", "2", "csat", "2", "csat_sum", "9",
		"handed_over/reason/\x1b[31mred", "1");
	const run = (...args) => answerctl(["report", ...args], { daemon: stack.daemon });
	const http = async (query = "") => (await stack.daemon.request("GET", `/api/report${query}`, { headers: { Authorization: `Bearer ${token}` } })).json;
	let week;
	await until(async () => {
		week = await http();
		return week.total.abandoned === 1;
	}, "all is counted");
	assert.deepEqual(JSON.parse(run("week", "--json").stdout), week);
	const from = day(4), to = day(2);
	assert.deepEqual(JSON.parse(run("--from", from, "--to", to, "--json").stdout), await http(`?from=${from}&to=${to}`));

	const { status, stdout } = run("week");
	assert.equal(status, 0);
	const line = (start) => stdout.split("\n").find((l) => l.startsWith(start)).trim().split(/\s+/);
	assert.equal(stdout.split("\n").filter((l) => /^\d{4}-\d\d-\d\d /.test(l)).length, 7);
	assert.deepEqual(line(day(3)), [day(3), "7", "41", "3", "0", "1:00", "-", "2", "4.50"]);
	assert.equal(line("all")[1], "8");
	assert.match(stdout, /^ +2 {2}not_understood$/m);
	assert.match(stdout, /^until taken +2 +1:00 +5:00 +1:30$/m);
	assert.match(stdout, /^ +2 +4\.50 {2}satisfaction/m);
	assert.match(stdout, /^ +40 +0 +0 {2}track_order$/m);
	assert.match(stdout, /1:30 +- {2}support$/m, "the queue's mean wait");
	assert.ok(!stdout.includes("\x1b"), "nothing that a terminal would obey");
	assert.ok(stdout.split("\n").every((l) => l.length <= 80), stdout);

	const one = run().stdout;
	assert.match(one, new RegExp(`^${today} +1 `, "m"));
	assert.doesNotMatch(one, /^all /m, "of one day there is no sum");
	assert.equal(run("day").stdout, one);
	for (const wrong of [["month"], ["--from", "yesterday"], ["day", "week"], ["week", "--from", from], ["--from", to, "--to", from], ["--from"]])
		assert.equal(run(...wrong).status, 64, wrong.join(" "));
});
