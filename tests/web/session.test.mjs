// The shopper's side of the protocol against a made-up daemon: hello, resume,
// resend, receipts, refusals, another epoch, another conversation.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { Session } = await load("widget/session.ts");
const { isContact } = await load("widget/contact.ts");
const { Outbox } = await load("shared/outbox.ts");
const { openStore } = await load("shared/store.ts");

function setUp(storage = new FakeStorage()) {
	const clock = { now: 1_700_000_000_000 };
	const store = openStore(() => storage, "t:");
	const outbox = new Outbox(store, () => clock.now, () => 0.25);
	const wire = { up: true, out: [], wake: 0, send(f) {
		if (this.up)
			this.out.push(f);
		return this.up;
	}, wakeAt(at) {
		this.wake = at;
	} };
	const session = new Session(store, outbox, wire, () => undefined);
	return { session, wire, clock, storage, outbox };
}
const welcome = (more = {}) => ({ type: "welcome", visitor: "tok", conversation: "c1", epoch: "e1", state: "bot", seq: 0, events: [], more: false, announcements: [], limits: { text: 2000 }, shop: { name: "Shop" }, degraded: false, ...more });
const said = (id, seq, from = "shopper") => ({ type: "message", id, from, text: id, at: 1, seq });
const shown = (session) => session.items().filter((i) => i.type === "message").map((i) => i.text);
/* As they go over the wire. */
const contexts = (wire) => JSON.parse(JSON.stringify(wire.out.filter((f) => f.type === "context")));
const texts = (wire) => wire.out.filter((f) => f.type === "message").map((f) => f.text);

test("the first hello names nothing; the next one names what is known", () => {
	const { session, storage } = setUp();
	assert.deepEqual(session.hello(), { type: "hello" });
	session.apply(welcome({ seq: 2, events: [said("a", 1), said("a.a", 2, "bot")] }));
	assert.deepEqual(session.hello(), { type: "hello", visitor: "tok", conversation: "c1", epoch: "e1", since: 2 });
	// A fresh page has the place but not the log.
	const again = setUp(storage).session;
	assert.deepEqual(again.hello(), { type: "hello", visitor: "tok", conversation: "c1", epoch: "e1", since: 0 });
});

test("nothing is sent before the welcome, and then in the order of writing", () => {
	const { session, wire } = setUp();
	session.say("one");
	session.say("two");
	assert.deepEqual(wire.out, []);
	session.apply(welcome());
	assert.deepEqual(texts(wire), ["one", "two"]);
	assert.deepEqual(shown(session), ["one", "two"]);
});

test("a message goes through queued, acknowledged, stored and read", () => {
	const { session, wire } = setUp();
	const status = () => session.status(session.items().at(-1));
	session.say("hello");
	assert.equal(status(), "queued");
	session.apply(welcome());
	const { id } = wire.out[0];
	session.apply({ type: "ack", id, at: 1 });
	assert.equal(status(), "acked");
	session.apply({ type: "stored", id, seq: 1 });
	assert.equal(status(), "stored");
	session.apply({ type: "read", by: "agent", upto: 1 });
	assert.equal(status(), "read");
	assert.equal(session.hello().since, 1);
});

test("what was sent but not stored is sent again after a reconnect with the same id, before anything newer", () => {
	const { session, wire } = setUp();
	session.apply(welcome());
	session.say("one");
	session.say("two");
	const [one, two] = wire.out.map((f) => f.id);
	session.apply({ type: "ack", id: one, at: 1 });
	session.apply({ type: "stored", id: one, seq: 1 });
	session.apply({ type: "ack", id: two, at: 1 });
	wire.up = false;
	session.offline();
	session.say("three");
	wire.up = true;
	wire.out.length = 0;
	session.apply(welcome({ seq: 1, events: [] }));
	assert.deepEqual(texts(wire), ["two", "three"]);
	assert.equal(wire.out[0].id, two);
	session.apply({ type: "stored", id: two, seq: 2 });
	assert.deepEqual(shown(session), ["one", "two", "three"]);
});

