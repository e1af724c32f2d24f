// The shopper's side of the wire, against the real daemon and a real Redis:
// what a message brings, what a mistake brings, and how a conversation goes
// on. What another daemon, an agent or a fault adds stands in the files
// beside this one.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PATIENCE_MS, Stack, sleep, until } from "./lib.mjs";
import { newId } from "./wire.mjs";

describe("shopper", () => {
	const scope = { after: (fn) => scope.ends.push(fn), ends: [] };
	let stack;

	before(async () => {
		stack = await Stack.start(scope);
	});
	after(async () => {
		for (const end of scope.ends.reverse())
			await end();
	});

	test("hello is answered by a welcome that says where the log stands", async () => {
		const s = await stack.shopper();
		const w = s.welcome;
		assert.equal(w.state, "bot");
		assert.deepEqual(w.events, []);
		assert.equal(w.seq, 0);
		assert.equal(w.more, false);
		assert.equal(w.degraded, false);
		assert.equal(w.limits.text, 2000);
		assert.equal(w.limits.frame, 32768);
		assert.ok(Number.isInteger(w.limits.messages_per_minute));
		assert.equal(typeof w.shop.name, "string");
		assert.equal(typeof w.shop.open, "boolean");
		assert.ok("opens_at" in w.shop && "colours" in w.shop && "greeting" in w.shop);
		assert.ok(w.visitor.length > 20, "the token is signed");
	});

	test("a message is acknowledged first, then answered by its intent, and stored", async () => {
		const s = await stack.shopper();
		const m = s.message("I want to cancel my order");
		const answer = await m.answer;
		const stored = await m.stored;
		assert.equal(s.frames[1].type, "ack");
		assert.equal(answer.intent, "cancel_order");
		assert.equal(answer.id, `${m.id}.a`);
		assert.ok(answer.text.length > 20);
		assert.ok(answer.rules, "the rules' version is on it");
		assert.equal(stored.seq, 1);
		const kept = await s.expect((f) => f.id === answer.id && f.seq !== undefined);
		assert.equal(kept.seq, 2);
	});

	test("what the bot has learnt stands in the hash beside the log, too", async () => {
		const s = await stack.shopper();
		const slots = () => stack.redis.cli("HGET", `answerd:conv:{${s.conversation}}`, "slots");
		await s.say("hello");
		assert.equal(slots(), "");
		await s.say("where is my order 12345678");
		await until(() => slots() === '{"order_id":"12345678"}', "the number is there");
		await s.say("how can I pay?");
		await s.say("and where is my order 87654321");
		await until(() => slots() === '{"order_id":"87654321"}', "the newer one is there");
	});

	test("what was said comes back in a new hello, each once and in order", async () => {
		const s = await stack.shopper();
		const a = await s.say("hello");
		const b = await s.say("how can I pay?");
		await b.answer;
		await s.expect((f) => f.id === `${b.id}.a` && f.seq);
		const { visitor, conversation, epoch, since } = s.resume;
		await s.close();
		const again = await stack.shopper({ hello: { visitor, conversation, epoch, since: 0 } });
		const said = again.welcome.events.filter((e) => e.type === "message");
		assert.deepEqual(said.filter((e) => e.from === "shopper").map((e) => [e.id, e.text]), [[a.id, "hello"], [b.id, "how can I pay?"]]);
		assert.equal(new Set(said.map((e) => e.id)).size, said.length);
		assert.equal(again.welcome.seq, since);
		const rest = await stack.shopper({ hello: { visitor, conversation, epoch, since } });
		assert.deepEqual(rest.welcome.events, [], "nothing came after what it has");
	});

	test("a message sent again with its id is stored under the first seq and answered once", async () => {
		const s = await stack.shopper();
		const m = await s.say("where is my order");
		const first = (await m.stored).seq;
		const again = s.message("where is my order", { id: m.id });
		const stored = await again.stored;
		assert.equal(stored.seq, first);
		await s.say("thanks");
		const other = await stack.shopper({ hello: { visitor: s.visitor } });
		const events = other.welcome.events;
		assert.equal(events.filter((e) => e.id === m.id).length, 1);
		assert.equal(events.filter((e) => e.id === `${m.id}.a`).length, 1);
	});

	test("a message that was stored while nobody listened is not doubled by the resend", async () => {
		const s = await stack.shopper();
		const id = newId();
		s.send({ type: "message", id, text: "what is your refund policy" });
		await s.expect({ type: "ack", id });
		s.drop();
		await s.closed;
		const back = await stack.shopper({ hello: { visitor: s.visitor, conversation: s.conversation, epoch: s.epoch, since: 0 } });
		back.isShared = true; // what the first one brought may be logged only now
		const m = back.message("what is your refund policy", { id });
		const { seq } = await m.stored;
		assert.equal(seq, 1);
		await back.say("ok");
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.events.filter((e) => e.id === id).length, 1);
	});

	test("a known id with another text is refused, and the log keeps the first", async () => {
		const s = await stack.shopper();
		const m = await s.say("where is my order");
		const bad = s.message("cancel my order", { id: m.id });
		assert.equal((await bad.error).code, "id_reused");
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.deepEqual(look.welcome.events.filter((e) => e.id === m.id).map((e) => e.text), ["where is my order"]);
	});

	test("an answer's buttons can be pressed: logged as the button's text, handled by its value", async () => {
		const s = await stack.shopper();
		const m = s.message("what is your phone number");
		const answer = await m.answer;
		assert.equal(answer.intent, "contact_customer_service");
		const button = answer.buttons.find((b) => b.value);
		assert.ok(button, `buttons: ${JSON.stringify(answer.buttons)}`);
		await m.stored;
		const c = s.choose(button.value);
		await c.stored;
		await s.state("queued");
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.events.find((e) => e.id === c.id).text, button.text);
	});

	test("a button that nobody offered does not break anything", async () => {
		const s = await stack.shopper();
		const c = s.choose("no_such_value_at_all");
		await c.ack;
		const f = await s.expect((x) => x.id === c.id && ["stored", "error"].includes(x.type));
		assert.ok(f.type === "stored" || ["bad_frame", "not_now"].includes(f.code), JSON.stringify(f));
		await (await s.say("hello")).answer;
	});

	test("the first miss offers near candidates or a person, the second hands over", async () => {
		const s = await stack.shopper();
		const first = s.message("xyzzy plugh frobnicate");
		const offer = await first.answer;
		assert.ok(offer.buttons?.some((b) => b.value), `an offer: ${JSON.stringify(offer)}`);
		await first.stored;
		assert.equal(s.frames.some((f) => f.type === "state" && f.state === "queued"), false);
		const second = s.message("grault garply waldo");
		await second.stored;
		const state = await s.state("queued");
		assert.ok(state.reason, "the reason is said");
		const waiting = await s.expect("waiting");
		assert.equal(waiting.stalled, false);
		assert.ok(waiting.position >= 1);
		assert.ok(waiting.eta_s === null || (Array.isArray(waiting.eta_s) && waiting.eta_s.length === 2));
	});

	test("who asks for a person waits in line, and the bot goes on answering", async () => {
		const s = await stack.shopper();
		const h = s.human();
		await h.stored;
		await s.state("queued");
		await s.expect("waiting");
		const m = s.message("what payment methods do you accept?");
		assert.equal((await m.answer).intent, "check_payment_methods");
		await m.stored;
		const miss = s.message("xyzzy plugh frobnicate");
		await miss.stored;
		await (await s.say("xyzzy once more")).stored;
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.state, "queued");
		assert.equal(look.welcome.events.filter((e) => e.type === "state").length, 1, "handed over once");
	});

	test("who writes German in line is told in German from there on, and in English once they go on in it", async () => {
		const s = await stack.waiting(null);
		const desk = await stack.desk("greta");
		await (await s.say("Wann kommt meine Bestellung?")).stored;
		await s.expect((f) => /Ihr Platz bleibt Ihnen/.test(f.text ?? ""));
		await desk.claim(s.conversation).done;
		await s.expect((f) => /ist jetzt für Sie da/.test(f.text ?? ""));
		await desk.ask({ type: "release", conversation: s.conversation }).done;
		await s.expect((f) => /Sie stehen wieder an Ihrem alten Platz/.test(f.text ?? ""));
		await (await s.say("what payment methods do you accept?")).answer;
		await desk.claim(s.conversation).done;
		await s.expect((f) => /is with you now/.test(f.text ?? ""));
	});

	test("a sentence that asks for a person hands over", async () => {
		const s = await stack.shopper();
		await s.say("I want to talk to a human");
		assert.equal((await s.state("queued")).type, "state");
	});

	test("leaving closes the conversation, and the next message opens another with a fresh welcome", async () => {
		const s = await stack.waiting("where is my order");
		const old = s.conversation;
		await s.leave().stored;
		await s.state("closed");
		const from = s.mark;
		const m = s.message("hello again");
		await m.ack;
		const welcome = await s.expect("welcome", { from });
		assert.notEqual(welcome.conversation, old);
		assert.equal(welcome.state, "bot");
		assert.ok(s.frames.indexOf(await m.ack) < s.frames.indexOf(welcome), "ack, then the welcome");
		const stored = await m.stored;
		assert.equal(stored.seq, 1);
		assert.ok(s.frames.indexOf(stored) > s.frames.indexOf(welcome));
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.conversation, welcome.conversation);
	});

	test("who leaves a line is out of it", async () => {
		const desk = await stack.desk("lena");
		const s = await stack.waiting();
		await desk.seesWaiting(s.conversation);
		const from = desk.mark;
		await s.leave().stored;
		await s.state("closed");
		await desk.seesNotWaiting(s.conversation, { from });
	});

	test("leaving once more what is closed is not called stored, the same leave again is", async () => {
		const s = await stack.shopper();
		await (await s.say("hello")).answer;
		const first = s.leave();
		const { seq } = await first.stored;
		await s.state("closed");
		assert.equal((await s.leave().error).code, "not_now");
		assert.equal((await s.leave({ id: first.id }).stored).seq, seq);
	});

	test("what was sent in one go to a conversation that is closed goes on in the next, all of it in order", async () => {
		for (let round = 0; round < 3; round++) {
			const s = await stack.shopper();
			await (await s.say("hello")).answer;
			s.socket._socket.cork(); // one packet, so one turn of the daemon
			s.leave();
			const said = [1, 2, 3, 4, 5].map((n) => s.message(`hello ${n}`));
			s.socket._socket.uncork();
			for (const one of said)
				await one.stored;
			const look = await stack.shopper({ hello: { visitor: s.visitor } });
			assert.equal(look.conversation, s.conversation);
			assert.deepEqual(look.welcome.events.filter((e) => e.from === "shopper").map((e) => e.id), said.map((one) => one.id));
		}
	});

	test("what comes again after the close is in the log already, however long ago it was said", async () => {
		const s = await stack.shopper();
		const said = [];
		for (let i = 0; i < 40; i++)
			said.push(await s.say(`hello ${i}`));
		await s.leave().stored;
		await s.state("closed");
		const back = await stack.shopper({ hello: s.resume });
		back.socket._socket.cork();
		const again = [0, 1, 20, 39].map((i) => [i, back.message(`hello ${i}`, { id: said[i].id })]);
		const other = back.message("something else", { id: said[2].id });
		const fresh = back.message("and this is new");
		back.socket._socket.uncork();
		for (const [i, one] of again)
			assert.equal((await one.stored).seq, said[i].stored_.seq);
		const refused = await other.error;
		assert.equal(refused.code, "id_reused");
		assert.equal((await fresh.stored).seq, 1);
		const next = back.frames.findLastIndex((f) => f.type === "welcome");
		assert.ok(next > back.frames.indexOf(refused), "none of it opens the next conversation");
		const { events } = (await stack.shopper({ hello: { visitor: back.visitor } })).welcome;
		assert.deepEqual(events.filter((e) => e.from === "shopper").map((e) => e.id), [fresh.id]);
	});

	test("what comes again when another tab has gone on to the next conversation is not said there, too", async () => {
		const s = await stack.shopper();
		const { resume } = s;
		const said = [await s.say("hello"), await s.say("how can I pay")];
		const other = await stack.shopper({ hello: { visitor: s.visitor } });
		for (let i = 0; i < 3; i++) { /* conversations */
			await other.leave().stored;
			await other.say("hello there");
		}
		const from = s.mark;
		const between = await s.say("thanks"); // in the last one, and heard by nobody who was there before
		assert.equal(other.conversation, s.conversation);
		assert.ok(await s.expect("welcome", { from }));
		const back = await stack.shopper({ hello: resume });
		assert.equal(back.conversation, s.conversation);
		const again = [back.message("hello", { id: said[0].id }), back.message("how can I pay", { id: said[1].id })];
		const known = back.message("thanks", { id: between.id });
		const fresh = back.message("is there a discount");
		for (const one of again)
			assert.ok((await one.stored).seq <= back.since, "names nothing that this log does not have");
		assert.equal((await known.stored).seq, between.stored_.seq);
		await fresh.stored;
		const { events } = (await stack.shopper({ hello: { visitor: s.visitor } })).welcome;
		const ids = events.filter((e) => e.from === "shopper").map((e) => e.id);
		assert.deepEqual(ids.slice(1), [between.id, fresh.id]);
	});

	test("an id of an earlier conversation is free in the next one", async () => {
		const s = await stack.shopper();
		await s.message("hello", { id: "m1" }).stored;
		const { resume } = s;
		const other = await stack.shopper({ hello: { visitor: s.visitor } });
		await other.leave().stored;
		await other.say("hello there");
		const back = await stack.shopper({ hello: resume });
		await back.message("where is my order", { id: "m1" }).answer;
		const only = await stack.shopper({ hello: { visitor: s.visitor } }); // knows of no earlier one
		await only.say("thanks");
		await only.leave().stored;
		await only.state("closed");
		await only.say("hello");
		const m1 = only.message("hello", { id: "m1" });
		await m1.answer;
		await m1.stored;
	});

	test("feedback that was asked for is stored, what was not is refused", async () => {
		const s = await stack.shopper();
		await (await s.say("what is your phone number")).answer;
		const ask = await s.expect("ask_feedback");
		assert.equal(ask.kind, "solved");
		assert.ok(ask.text.length > 0);
		const over = s.feedback(ask.id, 9);
		const refused = await over.error;
		assert.equal(refused.code, "bad_frame");
		assert.match(refused.message, /score/);
		const wrong = s.feedback("nobody-asked", 1);
		assert.equal((await wrong.error).code, "not_now");
		const good = s.feedback(ask.id, 1, { comment: "quick" });
		const stored = await good.stored;
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.events.find((e) => e.seq === stored.seq).type, "skip", "not for the shopper's eyes");
	});

	test("what was asked about a message with the longest id there may be is rated like any", async () => {
		for (const by of ["button", "word"]) {
			const s = await stack.shopper();
			await s.message("what is your phone number", { id: "a".repeat(64) }).stored;
			const ask = await s.expect("ask_feedback");
			if (by === "button")
				await s.feedback(ask.id, 1).stored;
			else
				await s.message("yes", { id: "b".repeat(64) }).stored;
			const again = await s.feedback(ask.id, 1).error;
			assert.equal(again.code, "not_now", `${ask.id} is rated already`);
		}
	});

	test("a text over the limit is not taken, one at the limit is", async () => {
		const s = await stack.shopper();
		const long = s.message("ä".repeat(2001));
		assert.equal((await long.error).code, "too_long");
		const most = s.message("ä".repeat(2000));
		await most.stored;
		const empty = s.message("");
		assert.equal((await empty.error).code, "bad_frame");
		await (await s.say("hello")).answer;
	});

	test("mistakes are named, keep the connection, and ten in a row close it with 1008", async () => {
		const s = await stack.shopper();
		const mistake = async (text, code, names) => {
			const from = s.mark;
			s.raw(text);
			const f = await s.expect("error", { from });
			assert.equal(f.code, code, text);
			assert.match(f.message, names);
			return f.id;
		};
		await mistake("{", "bad_json", /./);
		await mistake("[]", "bad_frame", /./);
		await mistake('"hello"', "bad_json", /./).catch(() => mistake('"hello"', "bad_frame", /./));
		await mistake('{"type":"nonsense"}', "bad_frame", /type|nonsense/);
		await mistake('{"type":"message","text":"x"}', "bad_frame", /id/);
		await mistake('{"type":"message","id":"a b","text":"x"}', "bad_frame", /id/);
		await mistake('{"type":"message","id":"ab"}', "bad_frame", /text/);
		await mistake('{"type":"message","id":"ab","text":7}', "bad_frame", /text/);
		await (await s.say("hello")).answer; // and the count begins anew
		/* The error reaches what it belongs to, wherever its id stands. */
		for (const text of ['{"type":"message","id":"nul","text":"a\\u0000b"}', '{"type":"message","text":"a\\u0000b","id":"nul"}'])
			assert.equal(await mistake(text, "bad_json", /u0000/), "nul");
		s.send({ type: "ping", at: 1 });
		/* What is merely not taken is no mistake of the frame's. */
		for (let i = 0; i < 12; i++)
			assert.equal((await s.message("x".repeat(2001)).error).code, "too_long");
		for (let i = 0; i < 9; i++)
			await mistake('{"type":"message","id":"a","id":"b","text":"x"}', "bad_json", /./);
		assert.equal(s.closeCode, undefined);
		s.raw('{"type":"message"}');
		assert.equal((await s.closed).code, 1008);
	});

	test("a frame before hello and a second hello are bad frames", async () => {
		const s = await stack.shopper({ greet: false });
		s.raw('{"type":"message","id":"early","text":"hi"}');
		assert.equal((await s.expect("error")).code, "bad_frame");
		await s.hello();
		const from = s.mark;
		s.raw('{"type":"hello"}');
		assert.equal((await s.expect("error", { from })).code, "bad_frame");
		await (await s.say("hello")).answer;
	});

	test("unknown fields are ignored, and ping is answered with its own value", async () => {
		const s = await stack.shopper();
		const m = s.message("hello", { colour: "blue", nested: { a: [1] } });
		await m.stored;
		s.send({ type: "ping", at: 1234567890123 });
		assert.equal((await s.expect("pong")).at, 1234567890123);
	});

	test("a binary frame closes with 1003, a frame over the limit with 1009", async () => {
		const s = await stack.shopper();
		s.socket.send(Buffer.from([1, 2, 3]), { binary: true });
		assert.equal((await s.closed).code, 1003);
		const big = await stack.shopper();
		big.raw(JSON.stringify({ type: "message", id: "big", text: "x".repeat(40000) }));
		assert.equal((await big.closed).code, 1009);
	});

	test("a forged or foreign token gives an error and a fresh visitor", async () => {
		const s = await stack.shopper();
		await s.say("hello");
		const forged = s.visitor.slice(0, -4) + (s.visitor.endsWith("AAAA") ? "BBBB" : "AAAA");
		const other = await stack.shopper({ hello: { visitor: forged, conversation: s.conversation, epoch: s.epoch, since: 0 } });
		assert.equal(other.of("error")[0]?.code ?? (await other.expect("error")).code, "bad_token");
		assert.notEqual(other.conversation, s.conversation);
		assert.deepEqual(other.welcome.events, []);
		await (await other.say("hello")).answer;
	});

	test("a conversation or an epoch that is not the current one counts as since 0", async () => {
		const s = await stack.shopper();
		await (await s.say("hello")).answer;
		await s.expect((f) => f.type === "stored" && f.seq >= 2);
		for (const hello of [
			{ visitor: s.visitor, conversation: s.conversation, epoch: "another", since: 2 },
			{ visitor: s.visitor, conversation: "another", epoch: s.epoch, since: 2 },
			{ visitor: s.visitor },
		]) {
			const again = await stack.shopper({ hello });
			assert.equal(again.welcome.conversation, s.conversation);
			assert.equal(again.welcome.events[0].seq, 1);
		}
	});

	test("a since that is beyond the log does not hide what comes", async () => {
		const s = await stack.shopper();
		await (await s.say("hello")).answer;
		const { visitor, conversation, epoch } = s;
		const again = await stack.shopper({ greet: false });
		const from = again.mark;
		again.claimed = { visitor, conversation, epoch, since: 0 };
		again.send({ type: "hello", visitor, conversation, epoch, since: 4000 });
		const f = await again.expect((x) => x.type === "welcome" || x.type === "error", { from });
		assert.equal(f.type, "welcome");
		assert.equal(f.conversation, conversation);
		const m = again.message("are you there?");
		await m.ack;
		await until(() => again.frames.some((x) => x.id === m.id && x.seq), "stored with a seq");
		again.broken.length = 0; // its own claim was the lie
	});

	test("a long log comes in a welcome of a hundred, and the rest as frames", async () => {
		const s = await stack.shopper();
		for (let i = 0; i < 60; i++)
			s.message(i % 2 ? "how can I pay?" : "where is my order?", { id: `${newId("long")}` });
		await s.expect((f) => f.type === "stored" && f.id === s.sent.at(-1).id);
		await until(() => s.since >= 120, "all of it is stored");
		const again = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(again.welcome.events.length, 100);
		assert.equal(again.welcome.more, true);
		await until(() => again.since >= again.welcome.seq, "the rest follows");
		assert.deepEqual(again.broken, []);
		const mine = [...again.welcome.events, ...again.frames.slice(1)].filter((f) => f.type === "message" && f.from === "shopper").map((f) => f.id);
		assert.deepEqual(mine, s.sent.filter((f) => f.type === "message").map((f) => f.id), "in the order in which they were sent");
	});

	test("two tabs of one visitor share a conversation and see the same log", async () => {
		const one = await stack.shopper();
		await one.say("hello");
		const two = await stack.shopper({ hello: { visitor: one.visitor } });
		assert.equal(two.conversation, one.conversation);
		const m = one.message("where is my order");
		await m.stored;
		const seen = await two.expect((f) => f.type === "message" && f.id === m.id);
		assert.equal(seen.from, "shopper");
		await two.expect((f) => f.id === `${m.id}.a` && f.seq);
		const n = two.message("cancel it please");
		await n.stored;
		await one.expect((f) => f.type === "message" && f.id === n.id && f.seq);
		await until(() => one.since === two.since, "both at the same seq");
	});

	test("many tabs that open at once get one conversation", async () => {
		const first = await stack.shopper();
		const tabs = await Promise.all(Array.from({ length: 8 }, () => stack.shopper({ hello: { visitor: first.visitor } })));
		assert.equal(new Set(tabs.map((t) => t.conversation)).size, 1);
		const posts = tabs.map((t, i) => t.message(`how can I pay? ${i}`));
		for (const p of posts)
			await p.stored;
		await until(() => new Set(tabs.map((t) => t.since)).size === 1, "all at the same seq");
		for (const tab of tabs)
			for (const p of posts)
				assert.ok(tab.frames.some((f) => f.id === p.id && f.seq), "every tab has every message");
	});

	test("typing and read marks are taken and leave nothing in the log", async () => {
		const s = await stack.shopper();
		await (await s.say("hello")).answer;
		const { since } = s;
		s.send({ type: "typing", on: true });
		s.send({ type: "read", upto: since });
		s.send({ type: "ping", at: 1 });
		await s.expect("pong");
		assert.equal(s.of("error").length, 0);
		/* They need no id; one that comes is acknowledged as any is. */
		assert.equal(s.of("ack").length, 1);
		s.send({ type: "typing", id: "t-1", on: false });
		s.send({ type: "read", id: "t-2", upto: since });
		await s.expect((f) => f.type === "ack" && f.id === "t-2");
		assert.ok(s.of("ack").some((f) => f.id === "t-1"));
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.ok(look.welcome.events.every((e) => ["message", "ask_feedback", "skip"].includes(e.type)));
	});
});

