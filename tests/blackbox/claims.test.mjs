// Who has a chat, and how one loses it: agents who vanish, are disabled, give
// it away or have it taken by who oversees; and guessing at passwords. Each
// test has a daemon of its own.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Stack, answerctl, sleep, until } from "./lib.mjs";
import { Desk, newId } from "./wire.mjs";

test("an agent who vanishes gives the chat back at its old place, and all are told", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "5 s" } } });
	const maria = await stack.desk("maria");
	const s = await stack.waiting("I was here first");
	await maria.seesWaiting(s.conversation);
	await maria.take(s.conversation);
	await s.state("assigned");
	const from = s.mark;
	maria.drop();
	const back = await s.state("queued", { from });
	assert.ok(back.reason);
	const paul = await stack.desk("paul");
	await paul.seesWaiting(s.conversation);
	await paul.take(s.conversation);
	// Who has lost it cannot write late.
	const again = await stack.desk("maria");
	assert.equal((await again.say(s.conversation, "a late word").error).code, "not_yours");
	assert.equal(paul.log(s.conversation).some((e) => e.text === "a late word"), false);
});

test("a connection that has not said hello does not cost the agent's others their chats", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const { password } = stack.addAgent("maria");
	const { cookie } = await stack.daemon.login("maria", password);
	stack.keep(await Desk.connect(stack.daemon, { cookie, greet: false }));
	const maria = stack.keep(await Desk.connect(stack.daemon, { cookie }));
	const s = await stack.waiting();
	await maria.seesWaiting(s.conversation);
	await maria.take(s.conversation);
	await s.state("assigned");
	await sleep(9000); // longer than lease and reaping take together
	assert.equal(s.of("state").at(-1).state, "assigned");
	await maria.say(s.conversation, "still mine").stored;
});

test("who opens a conversation again, or closes it, is told what became of the words before", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting();
	const maria = await stack.desk("maria");
	await maria.take(s.conversation);
	await maria.open(s.conversation);
	for (let i = 0; i < 10; i++) {
		const said = maria.say(s.conversation, `word ${i}`);
		const opened = maria.ask({ type: "open", conversation: s.conversation, since: i });
		await said.stored;
		await opened.done;
	}
	const last = maria.say(s.conversation, "and a last one");
	await maria.ask({ type: "close", conversation: s.conversation }).done;
	await last.stored;
	await s.expect((f) => f.text === "and a last one");
});

test("a rate of sign-ins that only a guesser needs is refused", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { login_per_minute: 5 } } });
	stack.addAgent("maria");
	const seen = [], later = [];
	// More than two minutes' worth: one may begin between two of them.
	for (let i = 0; i < 12; i++) {
		const { status, headers } = await stack.daemon.login("maria", `guess ${i}`);
		seen.push(status);
		if (status === 429)
			later.push(Number(headers["retry-after"]));
	}
	assert.ok(later.every((s) => s >= 1 && s <= 60), `Retry-After: ${later.join()}`);
	assert.equal(seen[0], 401);
	assert.ok(seen.includes(429), seen.join());
	await until(async () => (await stack.daemon.get("/healthz")).status === 200, "it lives");
});

test("behind a proxy that is believed, sign-ins are counted by who tries them", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { login_per_minute: 3 } } });
	stack.addAgent("maria");
	const tries = async (from, daemon = stack.daemon) => {
		const { status } = await daemon.login("maria", "a guess", { "X-Forwarded-For": from });
		return status;
	};
	// Until one is refused: a minute may begin between two.
	const isRefused = async (...froms) => {
		for (let i = 0; i < 8; i++)
			if (await tries(froms[i % froms.length]) === 429)
				return true;
		return false;
	};
	assert.ok(await isRefused("203.0.113.1"));
	assert.equal(await tries("203.0.113.2"), 401, "who has tried nothing yet is let in to try");
	assert.ok(await isRefused("198.51.100.1, 203.0.113.3", "198.51.100.2, 203.0.113.3"), "what a client says of itself counts for nothing");
	assert.ok(await isRefused("2001:db8:1:2::1", "2001:db8:1:2:ffff::2"), "a household is one");
	assert.equal(await tries("2001:db8:1:3::1"), 401);

	const alone = await stack.another({ settings: { proxies: [] } });
	const statuses = [];
	for (let i = 0; i < 8; i++)
		statuses.push(await tries(`203.0.113.${i}`, alone));
	assert.ok(statuses.includes(429), "nobody else's word is taken");
});