test("a message that the log has already is shown once and leaves the outbox", () => {
	const { session, wire, outbox } = setUp();
	session.apply(welcome());
	session.say("one");
	const { id } = wire.out[0];
	session.offline();
	session.apply(welcome({ seq: 1, events: [{ ...said(id, 1), text: "one" }] }));
	assert.deepEqual(shown(session), ["one"]);
	assert.equal(outbox.list().length, 0);
	session.apply({ type: "stored", id, seq: 1 });
	assert.deepEqual(shown(session), ["one"]);
});

test("a refusal with a wait holds everything, then starts with the refused one", () => {
	const { session, wire, clock } = setUp();
	session.apply(welcome());
	for (const t of ["one", "two", "three"])
		session.say(t);
	const id = wire.out[1].id;
	session.apply({ type: "error", code: "rate_limited", message: "", id, retry_ms: 400 });
	wire.out.length = 0;
	session.say("four");
	assert.deepEqual(texts(wire), []);
	assert.equal(wire.wake, clock.now + 400);
	clock.now += 400;
	session.pump();
	assert.deepEqual(texts(wire), ["two", "three", "four"]);
});

test("a refusal for good marks the message failed and can be tried again under a new id", () => {
	const { session, wire, outbox } = setUp();
	session.apply(welcome());
	session.say("one");
	const { id } = wire.out[0];
	session.apply({ type: "error", code: "id_reused", message: "", id });
	assert.equal(outbox.list().length, 0);
	assert.equal(session.status(session.items()[0]), "failed");
	session.retry(id);
	assert.equal(wire.out.length, 2);
	assert.notEqual(wire.out[1].id, id);
	assert.deepEqual(shown(session), ["one"]);
});

test("another epoch in the welcome: seqs are forgotten, ids shown once, the outbox kept", () => {
	const { session, wire, outbox } = setUp();
	session.apply(welcome({ seq: 2, events: [said("a", 1), said("b", 2)] }));
	session.say("mine");
	session.offline();
	wire.out.length = 0;
	session.apply(welcome({ epoch: "e2", seq: 1, events: [said("a", 1)] }));
	assert.equal(session.log.high, 1);
	assert.deepEqual(shown(session), ["a", "b", "mine"]);
	assert.deepEqual(texts(wire), ["mine"]);
	assert.equal(outbox.list().length, 1);
});

test("a reset on a live connection takes the log anew from 1", () => {
	const { session } = setUp();
	session.apply(welcome({ seq: 2, events: [said("a", 1), said("b", 2)] }));
	session.apply({ type: "reset", conversation: "c1", epoch: "e9", seq: 2 });
	assert.equal(session.log.high, 0);
	session.apply(said("a", 1));
	session.apply(said("b", 2));
	assert.deepEqual(shown(session), ["a", "b"]);
	assert.equal(session.hello().epoch, "e9");
	assert.equal(session.hello().since, 2);
	session.apply({ type: "reset", conversation: "other", epoch: "x", seq: 0 });
	assert.equal(session.log.high, 2);
});

test("a message to a closed conversation: the old one becomes the past, the message goes into the new one", () => {
	const { session, wire, outbox } = setUp();
	session.apply(welcome({ seq: 2, state: "closed", events: [said("a", 1), { type: "state", seq: 2, state: "closed", at: 1 }] }));
	session.startAnew();
	session.say("new question");
	const { id } = wire.out.at(-1);
	session.apply({ type: "ack", id, at: 1 });
	session.apply(welcome({ conversation: "c2", epoch: "e1" }));
	assert.equal(wire.out.filter((f) => f.id === id).length, 1, "not sent twice on one connection");
	session.apply({ type: "stored", id, seq: 1 });
	assert.deepEqual(shown(session), ["new question"]);
	assert.deepEqual(session.past.filter((i) => i.type === "message").map((i) => i.text), ["a"]);
	assert.equal(outbox.list().length, 0);
	assert.equal(session.hello().conversation, "c2");
	assert.equal(session.state, "bot");
});