test("over the rate nothing is taken until the refused one comes again, and order is kept", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { messages_per_minute: 60, burst: 5 } } });
	const s = await stack.shopper();
	const ids = Array.from({ length: 12 }, (_, i) => `rate-${i}`);
	for (const id of ids)
		s.message(`where is my order ${id}`, { id });
	const refused = await s.expect({ type: "error", code: "rate_limited" });
	assert.ok(refused.retry_ms > 0);
	const at = ids.indexOf(refused.id);
	assert.ok(at > 0, `the first few pass: ${refused.id}`);
	await s.expect({ type: "stored", id: ids[at - 1] });
	// What came behind the refused one is not taken either.
	s.send({ type: "ping", at: 1 });
	await s.expect("pong");
	await sleep(300);
	const stored = new Set(s.of("stored").map((f) => f.id));
	for (const id of ids.slice(at))
		assert.equal(stored.has(id), false, `${id} was taken over the refused ${refused.id}`);
	// As a client does: again from the refused one on, in order, after the wait.
	let next = at;
	const end = Date.now() + 2 * PATIENCE_MS;
	while (next < ids.length) {
		assert.ok(Date.now() < end, "it never gets through");
		const from = s.mark;
		s.message(`where is my order ${ids[next]}`, { id: ids[next] });
		const f = await s.expect((x) => x.id === ids[next] && (x.type === "stored" || x.type === "error"), { from });
		if (f.type === "stored")
			next++;
		else
			await sleep(f.retry_ms + 20);
	}
	const look = await stack.shopper({ hello: { visitor: s.visitor } });
	assert.deepEqual(look.welcome.events.filter((e) => e.from === "shopper").map((e) => e.id), ids);
});