test("who is disabled, or given another password, is signed out of the desk at once", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa");
	const { cookie } = await stack.daemon.login("rosa", "pass-rosa-word");
	const passwd = answerctl(["agent", "passwd", "rosa", "--password-stdin"], { daemon: stack.daemon, input: "a new one for rosa\n" });
	assert.equal(passwd.status, 0, passwd.stderr);
	assert.equal((await rosa.closed).code, 4401);
	await assert.rejects(Desk.connect(stack.daemon, { cookie }), /401/);
	const disable = answerctl(["agent", "disable", "maria"], { daemon: stack.daemon });
	assert.equal(disable.status, 0, disable.stderr);
	assert.equal((await maria.closed).code, 4401);
	assert.equal((await stack.daemon.login("maria", "pass-maria-word")).status, 401);
});

test("a sign-in that ends elsewhere, by its age, or with its token ends at the desk, too", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const other = await stack.another();
	const { password } = stack.addAgent("maria");
	const signIn = async () => {
		const { cookie } = await stack.daemon.login("maria", password);
		const digest = createHash("sha256").update(cookie.split("=")[1]).digest("hex");
		return { cookie, key: `answerd:session:{${digest}}` };
	};
	const stays = await signIn(), leaves = await signIn(), ages = await signIn();
	const token = answerctl(["agent", "token", "maria"], { daemon: stack.daemon }).stdout.trim();
	const connect = async (who) => stack.keep(await Desk.connect(other, who));
	const [staying, leaving, ageing, tool] = [await connect(stays), await connect(leaves), await connect(ages), await connect({ bearer: token, origin: null })];

	assert.equal((await stack.daemon.request("POST", "/api/logout", { headers: { Cookie: leaves.cookie } })).status, 204);
	assert.equal((await leaving.closed).code, 4401);
	assert.equal(stack.redis.cli("HSET", ages.key, "created_ms", "1"), "0");
	assert.equal((await ageing.closed).code, 4401);
	assert.equal(answerctl(["agent", "revoke", "maria"], { daemon: stack.daemon }).status, 0);
	assert.equal((await tool.closed).code, 4401);

	// One that Redis has lost comes back by whoever has it open.
	assert.equal(stack.redis.cli("DEL", stays.key), "1");
	await until(() => stack.redis.cli("HGET", stays.key, "agent") === "maria", "the session is there again");
	(await connect(stays)).close();

	// Whoever has it open uses it.
	assert.equal(stack.redis.cli("PEXPIRE", stays.key, "60000"), "1");
	await until(() => Number(stack.redis.cli("PTTL", stays.key)) > 60000, "the session goes on");
	staying.send({ type: "ping", at: 1 });
	await staying.expect({ type: "pong", at: 1 });
});

test("who signs out while Redis is away stays out when it is back", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const other = await stack.another();
	const { password } = stack.addAgent("maria");
	const { cookie } = await stack.daemon.login("maria", password);
	const desk = stack.keep(await Desk.connect(stack.daemon, { cookie }));
	const elsewhere = stack.keep(await Desk.connect(other, { cookie }));
	await stack.redis.stop();
	assert.equal((await stack.daemon.request("POST", "/api/logout", { headers: { Cookie: cookie } })).status, 204);
	assert.equal((await desk.closed).code, 4401);
	await stack.redis.up();
	assert.equal((await elsewhere.closed).code, 4401);
	await assert.rejects(Desk.connect(stack.daemon, { cookie }), /401/);
	await assert.rejects(Desk.connect(other, { cookie }), /401/);
});