test("a welcome while Redis is away keeps what is on the screen", () => {
	const { session, wire } = setUp();
	session.apply(welcome({ seq: 1, events: [said("a", 1)] }));
	session.offline();
	session.apply(welcome({ degraded: true, epoch: "", seq: 0 }));
	assert.deepEqual(shown(session), ["a"]);
	assert.equal(session.degraded, true);
	session.say("b");
	assert.deepEqual(texts(wire), ["b"]);
	assert.equal(session.hello().epoch, "e1");
});

test("while Redis is away the shopper is told only if something cannot be shown, and until it can", () => {
	const { session, storage } = setUp();
	session.apply(welcome({ degraded: true, epoch: "", conversation: "new" }));
	assert.equal(session.missing, false);
	session.apply(welcome({ seq: 1, events: [said("a", 1)] }));
	assert.equal(session.missing, false);
	const later = setUp(storage).session;
	later.apply(welcome({ degraded: true, epoch: "", seq: 0 }));
	assert.equal(later.missing, true);
	assert.equal(later.hello().conversation, "c1");
	later.apply({ type: "reset", conversation: "c1", epoch: "e2", seq: 1 });
	later.apply(said("a", 1));
	assert.equal(later.missing, false);
	assert.deepEqual(shown(later), ["a"]);
});

test("bad_token: the fresh visitor's token is kept and the outbox goes to the new conversation", () => {
	const { session, wire } = setUp();
	session.apply(welcome());
	session.say("unsent");
	session.offline();
	wire.out.length = 0;
	session.apply({ type: "error", code: "bad_token", message: "" });
	session.apply(welcome({ visitor: "tok2", conversation: "c9" }));
	assert.equal(session.hello().visitor, "tok2");
	assert.deepEqual(texts(wire), ["unsent"]);
});

test("text is sent as the daemon can take it: no half surrogates, no control characters, no empty message", () => {
	const { session, wire } = setUp();
	session.apply(welcome());
	assert.equal(session.say("  \u0000 \n "), false);
	assert.equal(session.say("a\ud800b\u0007\r\nc 😀"), true);
	assert.equal(texts(wire)[0], "a\ufffdb\nc 😀");
	assert.equal(session.say("😀".repeat(2000)), true);
	assert.equal(session.say("😀".repeat(2001)), false);
});

test("asking for a person twice is asked once", () => {
	const { session, wire } = setUp();
	session.apply(welcome());
	session.human("A person, please");
	session.human("A person, please");
	assert.equal(wire.out.filter((f) => f.type === "human").length, 1);
});

test("a rating is sent once and remembered over a reload", () => {
	const { session, wire, storage } = setUp();
	session.apply(welcome());
	session.rate("ask1", 4, " good ");
	assert.deepEqual({ ...wire.out[0], id: "" }, { type: "feedback", ask: "ask1", score: 4, comment: "good", id: "" });
	assert.equal(setUp(storage).session.rated("ask1"), true);
	assert.equal(session.rated("ask2"), false);
});

test("unread counts what others said after the last look, and a look is told to the daemon", () => {
	const { session, wire } = setUp();
	session.apply(welcome({ seq: 3, events: [said("a", 1), said("a.a", 2, "bot"), said("x", 3, "agent")] }));
	assert.equal(session.unread().length, 2);
	session.markSeen();
	assert.equal(session.unread().length, 0);
	assert.deepEqual(wire.out.at(-1), { type: "read", upto: 3 });
	session.markSeen();
	assert.equal(wire.out.length, 1);
});