test("where no agent is there that is said at once, a contact is offered, and the line goes on when one comes to any daemon", async (t) => {
	const stack = await Stack.start(t, { settings: { conversation: { queue_reminder: "1 s", queue_give_up: "1 s" } } });
	const elsewhere = stack.daemon;
	const heard = (s, words) => s.expect((f) => f.type === "message" && f.text.includes(words), { what: words });
	const place = (s, unattended) => until(() => s.of("waiting").at(-1)?.unattended === unattended, `unattended: ${unattended}`);
	const first = await stack.waiting(null);
	await heard(first, "passing you on"); // of a shop without agents nothing is known
	await heard(first, "takes so long");
	await place(first, undefined);
	stack.addAgent("maria");
	const daemon = await stack.another();
	await until(async () => (await stack.waiting(null, { daemon })).frames.some((f) => /online right now/.test(f.text)), "it is known here");
	const s = await stack.waiting(null, { daemon });
	await heard(s, "leave your e-mail address or phone number");
	await place(s, true);
	await heard(s, "Thank you for waiting");
	assert.ok(!s.of("message").some((f) => /takes so long/.test(f.text)), "a contact is offered once");
	const desk = await stack.desk("maria", { daemon: elsewhere });
	await place(s, undefined);
	const late = await stack.waiting(null, { daemon });
	await heard(late, "passing you on");
	await desk.claim(s.conversation).done;
	await s.state("assigned");
});

