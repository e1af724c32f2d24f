// What the console's search finds in the lists that it has whole, and what an
// agent's settings are when nothing, or nonsense, is kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { find, tabAt } = await load("console/lists.ts");
const { readSettings, toggled, writeSettings } = await load("console/settings.ts");
const { openStore } = await load("shared/store.ts");

const item = (more) => ({ conversation: "c", preview: "", name: "", page: "", intent: "", reason: "", queue: "", agent: "", ...more });

test("a search finds every word anywhere, whatever the case", () => {
	const items = [item({ conversation: "c1", preview: "Where is order 4711?", name: "Ann" }), item({ conversation: "c2", preview: "refund", page: "/orders" })];
	const found = (search) => find(items, search).map((i) => i.conversation);
	assert.deepEqual(found(""), ["c1", "c2"]);
	assert.deepEqual(found("4711"), ["c1"]);
	assert.deepEqual(found("ORDER"), ["c1", "c2"]);
	assert.deepEqual(found("ann order"), ["c1"]);
	assert.deepEqual(found("ann refund"), []);
});

test("arrows lead round and round the tabs, Home and End to the ends, other keys nowhere", () => {
	const way = [["ArrowRight", 0], ["ArrowRight", 4], ["ArrowLeft", 4], ["ArrowLeft", 0], ["Home", 3], ["End", 1], ["a", 1], ["ArrowDown", 1]];
	assert.deepEqual(way.map(([key, at]) => tabAt(key, at, 5)), [1, 0, 3, 4, 0, 4, -1, -1]);
});

test("nothing makes a sound or a notification until asked, and settings are kept", () => {
	const store = openStore(() => storage, "x:");
	const storage = new FakeStorage();
	assert.deepEqual(readSettings(store), { keys: true, sound: [], notify: [], language: "" });
	writeSettings(store, { keys: false, sound: toggled([], "message", true), notify: [], language: "de" });
	assert.deepEqual(readSettings(store), { keys: false, sound: ["message"], notify: [], language: "de" });
	store.set("settings", '{"keys": 7, "sound": "all", "notify": ["given", "nonsense"], "language": "constructor"}');
	assert.deepEqual(readSettings(store), { keys: true, sound: [], notify: ["given"], language: "" });
});

test("a supervisor's figures: lines by queue, colleagues who are there first, samples of an hour", async () => {
	const { lines, readColleagues, sampled } = await load("console/team.ts");
	const item = (queue, ageS) => ({ queue, since: 1_000_000 - ageS * 1000 });
	assert.deepEqual(lines([item("a", 5), item("b", 70), item("b", 10)], ["a", "c", "*"], 1_000_000), [
		{ queue: "b", waiting: 2, longestS: 70 }, { queue: "a", waiting: 1, longestS: 5 }, { queue: "c", waiting: 0, longestS: 0 },
	]);
	const team = readColleagues([{ name: "z", status: "gone" }, { name: "b", display: "Bo", status: "online", chats: 2, capacity: 5, conversations: ["c1", "c2"], queues: ["a"] }, { name: "", status: "online" }, null, { name: "y", status: "away", reason: "Lunch" }, { name: "x", status: "no such" }]);
	assert.deepEqual(team.map((c) => [c.name, c.status]), [["b", "online"], ["y", "away"], ["x", "gone"], ["z", "gone"]]);
	assert.deepEqual(team[0].conversations, ["c1", "c2"]);
	let samples = [];
	for (let i = 0; i < 800; i++)
		samples = sampled(samples, [item("a", 5)], 1_000_000 + i * 5000);
	assert.equal(samples.length, 720);
	assert.equal(samples.at(-1).waiting, 1);
});

test("a report is read day by day, and what it lacks is nothing", async () => {
	const { readReport } = await load("console/report.ts");
	const [day, empty] = readReport({ days: [{ day: "2026-05-04", figures: { conversations: 9, bot: { answered: 7 }, handed_over: 3, abandoned: 1, resolved: 2, waits: { half_within_s: 30 }, first_replies: { mean_s: 12.5 }, ratings: { csat: { count: 2, mean: 4.5 } } } }, { day: "2026-05-05", figures: { waits: null, ratings: { csat: { count: 0, mean: null } } } }, { day: "no day" }, null], total: {} });
	assert.deepEqual({ ...day, at: 0 }, { at: 0, conversations: 9, answered: 7, handedOver: 3, abandoned: 1, resolved: 2, waitHalfS: 30, replyMeanS: 12.5, rating: 4.5, ratings: 2 });
	assert.equal(empty.at - day.at, 86400);
	assert.deepEqual([empty.conversations, empty.rating, empty.waitHalfS], [0, null, null]);
	assert.deepEqual(readReport(undefined), []);
	assert.equal(readReport({ days: [{ day: "no day" }, null] }).length, 0);
});
