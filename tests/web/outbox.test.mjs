// The outbox: what was written stays until a receipt or a refusal names it, and
// leaves in the order of writing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { Outbox } = await load("shared/outbox.ts");
const { openStore } = await load("shared/store.ts");

function setUp(storage = new FakeStorage()) {
	const clock = { now: 1_700_000_000_000 };
	let tabs = 0;
	const open = () => {
		const random = ++tabs / 10;
		return new Outbox(openStore(() => storage, "t:"), () => clock.now, () => random);
	};
	return { storage, clock, open, box: open() };
}
const say = (box, text) => box.add({ type: "message", text }).id;
const ready = (box) => box.ready().map((e) => e.frame.text);

test("ids are what the wire allows and sort in the order of writing, within one millisecond too", () => {
	const { box } = setUp();
	const ids = Array.from({ length: 50 }, (_, i) => say(box, "m" + i));
	for (const id of ids)
		assert.match(id, /^[A-Za-z0-9_-]{1,64}$/);
	assert.deepEqual([...ids].sort(), ids);
	assert.equal(new Set(ids).size, 50);
});

test("the order holds when the clock is set back", () => {
	const { box, clock } = setUp();
	say(box, "first");
	clock.now -= 3_600_000;
	say(box, "second");
	assert.deepEqual(ready(box), ["first", "second"]);
});

test("what is unsent survives a reload with the same ids and in order", () => {
	const { box, open } = setUp();
	const ids = [say(box, "a"), say(box, "b"), say(box, "c")];
	box.sent(ids[0]);
	box.acked(ids[0]);
	const again = open();
	assert.deepEqual(again.list().map((e) => e.id), ids);
	assert.deepEqual(ready(again), ["a", "b", "c"]);
});

test("an acknowledgement does not take an entry out, only removal does", () => {
	const { box, storage } = setUp();
	const id = say(box, "a");
	box.sent(id);
	box.acked(id);
	assert.equal(box.phase(id), "acked");
	assert.equal(box.list().length, 1);
	assert.equal(box.remove(id).frame.text, "a");
	assert.equal(storage.length, 0);
	assert.equal(box.remove(id), undefined);
});

test("after a lost connection all of it goes out again, in order", () => {
	const { box } = setUp();
	const [a, b] = [say(box, "a"), say(box, "b")];
	box.sent(a);
	box.acked(a);
	box.sent(b);
	assert.deepEqual(ready(box), []);
	box.offline();
	assert.deepEqual(ready(box), ["a", "b"]);
});

test("a refusal with a wait holds everything back until its id can come first again", () => {
	const { box, clock } = setUp();
	const [a, b, c] = [say(box, "a"), say(box, "b"), say(box, "c")];
	for (const id of [a, b, c])
		box.sent(id);
	box.held(b, 500);
	box.held(c, 500);
	say(box, "d");
	assert.deepEqual(ready(box), []);
	assert.equal(box.wakeAt(), clock.now + 500);
	clock.now += 500;
	assert.deepEqual(ready(box), ["b", "c", "d"]);
	assert.equal(box.phase(a), "sent");
	for (const e of box.ready())
		box.sent(e.id);
	assert.equal(box.wakeAt(), null);
});

test("a second, earlier refusal moves the start back, not forward", () => {
	const { box, clock } = setUp();
	const [a, b] = [say(box, "a"), say(box, "b")];
	box.sent(a);
	box.sent(b);
	box.held(b, 100);
	box.held(a, 100);
	clock.now += 100;
	assert.deepEqual(ready(box), ["a", "b"]);
});

test("removing the held entry lets the rest go", () => {
	const { box } = setUp();
	const [a] = [say(box, "a"), say(box, "b")];
	box.sent(a);
	box.held(a, 60_000);
	box.remove(a);
	assert.deepEqual(ready(box), ["b"]);
});

test("two tabs add and remove without writing over each other", () => {
	const { box, open } = setUp();
	const other = open();
	const a = say(box, "from one");
	const b = say(other, "from two");
	box.reload();
	other.reload();
	assert.deepEqual(box.list().map((e) => e.id).sort(), [a, b].sort());
	other.remove(a);
	box.reload();
	assert.deepEqual(box.list().map((e) => e.id), [b]);
});

test("a full storage keeps the entry in memory, and a reload of the list does not lose it", () => {
	const { box, storage } = setUp();
	storage.full = true;
	const id = say(box, "a");
	box.reload();
	assert.equal(box.get(id).frame.text, "a");
});

test("damaged and foreign entries in the storage are passed over", () => {
	const { storage, open } = setUp();
	storage.setItem("t:o:junk", "{");
	storage.setItem("t:o:0abcdefghijkl", JSON.stringify({ id: "other", frame: { type: "message" } }));
	storage.setItem("t:o:0abcdefghijkm", "null");
	storage.setItem("shop:o:1", "not ours");
	assert.deepEqual(open().list(), []);
	assert.equal(storage.getItem("shop:o:1"), "not ours");
});

test("it takes no more than its bound and says so", () => {
	const { box } = setUp();
	for (let i = 0; i < 200; i++)
		assert.notEqual(box.add({ type: "message", text: "x" }), null);
	assert.equal(box.add({ type: "message", text: "x" }), null);
	assert.equal(box.list().length, 200);
});
