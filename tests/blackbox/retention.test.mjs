// What is closed is erased after conversation.keep_closed, by one daemon of
// several, and nothing else is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, until } from "./lib.mjs";

const log = (stack, conversation) => Number(stack.redis.cli("XLEN", `answerd:conv:{${conversation}}:log`));
const keys = (stack) => stack.redis.cli("KEYS", "*");
/* ms; 0: nothing wakes it */
const due = (stack, conversation) => Number(keys(stack).split("\n").filter((k) => k.includes("due:")).map((k) => stack.redis.cli("ZSCORE", k, conversation)).find((score) => score !== "") ?? 0);

test("a closed conversation is erased in its time, once, and its visitor goes on with another one", async (t) => {
	const stack = await Stack.start(t, { settings: { conversation: { keep_closed: "3 s" } } });
	const other = await stack.another();
	const open = await stack.shopper();
	await open.say("how can I pay?");
	const s = await stack.waiting("my name is Ida Lund and my kettle leaks");
	const { conversation, visitor, epoch, seq } = s.welcome;
	await s.leave().stored;
	await s.state("closed");
	assert.ok(log(stack, conversation) > 0);
	assert.ok(due(stack, conversation) > 0, "it is woken once more");
	s.socket.terminate();
	await until(() => log(stack, conversation) === 0, "it is erased");
	await until(() => !stack.redis.cli("XRANGE", "answerd:recent", "-", "+").includes(conversation), "and its lines in the lists");
	assert.equal(stack.redis.cli("EXISTS", `answerd:conv:{${conversation}}:ids`, `answerd:context:{${conversation}}`), "0");
	assert.equal(stack.redis.cli("HKEYS", `answerd:conv:{${conversation}}`), "tombstone");
	assert.equal(due(stack, conversation), 0, "nothing wakes it any more");
	for (const key of keys(stack).split("\n").filter((k) => k.includes("visitor:")))
		assert.ok(!stack.redis.cli("HGETALL", key).includes(conversation), "no visitor names it");
	const told = () => stack.daemons.reduce((n, d) => n + d.log.split(`conv=${conversation} erased: `).length - 1, 0);
	await until(() => told() > 0, "it is told");
	assert.equal(told(), 1, "by one daemon, once");
	assert.ok(log(stack, open.conversation) > 0, "what is open stays");
	// Back with the old token: the same visitor, in another conversation.
	const again = await stack.shopper({ daemon: other, hello: { visitor, conversation, epoch, since: seq } });
	assert.notEqual(again.welcome.conversation, conversation);
	assert.equal(again.welcome.erased, undefined, "they are not somebody new");
	await again.say("how can I pay?");
	await again.expect((f) => f.type === "message" && f.from === "bot");
});

test("what was closed before is found by the check and erased in its turn; what is not old enough stays", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting();
	await s.leave().stored;
	await s.state("closed");
	assert.equal(due(stack, s.conversation), 0, "kept for ever, as nothing is set");
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	const late = await stack.another({ settings: { conversation: { keep_closed: "1 h" } } });
	const found = answerctl(["check", "--repair"], { daemon: late });
	assert.match(found.stdout, new RegExp(`${s.conversation}.*closed, and not erased in time`));
	await until(() => due(stack, s.conversation) - Date.now() > 1800000, "it is in its turn");
	assert.ok(log(stack, s.conversation) > 0, "an hour is not over");
	await late.stop();
	late.expectedDead = true;
	const short = await stack.another({ settings: { conversation: { keep_closed: "1 s" } } });
	answerctl(["check", "--repair"], { daemon: short });
	await until(() => log(stack, s.conversation) === 0, "its time is over");
});

test("who is still there when their closed chat is erased goes on in another one; who was erased themselves is somebody new", async (t) => {
	const stack = await Stack.start(t, { settings: { conversation: { keep_closed: "2 s" } } });
	const s = await stack.waiting();
	const { conversation } = s.welcome;
	await s.leave().stored;
	const next = await s.expect((f) => f.type === "welcome" && f.conversation !== conversation, { what: "another one" });
	assert.equal(next.erased, undefined);
	await s.say("how can I pay?");
	await s.expect((f) => f.type === "message" && f.from === "bot" && f.text.includes("credit"));
	const visitor = stack.redis.cli("HGET", `answerd:conv:{${next.conversation}}`, "visitor");
	assert.equal(stack.redis.cli("HGET", `answerd:visitor:{${visitor}}`, "conversation"), next.conversation, "the same visitor");
	assert.equal(stack.redis.cli("HGET", `answerd:visitor:{${visitor}}`, "history"), "", "the old name is gone");
	const { status } = answerctl(["erase", visitor, "--yes"], { daemon: stack.daemon });
	assert.equal(status, 0);
	const anew = await s.expect((f) => f.type === "welcome" && f.erased === true, { what: "somebody new" });
	assert.notEqual(anew.visitor, next.visitor);
});