test("where all agents leave while somebody waits a contact is offered at once, and once", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const maria = await stack.desk("maria");
	const offers = (s) => s.of("message").filter((f) => f.text.includes("leave your e-mail address or phone number"));
	const s = await stack.waiting(null);
	const tab = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
	assert.equal(offers(s).length, 0);
	await maria.ask({ type: "presence", status: "away" }).done;
	await until(() => offers(s).length > 0, "it is offered");
	await until(() => s.of("waiting").at(-1).unattended === true, "nobody is there");
	await until(() => tab.of("waiting").at(-1)?.unattended === true && offers(tab).length > 0, "on the other daemon, too");
	await sleep(3000);
	for (const shows of [s, tab])
		assert.equal(offers(shows).length, 1);
	await maria.take(s.conversation);
	await s.state("assigned");
});

test("who tells no language gets the shop's", async (t) => {
	const stack = await Stack.start(t, { settings: { shop: { locale: "de" } } });
	const silent = await stack.waiting(null);
	const handoff = /gebe Sie an jemanden aus unserem Team weiter/;
	await silent.expect((f) => f.type === "message" && handoff.test(f.text), { what: "German" });
	const tells = await stack.waiting(null, { hello: { locale: "en" } });
	await tells.expect((f) => f.type === "message" && /passing you on/.test(f.text), { what: "English" });
	const desk = await stack.desk("maria");
	assert.equal((await desk.seesWaiting(silent.conversation)).locale, "de");
	assert.equal((await desk.seesWaiting(tells.conversation)).locale, "en");
});