test("what another tab's connection heard is taken only without a gap, and errors not at all", () => {
	const { session, outbox } = setUp();
	session.apply(welcome({ seq: 1, events: [said("a", 1)] }));
	session.apply(said("b", 2, "agent"), false);
	session.apply(said("d", 4, "agent"), false);
	assert.deepEqual(shown(session), ["a", "b"]);
	assert.equal(session.log.high, 2);
	session.say("mine");
	session.apply({ type: "error", code: "bad_frame", id: outbox.list()[0].id }, false);
	assert.equal(outbox.list().length, 1);
});

test("frames that no one knows, and fields of the wrong kind, change nothing", () => {
	const { session } = setUp();
	session.apply(welcome());
	for (const frame of [{ type: "surprise" }, { type: "toString" }, { type: "message" }, { type: "waiting", position: "x", eta_s: 7 }, { type: "announcement" }, { type: "stored" }, { type: "state", state: "odd", seq: 1 }])
		assert.doesNotThrow(() => session.apply(frame));
	assert.equal(session.state, "bot");
});

test("a tab that follows goes along into the next conversation, and counts what is new there", () => {
	const storage = new FakeStorage();
	const leader = setUp(storage).session, follower = setUp(storage).session, late = setUp(storage).session;
	const before = welcome({ state: "closed", seq: 2, events: [said("a", 1), said("bye", 2, "agent")] });
	leader.apply(before);
	follower.apply(before);
	follower.offline();
	const next = welcome({ conversation: "c2", epoch: "e2" });
	leader.apply(next);
	follower.apply(next, false);
	late.apply(next, false);
	for (const frame of [said("new", 1), said("new.a", 2, "bot"), said("hello", 3, "agent")])
		for (const session of [leader, follower, late])
			session.apply(frame, session === leader);
	for (const session of [leader, follower, late]) {
		assert.deepEqual(session.items().filter((i) => i.type === "message").map((i) => i.text), ["new", "new.a", "hello"]);
		assert.equal(session.unread().length, 2);
	}
	assert.equal(JSON.parse(storage.getItem("t:conv")).conversation, "c2");
});

test("a tab that follows takes nothing of a log whose beginning it has not seen", () => {
	const storage = new FakeStorage();
	const follower = setUp(storage).session;
	follower.apply(welcome({ seq: 1, events: [said("a", 1)] }));
	follower.offline();
	follower.apply(welcome({ conversation: "c2", epoch: "e2", seq: 7, events: [said("late", 7)] }), false);
	follower.apply(said("later", 8), false);
	assert.deepEqual(shown(follower), ["a"]);
	assert.equal(JSON.parse(storage.getItem("t:conv")).conversation, "c1");
});

test("where the shopper is and what is in the cart is told once it is known and when it changes", () => {
	const { session, wire } = setUp();
	const told = () => contexts(wire);
	session.look({ page: "/a" });
	assert.equal(session.hello().page, "/a");
	session.apply(welcome());
	assert.deepEqual(told(), [], "hello said it");
	session.look({ page: "/a" });
	assert.deepEqual(told(), []);
	session.look({ cart: [{ name: "Kettle" }] });
	assert.deepEqual(told(), [{ type: "context", page: "/a", cart: [{ name: "Kettle" }] }]);
	session.look({ page: "/b" });
	assert.equal(told().length, 2);
	assert.deepEqual(told()[1].cart, [{ name: "Kettle" }], "what is not named stays");
	// While the connection is lost it is kept, and what came last is told.
	session.offline();
	session.look({ page: "/c" });
	session.look({ page: "/d", cart: "2 cups" });
	assert.equal(told().length, 2);
	assert.equal(session.hello().page, "/d");
	session.apply(welcome());
	assert.deepEqual(told()[2], { type: "context", page: "/d", cart: "2 cups" });
	assert.equal(told().length, 3);
});

