// Giving away and erasing what is stored about a visitor: by whom, what, and
// that it stays gone, whoever still has a piece of it: spools, other daemons,
// the visitor's own widget, an agent who has the chat.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, sleep, until } from "./lib.mjs";

const SECRET_TEXT = "zebrafinch";

function bearer(stack, name, args) {
	stack.addAgent(name, { args });
	const run = answerctl(["agent", "token", name], { daemon: stack.daemon });
	assert.equal(run.status, 0, run.stderr);
	return { Authorization: `Bearer ${run.stdout.trim()}` };
}

const admin = (stack) => bearer(stack, "root", ["--role", "admin"]);
const visitorOf = (stack, conversation) => stack.redis.cli("HGET", `answerd:conv:{${conversation}}`, "visitor");

function erase(stack, visitor, headers, daemon = stack.daemon) {
	return daemon.request("DELETE", `/api/visitors/${visitor}`, { headers });
}

/* The keys that name one of these words, in name or in content. */
function traces(stack, words) {
	const found = [];
	for (const key of stack.redis.cli("KEYS", "*").split("\n").filter(Boolean)) {
		const type = stack.redis.cli("TYPE", key);
		const read = { hash: ["HGETALL", key], stream: ["XRANGE", key, "-", "+"], zset: ["ZRANGE", key, "0", "-1"], set: ["SMEMBERS", key], list: ["LRANGE", key, "0", "-1"], string: ["GET", key] }[type];
		const content = read === undefined ? "" : stack.redis.cli(...read);
		if (words.some((w) => key.includes(w) || content.includes(w)))
			found.push(key);
	}
	return found;
}

/* Nothing but tombstones, and the note of who has done it; in a moment: a
 * daemon takes away its own traces when it hears of it. */
const untilGone = (stack, visitor, conversations) => until(() => assertGone(stack, visitor, conversations) ?? true, "nothing is left");

function assertGone(stack, visitor, conversations) {
	const tombs = [`answerd:visitor:{${visitor}}`, ...conversations.map((c) => `answerd:conv:{${c}}`)];
	const left = (words) => traces(stack, words).filter((k) => !tombs.includes(k) && !k.endsWith("audit"));
	assert.deepEqual(left([SECRET_TEXT, visitor]), []);
	/* Which of a conversation's seqs are counted, for as long as a spool may
	 * tell them again: as little as a tombstone says. */
	assert.deepEqual(left(conversations).filter((k) => !/^answerd:stats:\{[0-9-]+\}:seen$/.test(k)), []);
	for (const key of tombs) {
		assert.deepEqual(stack.redis.cli("HKEYS", key).split("\n").filter((f) => f !== "nodes"), ["tombstone"], key);
		assert.ok(Number(stack.redis.cli("PTTL", key)) > 0, `${key} ends by itself`);
	}
}

function assertChecked(stack, daemon = stack.daemon) {
	const run = answerctl(["check"], { daemon });
	assert.equal(run.status, 0, run.stdout + run.stderr);
}