test("a queue that is deleted in Redis comes back: who waits and who has a chat, also where nobody looks", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const other = await stack.another();
	const taken = await stack.waiting();
	const unwatched = await stack.waiting();
	const left = await stack.waiting(null, { daemon: other });
	const waits = await stack.waiting(null, { daemon: other });
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa", { daemon: other });
	await maria.take(taken.conversation);
	await rosa.claim(unwatched.conversation).done;
	await left.close();
	await unwatched.close();
	await rosa.close();
	const field = (s, name) => stack.redis.cli("HGET", `answerd:conv:{${s.conversation}}`, name);
	const queue = `answerd:queue:{${field(taken, "queue")}}`;
	const keys = [queue, `${queue}:claimed`, `${queue}:info`];
	assert.equal(stack.redis.cli("DEL", ...keys), "3");
	for (let i = 0; i < 16; i++) // due now, as in the end it would be
		for (const conv of [left, unwatched].map((s) => s.conversation))
			stack.redis.cli("ZADD", `answerd:due:{${i}}`, "XX", "1", conv);
	await until(() => stack.redis.cli("ZCARD", queue) === "3", "three wait, one of whom had an agent who left");
	assert.equal(stack.redis.cli("ZRANGE", `${queue}:claimed`, "0", "-1"), taken.conversation);
	assert.deepEqual(maria.frames.filter((f) => f.type === "unassigned"), []);
	await waits.expect((f) => f.type === "waiting" && f.position === 3, { from: 0 });
	await until(() => field(unwatched, "state") === "queued", "its log says so, too");
	await maria.say(taken.conversation, "still here").stored;
});

test("who has a chat and claims it again is told when it is gone, though the claim is refused", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting();
	const { conversation } = s;
	const maria = await stack.desk("maria");
	await maria.take(conversation);
	await maria.expect((f) => f.type === "assigned" && f.item.conversation === conversation);
	const queue = `answerd:queue:{${stack.redis.cli("HGET", `answerd:conv:{${conversation}}`, "queue")}}`;
	const keys = [`${queue}:claimed`, `${queue}:info`];
	for (const key of keys)
		stack.redis.cli("COPY", key, `${key}:before`);
	await s.leave().stored;
	for (const key of keys) // the queue has not heard of it yet
		stack.redis.cli("COPY", `${key}:before`, key, "REPLACE");
	const { code } = await maria.claim(conversation).error;
	assert.equal(code, "not_now");
	await until(() => maria.frames.findLast((f) => ["assigned", "unassigned"].includes(f.type)).type === "unassigned", "she is told");
});

test("who oversees takes a chat over and moves others' chats, over two daemons; nobody else may", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await stack.waiting();
	const { conversation } = s;
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa");
	const paula = await stack.desk("paula", { daemon: other, args: ["--role", "supervisor"] });
	await maria.take(conversation);
	await maria.say(conversation, "mine").stored;
	assert.equal((await rosa.ask({ type: "transfer", conversation, agent: "rosa" }).error).code, "not_yours");
	await paula.open(conversation);
	assert.equal((await paula.say(conversation, "not mine yet").error).code, "not_yours");
	const mark = maria.mark;
	await paula.ask({ type: "transfer", conversation, agent: "paula" }).done;
	await maria.expect((f) => f.type === "unassigned" && f.conversation === conversation, { from: mark });
	assert.equal((await maria.say(conversation, "too late").error).code, "not_yours");
	await paula.expect((f) => f.type === "assigned" && f.item.conversation === conversation);
	await paula.say(conversation, "Paula here").stored;
	await s.expect((f) => f.type === "message" && f.text === "paula is with you now.");
	await s.expect((f) => f.type === "message" && f.text === "Paula here");
	// Hers stays hers for longer than a lease; then she gives it to rosa, and
	// takes it from rosa to a queue.
	await paula.ask({ type: "transfer", conversation, agent: "rosa", note: "please" }).done;
	await rosa.expect((f) => f.type === "assigned" && f.item.conversation === conversation);
	const from = rosa.mark;
	await paula.ask({ type: "transfer", conversation, queue: "complaints" }).done;
	await rosa.expect((f) => f.type === "unassigned" && f.conversation === conversation, { from });
	await maria.seesWaiting(conversation);
	assert.equal(s.frames.filter((f) => f.text === "too late" || f.text === "not mine yet").length, 0);
	const check = answerctl(["check"], { daemon: stack.daemon });
	assert.equal(check.status, 0, check.stdout + check.stderr);
});