test("who does not say hello in time is closed with 4401", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { hello_timeout: "300 ms" } } });
	const s = await stack.shopper({ greet: false });
	assert.equal((await s.closed).code, 4401);
});

test("an origin that is not the shop's is refused before the upgrade, as is a wrong sub-protocol", async (t) => {
	const stack = await Stack.start(t, { settings: { origins: ["https://shop.example"] } });
	const good = await stack.shopper({ headers: { Origin: "https://shop.example" } });
	await good.say("hello");
	await assert.rejects(stack.shopper({ headers: { Origin: "https://evil.example" } }), (e) => e.status === 403);
	await assert.rejects(stack.shopper({ headers: { Origin: "https://evil.example" } }), (e) => e.status === 403);
	await until(() => /origin=https:\/\/evil\.example refused/.test(stack.daemon.log), "the operator is told");
	assert.equal(stack.daemon.log.match(/origin=\S+ refused/g).length, 1, "once a minute");
	const { Client } = await import("./wire.mjs");
	const wrong = new Client(stack.daemon.url("/chat"), "something.else.v1", { headers: { Origin: "https://shop.example" } });
	await assert.rejects(wrong.opened, (e) => e.status === 400);
});

test("new shoppers of one address have a limit that those who were here before do not", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { visitors_per_hour: 3 } } });
	const from = (address, hello) => stack.shopper({ headers: { "X-Forwarded-For": address }, hello, greet: hello !== undefined });
	const first = await from("203.0.113.1", {});
	await from("203.0.113.1", {});
	await from("203.0.113.1", { visitor: "forged" });
	for (const hello of [{}, { visitor: "forged" }]) {
		const refused = await from("203.0.113.1");
		refused.send({ type: "hello", ...hello });
		const error = await refused.expect("error");
		assert.equal(error.code, "rate_limited");
		assert.ok(error.retry_ms > 0 && error.retry_ms <= 20 * 60000, `${error.retry_ms}`);
		assert.equal((await refused.closed).code, 1013);
		assert.deepEqual(refused.of("welcome"), []);
	}
	const again = await from("203.0.113.1", first.resume);
	assert.equal(again.conversation, first.conversation);
	await again.say("hello");
	await from("203.0.113.2", {});
	for (let i = 0; i < 3; i++)
		await from(`2001:db8:1:2::${i}`, {});
	const household = await from("2001:db8:1:2:ffff::1");
	household.send({ type: "hello" });
	await household.expect({ type: "error", code: "rate_limited" });
	assert.equal((await stack.daemon.metrics()).answerd_visitors_refused_total, 3);
	await until(() => /visitors=refused from=203\.0\.113\.1 .*proxies/.test(stack.daemon.log), "the operator is told");
	assert.equal(stack.daemon.log.match(/visitors=refused/g).length, 1, "once a minute");
	/* A proxy that names nobody, or one that is not in the list, may speak for a
	 * whole shop. */
	for (let i = 0; i < 5; i++) {
		await stack.shopper();
		await from("10.0.0.7", {});
	}
	const other = await stack.another({ settings: { proxies: [] } });
	for (let i = 0; i < 5; i++)
		await stack.shopper({ daemon: other, headers: { "X-Forwarded-For": "203.0.113.1" } });

	const open = await stack.another({ settings: { limits: { visitors_per_hour: 0 } } });
	for (let i = 0; i < 5; i++)
		await stack.shopper({ daemon: open, headers: { "X-Forwarded-For": "203.0.113.1" } });
});