test("an export has all that is stored of a visitor and of nobody else", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const other = await stack.shopper();
	await other.say("kookaburra");
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT} is what I collect`);
	const { conversation } = s.welcome;
	await s.leave().stored;
	await s.say("one more");
	const next = s.conversation;
	assert.notEqual(next, conversation);
	const visitor = visitorOf(stack, conversation);
	const answer = await until(async () => {
		const a = await stack.daemon.get(`/api/visitors/${visitor}`, { headers });
		return a.json?.unanswered?.length > 0 && a;
	}, "what was not answered is noted");
	assert.equal(answer.status, 200, answer.body);
	assert.match(answer.headers["content-type"], /^application\/json/);
	assert.equal(answer.json.visitor, visitor);
	assert.deepEqual(answer.json.conversations.map((c) => c.conversation).sort(), [conversation, next].sort());
	const first = answer.json.conversations.find((c) => c.conversation === conversation);
	assert.equal(first.attributes.state, "closed");
	assert.deepEqual(first.log.map((e) => e.seq), first.log.map((_, i) => i + 1));
	assert.ok(first.log.some((e) => e.type === "message" && e.sender === "s" && e.text.includes(SECRET_TEXT)));
	assert.ok(answer.json.recent.some((line) => line.conversation === conversation));
	assert.ok(answer.json.unanswered.some((sample) => sample.text.includes(SECRET_TEXT)));
	assert.ok(!answer.body.includes("kookaburra"));
	const tool = answerctl(["export", visitor], { daemon: stack.daemon });
	assert.equal(tool.status, 0, tool.stderr);
	assert.deepEqual(JSON.parse(tool.stdout).conversations, answer.json.conversations);
	assert.match(stack.redis.cli("XRANGE", "answerd:audit", "-", "+"), new RegExp(`export\nwhat\n${visitor}`));
});

test("a visitor's name may begin with a dash", async (t) => {
	const stack = await Stack.start(t);
	const tool = answerctl(["export", "-bcdefghijklmnopqrstuv"], { daemon: stack.daemon });
	assert.equal(tool.status, 1, tool.stderr);
	assert.match(tool.stderr, /nothing is stored of a visitor "-bcdefghijklmnopqrstuv"/);
	for (const option of ["--no-such-option-ever!", "-x", "--yes"])
		assert.equal(answerctl(["export", option], { daemon: stack.daemon }).status, 64);
});

test("only an admin may export or erase, and mistakes are told", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT}`);
	const visitor = visitorOf(stack, s.conversation);
	for (const headers of [bearer(stack, "maria", []), bearer(stack, "sue", ["--role", "supervisor"])])
		for (const method of ["GET", "DELETE"]) {
			const answer = await stack.daemon.request(method, `/api/visitors/${visitor}`, { headers });
			assert.equal(answer.status, 403);
			assert.match(answer.headers["content-type"], /^application\/problem\+json/);
			assert.equal(answer.json.status, 403);
		}
	const path = `/api/visitors/${visitor}`;
	assert.equal((await stack.daemon.request("DELETE", path)).status, 401);
	assert.equal((await stack.daemon.request("GET", path)).status, 401);
	const headers = admin(stack);
	assert.equal((await stack.daemon.request("DELETE", path, { headers: { ...headers, Origin: "https://elsewhere.example" } })).status, 403);
	const { cookie } = await stack.daemon.login("root", "pass-root-word");
	assert.equal((await stack.daemon.request("DELETE", path, { headers: { Cookie: cookie } })).status, 403, "a cookie from nowhere");
	assert.equal((await stack.daemon.request("POST", path, { headers })).headers.allow, "GET, HEAD, DELETE");
	assert.equal((await stack.daemon.get("/api/visitors/nobody-of-this-name", { headers })).status, 404);
	assert.equal((await stack.daemon.get("/api/visitors/a%2Fb", { headers })).status, 404);
	assert.equal((await erase(stack, "nobody-of-this-name", headers)).status, 404);
	assert.equal(answerctl(["erase", visitor], { daemon: stack.daemon }).status, 64, "not without --yes");
	assert.equal(answerctl(["erase", "nobody-of-this-name2", "--yes"], { daemon: stack.daemon }).status, 1);
	assert.equal((await s.say("still there")).id.length > 0, true);
	assert.equal(visitorOf(stack, s.conversation), visitor, "nothing was erased");
});

test("erasing leaves tombstones only; an open widget goes on as somebody new", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const other = await stack.another();
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT} first`);
	const old = s.conversation;
	await s.leave().stored;
	await s.say(`${SECRET_TEXT} second`);
	const now = s.conversation;
	const visitor = visitorOf(stack, now);
	const tab = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
	assert.equal(tab.conversation, now);
	await until(() => stack.redis.cli("XRANGE", "answerd:recent", "-", "+").includes(now), "the list knows it");
	const marks = [s, tab].map((c) => c.mark);
	const answer = await erase(stack, visitor, headers);
	assert.equal(answer.status, 200, answer.body);
	assert.equal(answer.json.conversations, 2);
	assert.ok(answer.json.events >= 4 && answer.json.notes >= 2, answer.body);
	for (const [i, c] of [s, tab].entries()) {
		const welcome = await c.expect("welcome", { from: marks[i] });
		assert.equal(welcome.erased, true);
		assert.ok(![old, now].includes(welcome.conversation));
		assert.deepEqual(welcome.events, []);
	}
	await untilGone(stack, visitor, [old, now]);
	await s.say("how can I pay?");
	const fresh = visitorOf(stack, s.conversation);
	assert.notEqual(fresh, visitor, "it is not known that they are the same");
	assert.equal((await erase(stack, visitor, headers)).status, 200, "may be done again");
	assert.equal((await stack.daemon.get(`/api/visitors/${visitor}`, { headers })).status, 404);
	assertChecked(stack);
});

test("an old token after the erasing is somebody new, and says so once", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT}`);
	const { visitor: token, conversation, epoch, since } = { ...s.resume };
	const visitor = visitorOf(stack, conversation);
	s.socket.close();
	await s.closed;
	assert.equal((await erase(stack, visitor, headers)).status, 200);
	const back = await stack.shopper({ hello: { visitor: token, conversation, epoch, since } });
	assert.equal(back.welcome.erased, true);
	assert.notEqual(back.conversation, conversation);
	await back.say("hello");
	const again = await stack.shopper({ hello: back.resume });
	assert.equal(again.welcome.erased, undefined);
	assert.equal(again.conversation, back.conversation);
	await untilGone(stack, visitor, [conversation]);
});

