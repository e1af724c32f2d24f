// The agent's side of the protocol: claims, races, the resync after a lost
// connection, doubles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { Desk } = await load("console/desk.ts");
const { newChat, owedSince, takeEvent } = await load("console/chat.ts");
const { openStore } = await load("shared/store.ts");

function setUp(storage = new FakeStorage()) {
	const wire = { up: true, out: [], timers: [], send(f) {
		if (this.up)
			this.out.push(f);
		return this.up;
	}, after(ms, f) {
		this.timers.push(f);
	}, store: (agent) => openStore(() => storage, agent + ":") };
	const desk = new Desk(wire, () => undefined);
	return { desk, wire, storage };
}
const item = (conversation, more = {}) => ({ conversation, queue: "default", priority: 0, reason: "asked", intent: null, kind: null, waited_s: 5, preview: "hi", visitor: { name: null, verified: false }, page: "", locale: "en", state: "queued", agent: null, ...more });
const welcome = (more = {}) => ({ type: "welcome", agent: { name: "maria", display: "Maria", roles: [], queues: ["default"] }, presence: "online", queue: [], mine: [], canned: [], outcomes: ["solved"], ...more });
const event = (conversation, e) => ({ type: "event", conversation, event: e });
const said = (id, seq, from = "shopper", text = id) => ({ type: "message", id, from, text, at: 1, seq });
const last = (wire, type) => wire.out.filter((f) => f.type === type).at(-1);
const shown = (desk, id) => desk.items(desk.chats.get(id)).filter((i) => i.type === "message" || i.type === "note").map((i) => i.text);

function withChat() {
	const all = setUp();
	all.desk.apply(welcome({ mine: [item("c1", { state: "assigned" })] }));
	all.desk.apply(event("c1", said("m1", 1)));
	all.desk.apply({ type: "done", id: last(all.wire, "open").id });
	all.desk.select("c1");
	return all;
}

test("own chats are opened at the welcome and it is live only when they are read", () => {
	const { desk, wire } = setUp();
	assert.equal(desk.live, false);
	desk.apply(welcome({ mine: [item("c1")] }));
	const open = last(wire, "open");
	assert.deepEqual([open.conversation, open.since], ["c1", 0]);
	assert.equal(desk.live, false);
	desk.apply(event("c1", said("m1", 1)));
	desk.apply({ type: "done", id: open.id });
	assert.equal(desk.live, true);
	assert.deepEqual(shown(desk, "c1"), ["m1"]);
});

test("a chat that an agent opens is read without a word of a lost connection; after one it has to be", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ queue: [item("c1")] }));
	assert.equal(desk.live, true);
	desk.select("c1");
	assert.equal(last(wire, "open").conversation, "c1");
	assert.equal(desk.live, true);
	desk.apply({ type: "done", id: last(wire, "open").id });
	desk.offline();
	desk.apply(welcome({ queue: [item("c1")] }));
	assert.equal(desk.live, false);
	desk.apply({ type: "done", id: last(wire, "open").id });
	assert.equal(desk.live, true);
});

test("of each chat the writing is shown for a while, while its visitor is there and it is not closed", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ mine: [item("c1", { state: "assigned" }), item("c2", { state: "assigned" })] }));
	const [one, two] = ["c1", "c2"].map((id) => desk.chats.get(id));
	const types = (conversation) => desk.apply({ type: "typing", conversation, from: "shopper", on: true });
	types("c1");
	types("c2");
	assert.deepEqual([one.typing, two.typing], [true, true]);
	for (const timer of wire.timers.splice(0))
		timer();
	assert.deepEqual([one.typing, two.typing], [false, false], "neither word of its end came");
	types("c1");
	desk.apply({ type: "shopper", conversation: "c1", present: false });
	assert.equal(one.typing, false);
	desk.apply(event("c2", { type: "state", seq: 1, state: "closed", at: 1, reason: "left" }));
	types("c2");
	assert.equal(two.typing, false, "that is for the next conversation");
});