test("who gives a chat away is not told that it was taken; their other connection is told why it is gone", async (t) => {
	const stack = await Stack.start(t);
	const { conversation } = await stack.waiting();
	const maria = await stack.desk("maria", { args: ["--display", "Maria M."] });
	const second = await stack.desk("maria");
	/* The lists are read at most once a second: after that long, what she
	 * does rings for a round that overtakes the answer. */
	for (const type of ["release", "resolve"]) {
		const from = second.mark;
		await maria.take(conversation);
		const { item } = await second.expect((f) => f.type === "assigned" && f.item.conversation === conversation, { from });
		assert.equal(item.agent, "Maria M.", "as in a list and in the log's state");
		await sleep(1100);
		await maria.ask({ type, conversation, ...(type === "resolve" ? { outcome: "solved" } : {}) }).done;
		const told = await second.expect((f) => f.type === "unassigned" && f.conversation === conversation, { from });
		assert.equal(told.why, type === "release" ? "back in line" : "closed");
	}
	assert.deepEqual(maria.frames.filter((f) => f.type === "unassigned"), []);
});

test("a claim of the next that is sent again takes no second chat, at whatever daemon", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const first = await stack.waiting("I was here first");
	const second = await stack.waiting("and I came after");
	const maria = await stack.desk("maria");
	await maria.seesWaiting(second.conversation);
	const claim = { type: "claim", id: newId("x") };
	assert.equal((await maria.ask(claim).done).conversation, first.conversation);
	/* Once more here, where the answer was lost, and where she comes back to. */
	const { mark } = maria;
	maria.send(claim);
	assert.equal((await maria.expect({ type: "done", id: claim.id }, { from: mark })).conversation, first.conversation);
	maria.drop();
	for (const daemon of [stack.daemon, other]) {
		const again = await stack.desk("maria", { daemon });
		assert.equal((await again.ask(claim).done).conversation, first.conversation);
		await again.say(first.conversation, `from ${daemon.address}`).stored;
	}
	const paul = await stack.desk("paul", { daemon: other });
	await paul.seesWaiting(second.conversation);
	assert.equal((await paul.ask(claim).done).conversation, second.conversation, "an id is its agent's own");
	assert.equal(first.of("state").filter((f) => f.state === "assigned").length, 1);
});

test("a claim sent again after its chat was lost is not done, and holds the chat back from nobody", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const other = await stack.another();
	const s = await stack.waiting();
	const { conversation } = s;
	const named = { type: "claim", conversation, id: newId("x") };
	const maria = await stack.desk("maria");
	await maria.seesWaiting(conversation);
	await maria.ask(named).done;
	await s.state("assigned");
	const from = s.mark;
	maria.drop();
	await s.state("queued", { from });
	for (const daemon of [stack.daemon, other]) {
		const again = await stack.desk("maria", { daemon });
		assert.equal((await again.ask(named).error).code, "not_yours");
		assert.equal((await again.say(conversation, "not mine").error).code, "not_yours");
	}
	/* At once, and not when a claim that nobody has has run out. */
	const paul = await stack.desk("paul", { daemon: other });
	await paul.claim(conversation).done;
	const back = await stack.desk("maria");
	assert.equal((await back.ask(named).error).code, "taken");
	/* Passed on, it has another record there, and is held back from nobody either. */
	await paul.ask({ type: "transfer", conversation, queue: "complaints" }).done;
	await back.seesWaiting(conversation);
	assert.equal((await back.ask(named).error).code, "not_yours");
	await paul.claim(conversation).done;
	await paul.ask({ type: "resolve", conversation, outcome: "solved" }).done;
	assert.equal((await back.ask(named).error).code, "not_yours");
});