test("a contact goes out as one frame, is shown at once as it is logged, and known after a reload", () => {
	const { session, wire, storage } = setUp();
	session.apply(welcome({ state: "queued" }));
	session.leaveContact({ reach: "ida@example.org", name: "Ida", text: "After five" });
	const sent = wire.out.find((f) => f.type === "contact");
	assert.deepEqual(sent, { type: "contact", id: sent.id, email: "ida@example.org", name: "Ida", text: "After five" });
	assert.deepEqual(shown(session), ["Ida\nida@example.org\nAfter five"]);
	assert.equal(session.contact(), "ida@example.org");
	assert.equal(setUp(storage).session.contact(), "ida@example.org");
	session.apply({ type: "stored", id: sent.id, seq: 1 });
	session.apply({ type: "message", id: sent.id, from: "shopper", text: "Ida\nida@example.org\nAfter five", contact: true, at: 1, seq: 1 });
	assert.deepEqual(shown(session), ["Ida\nida@example.org\nAfter five"]);
	assert.equal(session.contact(), "ida@example.org");
	session.leaveContact({ reach: "+44 20 7946 0000", name: "", text: "" });
	assert.equal(wire.out.at(-1).phone, "+44 20 7946 0000");
	session.apply({ type: "stored", id: wire.out.at(-1).id, seq: 2 });
	session.apply(welcome({ conversation: "c2" }));
	assert.equal(session.contact(), "", "of another conversation");
});

test("an answer may be judged while it is the last word and the bot's, once", () => {
	const { session } = setUp();
	const answer = (seq, more) => ({ ...said("m" + seq + ".a", seq, "bot"), rate: true, ...more });
	session.apply(welcome({ seq: 2, events: [said("m1", 1), answer(2)] }));
	assert.equal(session.rateable(), "m2.a");
	session.rate("m2.a", 1, "");
	assert.equal(session.rateable(), "", "once");
	session.apply(answer(3));
	assert.equal(session.rateable(), "m3.a");
	session.apply({ type: "ask_feedback", id: "q", kind: "solved", text: "Solved?", seq: 4 });
	assert.equal(session.rateable(), "", "it is asked already");
	session.apply(answer(5, { rate: undefined }));
	assert.equal(session.rateable(), "", "not an answer");
	session.apply(answer(6));
	session.apply({ type: "state", state: "queued", seq: 7, at: 1 });
	assert.equal(session.rateable(), "", "in line");
});

test("a shop that has opened meanwhile is not closed", () => {
	const { session } = setUp();
	assert.equal(session.closed, false, "not known");
	session.apply(welcome({ shop: { open: false, opens_at: Date.now() + 60_000 } }));
	assert.equal(session.closed, true);
	session.apply(welcome({ shop: { open: false, opens_at: Date.now() - 1 } }));
	assert.equal(session.closed, false);
	session.apply(welcome({ shop: { open: false, opens_at: null } }));
	assert.equal(session.closed, true);
});

test("what is an address or a number is a contact", () => {
	for (const good of ["a@b.de", "ida.lund+shop@mail.example.org", "+44 20 7946 0000", "(030) 123-456", "0151/1234567"])
		assert.ok(isContact(good), good);
	for (const bad of ["", "ida", "a@b", "12345", "call me at noon", "a b@c.de", "+", "0800 CALL ME"])
		assert.ok(!isContact(bad), bad);
});

/* As the page says it: Ada by a JWT, which is another one each time, Ben by
 * the hmac. */
const signed = (sub, exp = 1) => ({ jwt: ["{}", JSON.stringify({ sub, exp })].map((x) => Buffer.from(x).toString("base64url")).join(".") + ".c2ln" });
const ada = signed("ada");
const ben = { id: "ben", hmac: "00" };
const another = (more) => welcome({ conversation: "c2", erased: true, another: true, ...more });
const spoken = (words, seq) => said(words, seq, "bot");

function signedIn(user, storage) {
	const made = setUp(storage);
	made.session.meet(user);
	return made;
}