test("a visitor waits for our answer from the first word that has none, in line from when they came there, whatever the bot says to that", () => {
	const chat = newChat("c1", null);
	let at = 1000;
	const now = (e) => {
		takeEvent(chat, { id: "m" + at, ...e, seq: at, at: ++at });
		return owedSince(chat);
	};
	const words = (from) => now({ type: "message", from, name: from === "agent" ? "Maria" : "", text: "…" });
	const state = (s) => now({ type: "state", state: s });
	assert.equal(words("shopper"), 1001);
	assert.equal(words("bot"), 0, "answered");
	assert.equal(words("shopper"), 1003);
	assert.equal(words("bot"), 0, "that a colleague comes");
	assert.equal(state("queued"), 1005);
	assert.equal(words("bot"), 1005, "that there is a line");
	assert.equal(words("shopper"), 1005);
	assert.equal(state("assigned"), 1005);
	assert.equal(words("system"), 1005, "that Maria is there");
	assert.equal(now({ type: "note", from: "agent", name: "Maria", text: "…" }), 1005);
	assert.equal(words("agent"), 0);
	assert.equal(words("shopper"), 1012);
	assert.equal(words("shopper"), 1012, "the first of both");
	assert.equal(words("agent"), 0);
	assert.equal(state("queued"), 1015, "given back");
	assert.equal(state("closed"), 0);
});

test("own chats keep their places when one of them is told of again", () => {
	const { desk } = setUp();
	desk.apply(welcome({ mine: [item("c1"), item("c2")] }));
	desk.apply({ type: "assigned", item: item("c3") });
	desk.apply({ type: "assigned", item: item("c1", { preview: "new" }) });
	assert.deepEqual(desk.mine.map((i) => i.conversation), ["c1", "c2", "c3"]);
	assert.equal(desk.mine[0].preview, "new");
});

test("what was begun stays in the tab for the same agent, until it is sent or the chat is gone", () => {
	const first = withChat();
	first.desk.draft(first.desk.chats.get("c1"), "Dear", true);
	const again = (name = "maria") => {
		const all = setUp(first.storage);
		all.desk.apply(welcome({ agent: { name, display: name }, mine: [item("c1"), item("c2")] }));
		return all;
	};
	const begun = (desk) => desk.chats.get("c1").draft;
	const { desk, wire } = again();
	assert.deepEqual([begun(desk), desk.chats.get("c1").note, desk.chats.get("c2").draft, desk.selected], ["Dear", true, "", "c1"]);
	const otto = again("otto").desk;
	assert.deepEqual([begun(otto), otto.selected], ["", ""]);
	desk.select("");
	assert.equal(again().desk.selected, "");
	desk.resolve("c1", "solved");
	desk.apply({ type: "done", id: last(wire, "resolve").id, conversation: "c1" });
	assert.equal(begun(again().desk), "", "resolved");
	for (const gone of [{ type: "error", code: "no_such_conversation", conversation: "c1" }, { type: "error", code: "not_yours", conversation: "c1" }]) {
		const open = again();
		open.desk.draft(open.desk.chats.get("c1"), "Dear", false);
		assert.equal(begun(again().desk), "Dear");
		open.desk.apply(gone);
		assert.equal(begun(again().desk), "", gone.code);
	}
	desk.draft(desk.chats.get("c1"), "Dear", false);
	desk.forget();
	assert.deepEqual([...first.storage.map.keys()].filter((key) => /d:/.test(key)), []);
});

test("a suggestion goes with the next message, with our answer and with the chat", () => {
	const { desk, wire } = withChat();
	const chat = desk.chats.get("c1");
	const suggest = () => desk.apply({ type: "suggestion", conversation: "c1", reply_to: "m2", text: "By card.", intent: "pay" });
	desk.apply(event("c1", said("m2", 2)));
	suggest();
	assert.equal(chat.suggestion, "By card.");
	desk.apply(event("c1", said("m2", 2)));
	assert.equal(chat.suggestion, "By card.", "a repeat changes nothing");
	desk.apply(event("c1", said("m3", 3)));
	assert.equal(chat.suggestion, "");
	suggest();
	desk.say(chat, "Look here", false);
	desk.apply({ type: "stored", id: last(wire, "message").id, conversation: "c1", seq: 4 });
	assert.equal(chat.suggestion, "");
	desk.apply({ type: "suggestion", conversation: "elsewhere", text: "x" });
});

test("a claim that is won shows the chat; one that is lost says who was quicker", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ queue: [item("c1"), item("c2")] }));
	desk.claim("c1");
	desk.apply({ type: "error", id: last(wire, "claim").id, conversation: "c1", code: "taken", message: "" });
	assert.match(desk.toasts.at(-1).text, /Somebody else/);
	assert.equal(desk.isMine("c1"), false);
	desk.claim();
	assert.equal("conversation" in last(wire, "claim"), false);
	desk.apply({ type: "done", id: last(wire, "claim").id, conversation: "c2" });
	assert.equal(desk.selected, "c2");
	assert.equal(desk.isMine("c2"), true);
	assert.equal(desk.queue.some((i) => i.conversation === "c2"), false);
});

