// A shop's own tool in the place of the console, with nothing but Redis and
// the scripts that `answerctl scripts` prints: takes a chat, writes, gives it
// back, resolves it, while daemons run and show all of it.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { test } from "node:test";
import { Stack, answerctl, until } from "./lib.mjs";

class Tool {
	constructor(stack) {
		this.stack = stack;
		const list = answerctl(["scripts", "--sha1"]).stdout;
		this.sha1 = new Map(list.trim().split("\n").map((line) => line.split(" ")));
		for (const [name, sha1] of this.sha1)
			assert.equal(crypto.createHash("sha1").update(answerctl(["scripts", name]).stdout).digest("hex"), sha1, name);
	}

	run(name, keys, args) {
		const text = this.stack.redis.cli("--json", "EVALSHA", this.sha1.get(name), keys.length, ...keys, ...args);
		return JSON.parse(text);
	}

	queue(name, queue, ...args) {
		const keys = ["", ":claimed", ":info", ":pace", ":reaped"].map((part) => `answerd:queue:{${queue}}${part}`);
		return this.run(name, keys, name === "renew" ? args : ["answerd:bell:queues", queue, ...args]);
	}

	conv(name, conversation, ...args) {
		return this.run(name, ["", ":log", ":ids"].map((part) => `answerd:conv:{${conversation}}${part}`), ["answerd:bell:", ...args]);
	}

	append(conversation, fence, raise, ...entries) {
		const list = entries.flatMap((e) => {
			const pairs = Object.entries({ sender: "a:tool", at: Date.now(), ...e }).flat();
			return [`a:tool:${e.id}`, `hash-of-${e.text ?? e.id}`, pairs.length / 2, ...pairs];
		});
		return this.conv("append", conversation, "", conversation, "", "*", fence, raise ? 1 : 0, 0, 0, 0, entries.length, ...list);
	}

	/* claim, assign, settle; the fence. */
	take(conversation, id) {
		assert.deepEqual(this.queue("claim", "support", conversation, "tool", 30000), ["OK", conversation]);
		const [status, seq, fence] = this.conv("assign", conversation, conversation, "tool", id, "The Tool", "support", Date.now());
		assert.equal(status, "OK");
		assert.deepEqual(this.conv("assign", conversation, conversation, "tool", id, "The Tool", "support", Date.now()), ["OK", seq, fence], "the same again");
		this.queue("settle", "support", conversation, "agent", seq, "tool", 30000, "");
		return fence;
	}

	isSound() {
		const { status, stdout } = answerctl(["check"], { daemon: this.stack.daemon });
		assert.equal(status, 0, stdout);
	}
}

