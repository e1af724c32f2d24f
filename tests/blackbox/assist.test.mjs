// What an agent gets besides the conversation: the bot's answer to use, and
// ids that do not collide with the shopper's.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, sleep } from "./lib.mjs";

const suggestion = (desk, conversation, options) => desk.expect((f) => f.type === "suggestion" && f.conversation === conversation, { what: "a suggestion", ...options });

test("an agent who has the chat open gets what the bot would say, whichever daemon it is on", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const desk = await stack.desk("maria", { daemon: other });
	const looker = await stack.desk("paul");
	const s = await stack.waiting(null);
	await desk.seesWaiting(s.conversation);
	await s.say("how can I pay?");
	await sleep(300);
	assert.equal(desk.of("suggestion").length, 0, "not while it waits");
	await desk.take(s.conversation);
	await looker.open(s.conversation);
	assert.equal(desk.of("suggestion").length, 0, "not for what was said before");
	const from = desk.mark;
	const m = await s.say("how can I pay?");
	for (const d of [desk, looker]) {
		const f = await suggestion(d, s.conversation, { from: d === desk ? from : 0 });
		assert.equal(f.reply_to, m.id);
		assert.equal(f.intent, "check_payment_methods");
		assert.ok(f.text.length > 20, f.text);
		const shown = d.frames.findIndex((g) => g.type === "event" && g.event.id === m.id);
		assert.ok(shown >= 0 && shown < d.frames.indexOf(f), "after the message that it is for");
	}
	// Nothing is said or logged by it.
	for (const text of ["xyzzy plugh frobnicate", "I want to talk to a human", "where is my order", "this is a scandal, your service is terrible"])
		await s.say(text);
	await desk.say(s.conversation, "One moment, please.").stored;
	await s.expect((f) => f.type === "message" && f.from === "agent");
	await sleep(300);
	assert.deepEqual(desk.of("suggestion").map((f) => f.reply_to), [m.id]);
	assert.deepEqual(looker.of("suggestion").map((f) => f.reply_to), [m.id]);
	assert.equal(s.of("suggestion").length, 0);
	const log = await (await stack.desk("maria")).open(s.conversation);
	const handed = log.findIndex((e) => e.type === "state" && e.state === "assigned");
	assert.equal(log.slice(handed).some((e) => e.from === "bot"), false, "the bot keeps silent");
	// Who has closed it gets no more.
	await looker.ask({ type: "close", conversation: s.conversation }).done;
	await s.say("and how can I pay?");
	await desk.expect((f) => f.type === "suggestion" && f.reply_to !== m.id);
	assert.equal(looker.of("suggestion").length, 1);
});

test("nothing is suggested anew when the log is read anew", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting(null);
	const desk = await stack.desk("maria");
	await desk.seesWaiting(s.conversation);
	await desk.take(s.conversation);
	const m = await s.say("how can I pay?");
	await suggestion(desk, s.conversation);
	const { seq } = await desk.say(s.conversation, "By card.").stored;
	const from = desk.mark;
	await stack.redis.stop();
	await stack.redis.up();
	await desk.expect((f) => f.type === "event" && f.event.seq === seq, { from });
	const next = await s.say("do you ship to Norway?");
	await desk.expect((f) => f.type === "suggestion" && f.reply_to === next.id);
	assert.deepEqual(desk.of("suggestion").map((f) => f.reply_to), [m.id, next.id]);
});

test("an agent's message under an id that the shopper has used is shown under another, to all the same", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await stack.shopper();
	await s.say("hello", { id: "m1" });
	const { stored } = s.human({ id: "m2" });
	await stored;
	await s.state("queued");
	const maria = await stack.desk("maria", { daemon: other });
	const paul = await stack.desk("paul");
	await maria.seesWaiting(s.conversation);
	await maria.take(s.conversation);
	await paul.open(s.conversation);
	const own = await maria.say(s.conversation, "Here I am", { id: "m1" }).stored;
	assert.equal(own.id, "m1", "the sender's own receipt keeps its id");
	await maria.say(s.conversation, "And here", { id: "m9" }).stored;
	await maria.ask({ type: "note", conversation: s.conversation, text: "for us", id: "m2" }).stored;
	await s.expect((f) => f.type === "message" && f.text === "And here" && f.id === "m9");
	const shown = s.of("message").find((f) => f.text === "Here I am");
	assert.equal(shown.id, "maria.m1");
	assert.equal(shown.seq, own.seq);
	await paul.event(s.conversation, (e) => e.type === "note" && e.id === "maria.m2");
	await paul.event(s.conversation, (e) => e.id === "maria.m1" && e.text === "Here I am");
	// The same again is the same one.
	const again = await maria.say(s.conversation, "Here I am", { id: "m1" }).stored;
	assert.equal(again.seq, own.seq);
	// From the log, too.
	const fresh = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
	assert.deepEqual(fresh.welcome.events.filter((e) => e.from === "agent").map((e) => e.id), ["maria.m1", "m9"]);
	const ids = fresh.welcome.events.map((e) => e.id).filter(Boolean);
	assert.equal(new Set(ids).size, ids.length, "each id once");
});