test("what is known of a chat stays when the queue without it comes before the word that it is ours", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ queue: [item("c1", { reason: "wants_person", locale: "de" })] }));
	desk.claim();
	desk.apply({ type: "queue", items: [] });
	desk.apply({ type: "done", id: last(wire, "claim").id, conversation: "c1" });
	const [mine] = desk.mine;
	assert.deepEqual([mine.conversation, mine.state, mine.reason, mine.locale], ["c1", "assigned", "wants_person", "de"]);
	assert.equal(desk.chats.get("c1").item.reason, "wants_person");
});

test("a message is on the screen at once, and once when its receipt and its event both come", () => {
	const { desk, wire } = withChat();
	const chat = desk.chats.get("c1");
	assert.equal(desk.say(chat, "hello", false), true);
	assert.deepEqual(shown(desk, "c1"), ["m1", "hello"]);
	const { id } = last(wire, "message");
	desk.apply({ type: "stored", id, conversation: "c1", seq: 2 });
	desk.apply(event("c1", { ...said(id, 2, "agent", "hello"), name: "Maria K." }));
	assert.deepEqual(shown(desk, "c1"), ["m1", "hello"]);
	assert.equal(chat.log.high, 2);
	assert.equal(desk.unsent(), 0);
});

test("after a lost connection: chats are read from the start, unanswered frames come again with the same id, and only then is it live", () => {
	const { desk, wire } = withChat();
	const chat = desk.chats.get("c1");
	desk.say(chat, "one", false);
	const { id } = last(wire, "message");
	wire.up = false;
	desk.offline();
	desk.say(chat, "two", true);
	wire.up = true;
	wire.out.length = 0;
	desk.apply(welcome({ mine: [item("c1", { state: "assigned" })] }));
	assert.deepEqual(wire.out.map((f) => f.type), ["message", "note", "open"]);
	assert.equal(wire.out[0].id, id);
	desk.apply(event("c1", said("m1", 1)));
	desk.apply(event("c1", { ...said(id, 2, "agent", "one"), name: "Maria" }));
	desk.apply({ type: "done", id: wire.out[2].id });
	assert.equal(desk.live, false);
	desk.apply({ type: "stored", id, conversation: "c1", seq: 2 });
	desk.apply({ type: "stored", id: wire.out[1].id, conversation: "c1", seq: 3 });
	assert.equal(desk.live, true);
	assert.deepEqual(shown(desk, "c1"), ["m1", "one", "two"]);
});

test("a chat that went to somebody else meanwhile is marked so", () => {
	const { desk } = withChat();
	desk.offline();
	desk.apply(welcome());
	assert.equal(desk.isMine("c1"), false);
	assert.match(desk.chats.get("c1").lost, /somebody else/);
});

test("messages survive a reload of the console, moves do not", () => {
	const { desk, wire, storage } = withChat();
	wire.up = false;
	desk.say(desk.chats.get("c1"), "kept", false);
	desk.resolve("c1", "solved");
	const again = setUp(storage);
	again.desk.apply(welcome({ mine: [item("c1")] }));
	assert.deepEqual(again.wire.out.map((f) => f.type), ["message", "open"]);
	assert.deepEqual(shown(again.desk, "c1"), ["kept"]);
});

test("no move is saved up while the connection is away", () => {
	const { desk, wire } = withChat();
	desk.offline();
	wire.out.length = 0;
	desk.claim();
	desk.release("c1");
	assert.deepEqual(wire.out, []);
	assert.equal(desk.unsent(), 0);
	assert.match(desk.toasts.at(-1).text, /Not connected/);
});

test("a refused message is marked and can be tried again under a new id", () => {
	const { desk, wire } = withChat();
	const chat = desk.chats.get("c1");
	desk.say(chat, "late", false);
	const { id } = last(wire, "message");
	desk.apply({ type: "error", id, conversation: "c1", code: "not_yours", message: "" });
	const mark = desk.items(chat).at(-1);
	assert.equal(desk.status(chat, mark), "failed");
	desk.retry(chat, mark);
	assert.notEqual(last(wire, "message").id, id);
	assert.deepEqual(shown(desk, "c1"), ["m1", "late"]);
});

