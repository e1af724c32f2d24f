// What the console's search finds in the lists that it has whole, and what an
// agent's settings are when nothing, or nonsense, is kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { find } = await load("console/lists.ts");
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

test("nothing makes a sound or a notification until asked, and settings are kept", () => {
	const store = openStore(() => storage, "x:");
	const storage = new FakeStorage();
	assert.deepEqual(readSettings(store), { keys: true, sound: [], notify: [] });
	writeSettings(store, { keys: false, sound: toggled([], "message", true), notify: [] });
	assert.deepEqual(readSettings(store), { keys: false, sound: ["message"], notify: [] });
	store.set("settings", '{"keys": 7, "sound": "all", "notify": ["given", "nonsense"]}');
	assert.deepEqual(readSettings(store), { keys: true, sound: [], notify: ["given"] });
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
