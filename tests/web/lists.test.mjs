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