test("busy: everything waits, then goes on with the refused frame", () => {
	const { desk, wire } = withChat();
	const chat = desk.chats.get("c1");
	desk.say(chat, "one", false);
	desk.say(chat, "two", false);
	const [one, two] = wire.out.filter((f) => f.type === "message");
	desk.apply({ type: "error", id: one.id, conversation: "c1", code: "busy", message: "", retry_ms: 1 });
	wire.out.length = 0;
	const until = Date.now() + 5;
	while (Date.now() < until)
		;
	wire.timers.at(-1)();
	assert.deepEqual(wire.out.map((f) => f.id), [one.id, two.id]);
});

test("a view that finds no room is asked for again with the same id, and shown then", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ mine: [item("c1")] }));
	const open = last(wire, "open");
	desk.apply({ type: "error", id: open.id, conversation: "c1", code: "busy", message: "", retry_ms: 1 });
	assert.equal(desk.live, false);
	const until = Date.now() + 5;
	while (Date.now() < until)
		;
	wire.out.length = 0;
	wire.timers.at(-1)();
	assert.deepEqual(wire.out.map((f) => f.id), [open.id]);
	desk.apply(event("c1", said("m1", 1)));
	desk.apply({ type: "done", id: open.id });
	assert.equal(desk.live, true);
	assert.deepEqual(shown(desk, "c1"), ["m1"]);
});

test("resolve, release and transfer say how a chat left, whatever the server calls it", () => {
	const { desk, wire } = withChat();
	desk.resolve("c1", "solved");
	desk.apply({ type: "unassigned", conversation: "c1", why: "resolved" });
	desk.apply({ type: "done", id: last(wire, "resolve").id, conversation: "c1" });
	assert.equal(desk.isMine("c1"), false);
	assert.match(desk.chats.get("c1").lost, /^You closed this chat/);
});

test("another agent on the same browser sees nothing of the last one", () => {
	const { desk } = withChat();
	desk.offline();
	desk.apply(welcome({ agent: { name: "tom", display: "Tom", roles: [], queues: [] } }));
	assert.equal(desk.chats.size, 0);
	assert.equal(desk.selected, "");
	assert.equal(desk.display, "Tom");
});

test("a replaced log is read anew without doubles", () => {
	const { desk } = withChat();
	desk.apply(event("c1", said("m2", 2)));
	desk.apply({ type: "reset", conversation: "c1", epoch: "e2", seq: 2 });
	desk.apply(event("c1", said("m1", 1)));
	desk.apply(event("c1", said("m2", 2)));
	assert.deepEqual(shown(desk, "c1"), ["m1", "m2"]);
});

test("five thousand items with odd fields are taken without harm", () => {
	const { desk } = setUp();
	desk.apply(welcome({ queue: [null, 7, {}, item(""), ...Array.from({ length: 5000 }, (_, i) => item("c" + i, { visitor: null }))] }));
	assert.equal(desk.queue.length, 5000);
});

test("after a reconnect reading goes on where it was, and from the start when the epoch is another", () => {
	const { desk, wire } = setUp();
	const mine = { mine: [item("c1", { state: "assigned" })] };
	desk.apply(welcome(mine));
	desk.apply(event("c1", said("m1", 1)));
	desk.apply({ type: "done", id: last(wire, "open").id, conversation: "c1", epoch: "e1" });
	desk.offline();
	desk.apply(welcome(mine));
	assert.equal(last(wire, "open").since, 1);
	const second = last(wire, "open").id;
	desk.apply({ type: "done", id: second, conversation: "c1", epoch: "e2" });
	assert.equal(desk.live, false, "the other log is to be read");
	assert.notEqual(last(wire, "open").id, second);
	assert.equal(last(wire, "open").since, 0);
	desk.apply(event("c1", said("m1", 1)));
	desk.apply({ type: "done", id: last(wire, "open").id, conversation: "c1", epoch: "e2" });
	assert.equal(desk.live, true);
	assert.deepEqual(shown(desk, "c1"), ["m1"]);
});

test("a list is asked for once at a time and shown with what it was asked with", () => {
	const { desk, wire } = setUp();
	desk.lookUp("bot", "");
	assert.equal(last(wire, "list"), undefined, "not before the welcome");
	desk.apply(welcome());
	desk.lookUp("bot", "pay");
	desk.lookUp("bot", "pay");
	assert.equal(wire.out.filter((f) => f.type === "list").length, 1);
	const { id } = last(wire, "list");
	desk.apply({ type: "list", id, what: "bot", items: [item("c9", { state: "bot" })], more: true });
	desk.apply({ type: "done", id });
	assert.deepEqual([desk.found.what, desk.found.search, desk.found.more, desk.found.items[0].conversation], ["bot", "pay", true, "c9"]);
	desk.lookUp("bot", "pay");
	assert.equal(wire.out.filter((f) => f.type === "list").length, 2, "again once that is answered");
	desk.apply({ type: "list", id: "foreign", what: "bot", items: [] });
	assert.equal(desk.found.items.length, 1, "what nobody asked for changes nothing");
});