test("a tool takes a chat, writes, gives it back, takes it again and resolves it, by the scripts alone", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const tool = new Tool(stack);
	const s = await stack.waiting();
	const { conversation } = s;
	const desk = await stack.desk("maria", { daemon: other });
	await desk.seesWaiting(conversation);

	const fence = tool.take(conversation, "take-1");
	assert.equal((await s.state("assigned")).agent, "The Tool");
	await until(() => desk.claim(conversation).error.then((f) => f.code === "taken"), "nobody else gets it");
	const hello = { type: "message", id: "m-1", text: "Hello from the tool", name: "The Tool" };
	const [status, seq] = tool.append(conversation, fence, false, hello);
	assert.equal(status, "OK");
	const shown = await s.expect((f) => f.type === "message" && f.id === "m-1");
	assert.deepEqual([shown.seq, shown.from, shown.name, shown.text], [seq, "agent", "The Tool", hello.text]);
	assert.deepEqual(tool.append(conversation, fence, false, hello).slice(0, 2), ["DUP", seq]);
	assert.deepEqual(tool.append(conversation, fence, false, { ...hello, text: "Other words" }).slice(0, 2), ["REUSED", seq]);
	const note = tool.append(conversation, fence, false, { type: "note", id: "n-1", text: "for colleagues" })[1];
	await s.expect((f) => f.type === "skip" && f.seq === note);
	assert.deepEqual(tool.queue("renew", "support", "tool", 30000, conversation), []);
	tool.isSound();

	let from = s.mark;
	assert.equal(tool.append(conversation, fence + 1, true, { type: "state", id: "r-1", state: "queued", reason: "released", fence: fence + 1 })[0], "OK");
	/* A daemon that has read the log may have put it there already. */
	assert.match(tool.queue("release", "support", conversation, "tool"), /^(OK|KEPT)$/);
	await s.state("queued", { from });
	assert.equal((await s.expect("waiting", { from })).position, 1);
	await desk.seesWaiting(conversation);
	assert.equal(tool.append(conversation, fence, false, { ...hello, id: "m-2" })[0], "FENCED", "who has given it back writes no more");
	tool.isSound();

	/* A person, then the tool again: each with the fence after the last. */
	await desk.take(conversation);
	await desk.say(conversation, "I am a person").stored;
	await desk.ask({ type: "release", conversation }).done;
	await until(() => tool.stack.redis.cli("ZSCORE", "answerd:queue:{support}", conversation), "in line again");
	const second = tool.take(conversation, "take-2");
	assert.ok(second > fence + 1);
	from = s.mark;
	const [end, first, last] = tool.append(conversation, second + 1, true,
		{ type: "state", id: "z-1", state: "closed", reason: "resolved", outcome_of: "solved", fence: second + 1 },
		{ type: "ask_feedback", id: "z-2", ask_kind: "csat", text: "How was it?" });
	assert.equal(end, "OK");
	assert.equal(tool.queue("resolve", "support", conversation, last), "OK");
	assert.equal((await s.state("closed", { from })).seq, first);
	const ask = await s.expect("ask_feedback", { from });
	assert.equal(ask.kind, "csat");
	await s.feedback(ask.id, 5).stored;
	tool.isSound();
	const look = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
	assert.equal(look.welcome.state, "closed");
	assert.ok(look.welcome.events.some((e) => e.id === "m-1"));
});

test("of a tool that ends without a word the chat is back in line, at its old place", async (t) => {
	const stack = await Stack.start(t);
	const tool = new Tool(stack);
	const [first, second] = [await stack.waiting(), await stack.waiting()];
	const fence = tool.take(first.conversation, "take-1");
	tool.queue("renew", "support", "tool", 500, first.conversation);
	await first.state("assigned");
	await first.state("queued", { from: first.mark });
	assert.equal(tool.append(first.conversation, fence, false, { type: "message", id: "late", text: "late" })[0], "FENCED");
	const desk = await stack.desk("maria");
	await until(() => desk.claim().done.then((f) => f.conversation === first.conversation), "the first in line");
	assert.ok(second.conversation);
	tool.isSound();
});

test("in a queue from which a tool takes chats nobody is said to be missing, at whichever daemon, though no agent is there", async (t) => {
	const stack = await Stack.start(t);
	stack.addAgent("maria");
	const tool = new Tool(stack);
	const words = (s) => s.of("message").some((f) => f.text.includes("online right now"));
	let s;
	await until(async () => words(s = await stack.waiting(null)), "nobody is there, as far as is known");
	await until(() => s.of("waiting").at(-1)?.unattended === true, "and in line neither");
	tool.take(s.conversation, "take-1");
	await s.state("assigned");
	const other = await stack.another();
	for (const daemon of [stack.daemon, other]) {
		/* Of another queue it is known. */
		const complains = await stack.shopper({ daemon });
		await complains.message("this is a scandal, I want to complain about your service").stored;
		await complains.state("queued");
		await until(() => complains.of("waiting").at(-1)?.unattended === true, "nobody takes complaints");
		await until(async () => !words(await stack.waiting(null, { daemon })), "a tool is there");
		const later = await stack.waiting(null, { daemon });
		await later.expect("waiting");
		assert.equal(later.of("waiting").at(-1).unattended, undefined);
	}
});