test("what an agent said or did comes again after the chat is over: it is in the log already, however long ago", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting();
	const { conversation } = s;
	const maria = await stack.desk("maria");
	await maria.seesWaiting(conversation);
	await maria.take(conversation);
	const first = maria.say(conversation, "hello");
	const { seq } = await first.stored;
	const passed = { type: "transfer", conversation, queue: "complaints", id: newId("x") };
	await maria.ask(passed).done;
	await maria.claim(conversation).done;
	const given = { type: "release", conversation, id: newId("x") };
	await maria.ask(given).done;
	await maria.claim(conversation).done;
	const solved = { type: "resolve", conversation, outcome: "solved", id: newId("x") };
	for (let i = 0; i < 40; i++)
		await maria.say(conversation, `word ${i}`).stored;
	await maria.ask(solved).done;
	for (let i = 0; i < 40; i++)
		await maria.ask({ type: "note", conversation, text: `note ${i}` }).stored;
	maria.drop();
	const back = await stack.desk("maria");
	assert.equal((await back.ask({ type: "message", conversation, text: "hello", id: first.id }).stored).seq, seq);
	for (const frame of [passed, given, solved])
		assert.equal((await back.ask(frame).done).conversation, conversation);
	assert.equal((await back.ask({ type: "message", conversation, text: "other words", id: first.id }).error).code, "id_reused");
	assert.equal((await back.ask({ ...solved, outcome: "spam" }).error).code, "id_reused");
	assert.equal((await back.say(conversation, "a late word").error).code, "not_now");
	const paul = await stack.desk("paul");
	const other = paul.ask({ type: "message", conversation, text: "hello", id: first.id });
	assert.equal((await other.error).code, "not_now", "an id is its agent's own");
});

test("who claims in a queue that is not theirs is told so", async (t) => {
	const stack = await Stack.start(t);
	const { conversation } = await stack.waiting();
	const rita = await stack.desk("rita", { args: ["--queue", "complaints"] });
	const maria = await stack.desk("maria");
	const foreign = async (frame) => {
		const error = await rita.ask({ type: "claim", ...frame }).error;
		assert.equal(error.code, "not_now");
		return error.message;
	};
	assert.match(await foreign({ conversation }), /none of your queues/);
	assert.match(await foreign({ queue: "support" }), /none of your queues/);
	await maria.take(conversation);
	assert.match(await foreign({ conversation }), /none of your queues/);
	await maria.ask({ type: "resolve", conversation, outcome: "solved" }).done;
	assert.match(await foreign({ conversation }), /waits for nobody/);
	assert.equal((await rita.claim("nowhere").error).code, "no_such_conversation");
});

test("who opens a chat while Redis is away is told when to come again, and all else goes on", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { timeout: "500 ms" } } });
	const paula = await stack.desk("paula", { args: ["--role", "supervisor"] });
	const { conversation } = await stack.waiting();
	await paula.seesWaiting(conversation);
	const other = await stack.another();
	const there = await stack.desk("paula", { daemon: other });
	stack.redis.pause();
	await until(async () => (await other.get("/readyz")).status === 503, "Redis is away");
	const error = await there.ask({ type: "open", conversation }).error;
	assert.equal(error.code, "busy");
	assert.ok(error.retry_ms > 0, "retry_ms");
	const closed = there.ask({ type: "close", conversation });
	await closed.done;
	stack.redis.resume();
	await until(async () => (await other.get("/readyz")).status === 200, "Redis is back");
	await there.open(conversation);
});