test("an answer about a list that is looked at no longer does not take the place of the newer one", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome());
	const ask = (what, search) => {
		desk.lookUp(what, search);
		return last(wire, "list").id;
	};
	const answer = (id, what, conversation) => {
		desk.apply({ type: "list", id, what, items: [item(conversation, { state: "bot" })] });
		desk.apply({ type: "done", id });
	};
	const [bot, narrowed, closed] = [ask("bot", ""), ask("bot", "pay"), ask("closed", "")];
	answer(closed, "closed", "c3");
	answer(bot, "bot", "c1");
	answer(narrowed, "bot", "c2");
	assert.deepEqual([desk.found.what, desk.found.items[0].conversation], ["closed", "c3"]);
});

test("the next chat is taken once one is resolved, and only then", () => {
	const { desk, wire } = withChat();
	desk.resolve("c1", "solved", true);
	assert.equal(last(wire, "claim"), undefined);
	desk.apply({ type: "done", id: last(wire, "resolve").id, conversation: "c1" });
	assert.notEqual(last(wire, "claim"), undefined);
	const again = withChat();
	again.desk.resolve("c1", "solved", true);
	again.desk.apply({ type: "error", id: last(again.wire, "resolve").id, conversation: "c1", code: "not_yours", message: "" });
	again.desk.resolve("c1", "solved");
	again.desk.apply({ type: "done", id: last(again.wire, "resolve").id, conversation: "c1" });
	assert.equal(last(again.wire, "claim"), undefined, "a refusal ends the wish");
});

test("a chat that went to a queue of others is closed with a word of why, also where it was refused to be opened again", () => {
	const { desk, wire } = withChat();
	const foreign = { type: "error", conversation: "c1", code: "not_yours", message: "of another queue" };
	const words = () => {
		desk.say(desk.chats.get("c1"), "hello", false);
		return last(wire, "message").id;
	};
	desk.apply({ ...foreign, id: words() });
	assert.ok(desk.chats.has("c1"), "that one was refused");
	desk.apply(foreign);
	assert.deepEqual([desk.chats.has("c1"), desk.selected, desk.isMine("c1")], [false, "", false]);
	assert.match(desk.toasts.at(-1).text, /went to a queue that is not yours/);
	const count = desk.toasts.length;
	desk.apply(foreign);
	assert.equal(desk.toasts.length, count, "once");

	const given = withChat();
	given.desk.transfer("c1", { queue: "vip" }, "");
	given.desk.apply({ type: "done", id: last(given.wire, "transfer").id, conversation: "c1" });
	given.desk.apply(foreign);
	assert.equal(given.desk.toasts.at(-1).text, "You passed this chat on to vip.");

	const back = withChat();
	back.desk.offline();
	back.desk.apply(welcome());
	back.desk.apply({ ...foreign, id: last(back.wire, "open").id });
	assert.equal(back.desk.chats.has("c1"), false);
});

test("that nobody waits is no failure, that somebody was quicker is one", () => {
	const { desk, wire } = setUp();
	desk.apply(welcome({ queue: [item("c1")] }));
	desk.claim();
	desk.apply({ type: "error", id: last(wire, "claim").id, code: "no_such_conversation", message: "" });
	assert.deepEqual([desk.toasts.at(-1).text, desk.toasts.at(-1).bad], ["Nobody is waiting.", false]);
	desk.claim("c1");
	desk.apply({ type: "error", id: last(wire, "claim").id, conversation: "c1", code: "taken", message: "" });
	assert.equal(desk.toasts.at(-1).bad, true);
	const refused = (message) => {
		desk.claim("c1");
		desk.apply({ type: "error", id: last(wire, "claim").id, conversation: "c1", code: "not_now", message });
		return desk.toasts.at(-1).text;
	};
	assert.match(refused("this conversation waits for nobody"), /can be taken once its visitor asks for a person/);
	assert.match(refused("this is none of your queues"), /a queue that is not yours/);
});
