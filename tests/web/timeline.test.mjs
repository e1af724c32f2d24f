// The conversation put together from frames: every id once, in the log's order,
// whatever comes twice, late, or again after the log was replaced.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../src/web/load.mjs";

const { Timeline } = await load("shared/timeline.ts");

const said = (id, seq, text = id, from = "shopper") => ({ type: "message", id, from, text, at: 1000 + (seq ?? 0), ...(seq ? { seq } : {}) });
const bot = (id, seq, text = id) => ({ ...said(id, seq, text, "bot"), reply_to: id.split(".")[0] });
const ids = (log, pending) => log.list(pending).map((i) => i.id);

test("a logged message takes the place of the unlogged one, and a repeat changes nothing", () => {
	const log = new Timeline();
	log.put(bot("m1.a", 0, "early"));
	log.put(bot("m1.a", 2, "logged"));
	log.put(bot("m1.a", 0, "early"));
	log.put(bot("m1.a", 2, "logged"));
	assert.equal(log.list().length, 1);
	assert.equal(log.list()[0].text, "logged");
	assert.equal(log.high, 2);
});

test("unsent messages stand after the log, each followed by the answers to it, and stay there when receipts come", () => {
	const log = new Timeline();
	log.put(said("old", 1));
	log.put(said("m1"));
	log.put(said("m2"));
	log.put(bot("m2.a", 0));
	log.put(bot("m1.a", 0));
	log.put(bot("m1.b", 0));
	const before = ids(log, ["m1", "m2"]);
	assert.deepEqual(before, ["old", "m1", "m1.a", "m1.b", "m2", "m2.a"]);
	["m1", "m1.a", "m1.b", "m2", "m2.a"].forEach((id, i) => log.stored(id, i + 2));
	assert.deepEqual(ids(log, []), before);
	assert.equal(log.high, 6);
});

test("a receipt that overtakes the log does not count as knowing what lies between", () => {
	const log = new Timeline();
	log.put(said("a", 1));
	log.put(said("mine"));
	log.stored("mine", 9);
	assert.equal(log.high, 1);
	for (let seq = 2; seq <= 9; seq++)
		log.put(said("x" + seq, seq));
	assert.equal(log.high, 9);
});

test("a repeat's receipt with an old seq does not lower what is known", () => {
	const log = new Timeline();
	for (let seq = 1; seq <= 5; seq++)
		log.put(said("m" + seq, seq));
	log.stored("m2", 2);
	assert.equal(log.high, 5);
});

test("a skip counts as known and shows nothing", () => {
	const log = new Timeline();
	log.put({ type: "skip", seq: 4 });
	assert.equal(log.high, 4);
	assert.equal(log.list().length, 0);
});

test("after a reset the new log is taken, each id is shown once, and what the log lost stays on the screen", () => {
	const log = new Timeline();
	log.put({ type: "state", seq: 1, state: "bot" });
	log.put(said("m1", 2));
	log.put(said("m2", 3));
	log.put(said("m3", 4));
	log.reset();
	assert.equal(log.high, 0);
	assert.deepEqual(ids(log), ["m1", "m2", "m3"]);
	log.put({ type: "state", seq: 1, state: "bot" });
	log.put(said("m1", 2));
	log.put(said("m3", 3));
	assert.deepEqual(ids(log), ["", "m1", "m2", "m3"]);
	assert.equal(log.list().filter((i) => i.id === "m3").length, 1);
});

test("the same id of two senders is two messages", () => {
	const log = new Timeline();
	log.put(said("1", 1));
	log.put({ ...said("1", 2, "hello", "agent"), name: "Maria" });
	log.put({ ...said("1", 3, "hello", "agent"), name: "Tom" });
	assert.equal(log.list().length, 3);
});

test("frames with missing or wrong fields do no harm", () => {
	const log = new Timeline();
	log.put({ type: "message" });
	log.put({ type: "message", id: 7, text: {}, buttons: "x", seq: "2", from: null });
	log.put({ type: "state", seq: -1 });
	log.put({ type: "message", id: "b", from: "bot", text: "t", buttons: [null, { text: "ok", value: "v" }, { text: "" }, { text: "no action" }] });
	assert.equal(log.high, 0);
	assert.deepEqual(log.list().find((i) => i.id === "b").buttons, [{ text: "ok", value: "v" }]);
});

test("any order of delivery, with doubles, gives the same list", () => {
	const frames = [];
	for (let seq = 1; seq <= 30; seq++)
		frames.push(seq % 3 ? said("m" + seq, seq) : bot("m" + (seq - 1) + ".a", seq));
	const straight = new Timeline();
	frames.forEach((f) => straight.put(f));
	let seed = 7;
	const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
	for (let round = 0; round < 200; round++) {
		const log = new Timeline();
		const mixed = [...frames, ...frames.filter(() => random() < 0.4)].sort(() => random() - 0.5);
		for (const f of mixed)
			log.put(random() < 0.2 ? { ...f, seq: undefined } : f);
		frames.forEach((f) => log.put(f));
		assert.deepEqual(ids(log), ids(straight));
	}
});