test("who waits in the queue is out of it; the agents see them go", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const desk = await stack.desk("maria");
	const s = await stack.waiting(`${SECRET_TEXT} please`);
	const { conversation } = s;
	await desk.seesWaiting(conversation);
	const from = desk.mark;
	const visitor = visitorOf(stack, conversation);
	assert.equal((await erase(stack, visitor, headers)).status, 200);
	await desk.seesNotWaiting(conversation, { from });
	assert.equal((await s.expect((f) => f.type === "welcome" && f.erased)).state, "bot");
	assert.equal((await desk.claim(conversation).error).code, "no_such_conversation");
	await untilGone(stack, visitor, [conversation]);
	assertChecked(stack);
});

test("an agent who has the chat loses it, on whichever daemon, and may go on", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const other = await stack.another();
	const desk = await stack.desk("maria", { daemon: other });
	const s = await stack.waiting(`${SECRET_TEXT} please`);
	const { conversation } = s;
	await desk.take(conversation);
	await desk.say(conversation, `about ${SECRET_TEXT}`).stored;
	await desk.ask({ type: "note", conversation, text: `${SECRET_TEXT}, a note` }).stored;
	const visitor = visitorOf(stack, conversation);
	const from = desk.mark;
	const run = answerctl(["erase", visitor, "--yes"], { daemon: stack.daemon });
	assert.equal(run.status, 0, run.stderr);
	assert.match(run.stdout, /is erased: 1 conversations/);
	const error = await desk.expect((f) => f.type === "error" && f.conversation === conversation, { from });
	assert.equal(error.code, "no_such_conversation");
	await desk.expect((f) => f.type === "unassigned" && f.conversation === conversation, { from });
	assert.equal((await desk.say(conversation, "too late").error).code, "no_such_conversation");
	assert.equal((await desk.ask({ type: "open", conversation }).error).code, "no_such_conversation");
	await s.expect((f) => f.type === "welcome" && f.erased);
	await untilGone(stack, visitor, [conversation]);
	const next = await stack.waiting("somebody else");
	await desk.seesWaiting(next.conversation);
	await desk.take(next.conversation);
	assertChecked(stack);
});

test("neither this daemon's spool nor another's brings back what was erased", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const other = await stack.another();
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT} one`);
	const { conversation } = s;
	const tab = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
	await tab.say(`${SECRET_TEXT} two`);
	const visitor = visitorOf(stack, conversation);
	for (const c of [s, tab]) {
		c.socket.close();
		await c.closed;
	}
	await other.kill9();
	other.expectedDead = true;
	assert.equal((await erase(stack, visitor, headers)).status, 200);
	await stack.daemon.kill9();
	stack.daemon.expectedDead = true;
	const first = await stack.another({ state: 0 });
	const second = await stack.another({ state: 1 });
	for (const d of [first, second])
		assert.match(d.log, /spool=replayed rows=[1-9]/, "the spool had it still");
	await untilGone(stack, visitor, [conversation]);
	assertChecked(stack, first);
});

test("a conversation that Redis never knew, held in a spool, does not come out of it", async (t) => {
	const stack = await Stack.start(t);
	const headers = admin(stack);
	const other = await stack.another();
	const s = await stack.shopper({ daemon: other });
	await s.say("how can I pay?");
	const visitor = visitorOf(stack, s.conversation);
	const known = s.conversation;
	await s.leave().stored;
	await s.say(`${SECRET_TEXT} is new`);
	const lost = s.conversation;
	s.socket.close();
	await s.closed;
	await other.kill9();
	other.expectedDead = true;
	/* As if Redis had lost its tail: it knows nothing of the second one. */
	stack.redis.cli("DEL", `answerd:conv:{${lost}}`, `answerd:conv:{${lost}}:log`, `answerd:conv:{${lost}}:ids`, "answerd:recent");
	stack.redis.cli("HSET", `answerd:visitor:{${visitor}}`, "conversation", known, "history", "");
	for (const key of stack.redis.cli("KEYS", "answerd:unanswered:*").split("\n").filter(Boolean))
		stack.redis.cli("DEL", key);
	assert.equal((await erase(stack, visitor, headers)).status, 200);
	const back = await stack.another({ state: 1 });
	assert.match(back.log, /spool=replayed rows=[1-9]/);
	await untilGone(stack, visitor, [known, lost]);
	await until(() => answerctl(["check"], { daemon: back }).status === 0, "nothing is at odds");
});

test("while the visitor writes, erasing wins, and what is said after it is stored once", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { messages_per_minute: 6000, burst: 1000 } } });
	const headers = admin(stack);
	const s = await stack.shopper();
	await s.say(`${SECRET_TEXT} 0`);
	const { conversation } = s;
	const visitor = visitorOf(stack, conversation);
	const posted = [];
	for (let i = 0; i < 20; i++)
		posted.push(s.message(`where is my order ${i}`));
	const answer = erase(stack, visitor, headers);
	for (let i = 20; i < 60; i++) {
		posted.push(s.message(`where is my order ${i}`));
		if (i % 10 === 0)
			await sleep(5);
	}
	assert.equal((await answer).status, 200);
	for (const m of posted)
		await m.stored;
	await untilGone(stack, visitor, [conversation]);
	assertChecked(stack);
});