test("who is there is told apart by the shop's id, not by its signature, and nobody vouched for is nobody", async () => {
	const { markOf } = await load("widget/person.ts");
	assert.notEqual(markOf(ada), "");
	assert.equal(markOf(ada), markOf(signed("ada", 99)));
	assert.equal(markOf(ada), markOf({ id: "ada", hmac: "00" }));
	assert.notEqual(markOf(ada), markOf(ben));
	assert.ok(!markOf(ada).includes("ada"));
	for (const nobody of [null, {}, { id: "ada", name: "Ada" }, { jwt: "" }, { jwt: "no" }, { jwt: "a.b.c" }, { jwt: "e30.MQ.x" }])
		assert.equal(markOf(nobody), "", JSON.stringify(nobody));
	assert.notEqual(markOf(signed("ä_ö~ü?")), "");
});

test("another customer sees nothing of the one before: not the log, the draft, nor what was not sent", () => {
	const first = signedIn(ada);
	first.session.apply(welcome({ seq: 1, events: [spoken("for Elm Street", 1)] }));
	first.storage.setItem("t:draft", "half a");
	first.wire.up = false;
	first.session.offline();
	first.session.say("my secret");
	// On the next page, before the daemon has said anything.
	const { session, wire, storage } = signedIn(ben, first.storage);
	assert.equal(session.foreign, true);
	assert.deepEqual(shown(session), []);
	session.say("mine");
	session.apply(another());
	assert.deepEqual(shown(session), ["mine"]);
	assert.deepEqual(texts(wire), ["mine"]);
	assert.deepEqual(session.past, []);
	assert.equal(session.wasForeign, true);
	assert.equal(session.foreign, false);
	assert.equal(storage.getItem("t:draft"), null);
	assert.ok(![...storage.map.values()].join().includes("secret"));
	assert.deepEqual(shown(signedIn(ada, storage).session), [], "it is gone");
	// It is not said again with the next connection, nor in the next chat.
	session.offline();
	session.apply(welcome({ conversation: "c2" }));
	assert.equal(session.wasForeign, true);
	session.apply(welcome({ conversation: "c3" }));
	assert.equal(session.wasForeign, false);
});

test("a page without a reload hides what was somebody else's at once, connected or not", () => {
	const { session, wire } = signedIn(ada);
	session.apply(welcome({ state: "assigned", seq: 1, events: [spoken("for Elm Street", 1)] }));
	assert.equal(session.meet(signed("ada", 99)), false, "a new signature");
	assert.deepEqual(shown(session), ["for Elm Street"]);
	wire.up = false;
	session.say("not sent");
	assert.equal(session.meet(null), true);
	assert.deepEqual(shown(session), []);
	assert.equal(session.state, "bot");
	assert.equal(session.hello().user, undefined);
	assert.equal(session.hello().since, 0);
	assert.equal(session.meet(ada), false);
	assert.deepEqual(shown(session), ["not sent"]);
});

test("what was not sent waits for whoever has signed out, and goes nowhere as nobody's", () => {
	const first = signedIn(ada);
	first.session.apply(welcome());
	first.wire.up = false;
	first.session.say("hers");
	const out = signedIn(null, first.storage);
	out.session.say("nobody's");
	out.session.apply(another());
	assert.deepEqual(texts(out.wire), ["nobody's"]);
	out.session.apply({ type: "stored", id: out.wire.out.at(-1).id, seq: 1 });
	const back = signedIn(ada, first.storage);
	assert.deepEqual(shown(back.session), ["hers"]);
	back.session.apply(welcome());
	assert.deepEqual(texts(back.wire), ["hers"]);
	assert.equal(back.session.wasForeign, false);
});

test("who was nobody and signs in keeps what is on the screen and what is not sent yet", () => {
	const { session, wire } = setUp();
	session.apply(welcome({ seq: 1, events: [spoken("hello", 1)] }));
	wire.up = false;
	session.say("not sent");
	assert.equal(session.meet(ada), false);
	assert.deepEqual(shown(session), ["hello", "not sent"]);
	wire.up = true;
	session.offline();
	session.apply(welcome({ seq: 1 }));
	assert.deepEqual(texts(wire), ["not sent"]);
	assert.deepEqual(shown(session), ["hello", "not sent"]);
});
