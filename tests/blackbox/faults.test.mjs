// What survives: daemons that stop, die or share the work, and a Redis that
// stops, dies or forgets. Each test ends by reading the log as a new reader
// would and comparing it with what the senders wrote down: nothing missing,
// nothing twice, each sender's order kept.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, sleep, until } from "./lib.mjs";
import { Shopper, newId } from "./wire.mjs";

/* All shopper's messages of the log, by a fresh reader. */
async function readLog(stack, visitor, daemon = stack.daemon) {
	const reader = await stack.shopper({ daemon, hello: { visitor } });
	await until(() => reader.since >= reader.welcome.seq, "the whole log");
	return [...reader.welcome.events, ...reader.frames.slice(1)].filter((f) => f.type === "message" && f.seq);
}

async function assertLedger(stack, visitor, ids, daemon) {
	const log = await readLog(stack, visitor, daemon);
	assert.deepEqual(log.filter((e) => e.from === "shopper").map((e) => e.id), ids, "each once, in the order in which they were sent");
	const answers = log.filter((e) => e.from === "bot").map((e) => e.id);
	assert.equal(new Set(answers).size, answers.length, "no answer twice");
	return log;
}

/* As a widget does: comes back, and sends again what it has no `stored` of. */
async function comeBack(stack, old, daemon, unstored) {
	const fresh = await until(() => Shopper.connect(daemon, { hello: old.resume }), "the client comes back");
	stack.keep(fresh);
	fresh.isShared = unstored.length > 0; // what the old one brought may be logged only now
	for (const frame of unstored)
		fresh.posted(frame);
	return fresh;
}

test("a shopper on one daemon and an agent on another", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await stack.waiting("I want to return my order");
	const desk = await stack.desk("maria", { daemon: other });
	await desk.seesWaiting(s.conversation);
	await desk.take(s.conversation);
	await s.state("assigned");
	const down = desk.say(s.conversation, "Hello from the other one.");
	await down.stored;
	await s.expect((f) => f.from === "agent" && f.text === "Hello from the other one.");
	const up = s.message("and back");
	await up.stored;
	await desk.event(s.conversation, (e) => e.id === up.id);
	s.send({ type: "typing", on: true });
	await desk.expect((f) => f.type === "typing" && f.conversation === s.conversation && f.on);
	desk.send({ type: "typing", conversation: s.conversation, on: true });
	await s.expect((f) => f.type === "typing" && f.from === "agent" && f.on);
	// Both write at once, many times: one log, the same for both.
	const posts = [];
	for (let i = 0; i < 30; i++) {
		posts.push(s.message(`shopper ${i}`));
		posts.push(desk.say(s.conversation, `agent ${i}`));
	}
	for (const p of posts)
		await p.stored;
	await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	await s.state("closed");
	await s.expect("ask_feedback");
	const log = (await readLog(stack, s.visitor, other)).length ? await desk.open(s.conversation, 0) : [];
	const texts = (from) => desk.log(s.conversation).filter((e) => e.from === from).map((e) => e.text);
	const numbered = (from, name) => [...new Set(texts(from).filter((x) => x.startsWith(`${name} `)))];
	assert.deepEqual(numbered("shopper", "shopper"), Array.from({ length: 30 }, (_, i) => `shopper ${i}`));
	assert.deepEqual(numbered("agent", "agent"), Array.from({ length: 30 }, (_, i) => `agent ${i}`));
	assert.ok(log.length > 0);
});

test("a Redis that is full: said so, and nothing that was acknowledged is lost with the daemon", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	await s.say("what does delivery cost");
	stack.redis.cli("CONFIG", "SET", "maxmemory", "1");
	const ids = [s.message("how can I pay"), s.message("I want to talk to a person"), s.message("hello")];
	for (const m of ids)
		await m.ack;
	const ready = await until(async () => {
		const answer = await stack.daemon.get("/readyz");
		return answer.status === 503 && answer;
	}, "it is not ready");
	assert.match(JSON.parse(ready.body).detail, /^Redis refuses what is to be stored: Redis is at maxmemory: give it more/);
	assert.equal(JSON.parse(ready.body).redis, "unwilling");
	const metrics = await stack.daemon.metrics();
	assert.equal(metrics.answerd_redis_unwilling, 1);
	assert.ok(metrics.answerd_redis_refused_total > 0);
	await until(async () => (await stack.daemon.metrics()).answerd_spool_waiting_rows === 3, "all three are handed over");
	await stack.daemon.spooled();
	const { visitor } = s;
	await s.drop(); // sends nothing again
	await stack.daemon.kill9();
	stack.redis.cli("CONFIG", "SET", "maxmemory", "0");
	const fresh = await stack.another({ state: 0 });
	const log = await readLog(stack, visitor, fresh);
	assert.deepEqual(log.filter((e) => e.from === "shopper").map((e) => e.id).slice(1), ids.map((m) => m.id));
	await until(async () => (await fresh.get("/readyz")).status === 200, "ready again");
	assert.equal(stack.redis.cli("ZCARD", "answerd:queue:{support}"), "1");
});

test("a Redis that takes things again after a while is taken for willing by itself", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	stack.redis.cli("CONFIG", "SET", "maxmemory", "1");
	const m = s.message("how can I pay");
	await m.ack;
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "it is not ready");
	stack.redis.cli("CONFIG", "SET", "maxmemory", "0");
	await m.stored;
	await until(async () => (await stack.daemon.get("/readyz")).status === 200, "ready again");
	assert.equal((await stack.daemon.metrics()).answerd_redis_unwilling, 0);
});

test("a daemon without a name gives itself one, and keeps it", async (t) => {
	const stack = await Stack.start(t);
	const name = (daemon) => / node=(\S+)/.exec(daemon.log)[1];
	const first = name(stack.daemon);
	await stack.daemon.kill9();
	assert.equal(name(await stack.another({ state: 0 })), first);
	assert.notEqual(name(await stack.another()), first);
});

test("two tabs on two daemons see one log, and answers are made once", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const one = await stack.shopper();
	const two = await stack.shopper({ daemon: other, hello: { visitor: one.visitor } });
	assert.equal(two.conversation, one.conversation);
	const ids = { one: [], two: [] };
	for (let i = 0; i < 15; i++) {
		ids.one.push(one.message(`where is my order ${i}`).id);
		ids.two.push(two.message(`how can I pay ${i}`).id);
		await sleep(5);
	}
	await one.expect({ type: "stored", id: ids.one.at(-1) });
	await two.expect({ type: "stored", id: ids.two.at(-1) });
	await until(() => one.since === two.since && one.since >= 30, "both have all");
	const log = await readLog(stack, one.visitor);
	const shopper = log.filter((e) => e.from === "shopper").map((e) => e.id);
	assert.deepEqual(shopper.filter((id) => ids.one.includes(id)), ids.one);
	assert.deepEqual(shopper.filter((id) => ids.two.includes(id)), ids.two);
	for (const id of shopper)
		assert.ok(log.filter((e) => e.from === "bot" && e.reply_to === id).length <= 1, `one answer to ${id}`);
	assert.ok(log.some((e) => e.from === "bot" && e.intent === "check_payment_methods"));
});

test("the same message brought by two daemons at once is stored once", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const one = await stack.shopper();
	await one.say("hello");
	const two = await stack.shopper({ daemon: other, hello: { visitor: one.visitor } });
	one.isShared = two.isShared = true;
	const ids = [];
	for (let i = 0; i < 20; i++) {
		const id = newId("both");
		ids.push(id);
		const [a, b] = [one, two].map((s) => s.message(i % 2 ? "can I cancel my order" : "how can I pay", { id }));
		const [x, y] = await Promise.all([a.stored, b.stored]);
		assert.equal(x.seq, y.seq);
	}
	const log = await readLog(stack, one.visitor);
	for (const id of ids) {
		assert.equal(log.filter((e) => e.id === id).length, 1);
		assert.equal(log.filter((e) => e.reply_to === id && e.id.endsWith(".a")).length, 1);
	}
});

test("told to end twice it ends at once and well, whoever is connected", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting("where is my refund");
	const desk = await stack.desk("maria");
	await desk.take(s.conversation);
	await desk.ask({ type: "open", conversation: s.conversation, facts: true }).done;
	/* Who does not answer the close frame is waited for, but not now. */
	desk.socket._socket.pause();
	stack.daemon.child.kill("SIGTERM");
	await s.closed;
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	desk.socket._socket.resume();
	await desk.closed;
});

test("SIGTERM while passwords are looked at ends with 0", async (t) => {
	const stack = await Stack.start(t);
	await stack.desk("maria");
	const tries = Array.from({ length: 24 }, () => stack.daemon.login("maria", "not her password").catch(() => {}));
	await Promise.race(tries);
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	await Promise.all(tries);
});

test("SIGTERM takes back that a daemon is to be waited for, where it holds nothing that Redis may lose", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const nodes = () => Number(stack.redis.cli("HLEN", "answerd:nodes"));
	await until(() => nodes() === 2, "both are noted");
	await (await stack.shopper()).say("where is my refund");
	for (const daemon of [other, stack.daemon]) {
		await daemon.stop();
		daemon.expectedDead = true;
		assert.equal(nodes(), 1, "but for the one with a message in its spool");
	}
});

test("SIGTERM closes with 1012 and ends with 0; clients come back and go on", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting("where is my refund");
	const desk = await stack.desk("maria");
	await desk.take(s.conversation);
	await s.state("assigned");
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	assert.equal((await s.closed).code, 1012);
	assert.equal((await desk.closed).code, 1012);
	const next = await stack.another();
	const back = await comeBack(stack, s, next, []);
	assert.equal(back.conversation, s.conversation);
	assert.equal(back.welcome.state, "assigned");
	const again = await stack.desk("maria", { daemon: next });
	assert.ok(again.welcome.mine.some((i) => i.conversation === s.conversation), "the agent still has it");
	await again.open(s.conversation);
	await again.say(s.conversation, "I am back, too.").stored;
	await back.expect((f) => f.text === "I am back, too.");
});

test("a daemon killed under load loses nothing that was sent", async (t) => {
	const stack = await Stack.start(t);
	const next = await stack.another();
	const shoppers = await Promise.all(Array.from({ length: 10 }, () => stack.shopper()));
	for (const s of shoppers)
		s.unstored = Array.from({ length: 30 }, (_, i) => ({ type: "message", id: newId(`k${i}-`), text: `where is my order ${i}` }));
	for (let i = 0; i < 30; i++) {
		for (const s of shoppers)
			s.posted(s.unstored[i]);
		if (i === 10)
			await sleep(30);
	}
	await stack.daemon.kill9();
	for (const s of shoppers) {
		await s.closed;
		s.shutEarly = true; // what was under way has no ack, and it says so
		const stored = new Set(s.of("stored").map((f) => f.id));
		const back = await comeBack(stack, s, next, s.unstored.filter((f) => !stored.has(f.id)));
		await back.expect((f) => f.id === s.unstored.at(-1).id && f.seq !== undefined);
	}
	for (const s of shoppers)
		await assertLedger(stack, s.visitor, s.unstored.map((f) => f.id), next);
});

test("while Redis does not answer, acks and answers go on; then all of it is stored", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { timeout: "500 ms" } } });
	const s = await stack.shopper();
	const ids = [(await s.say("hello")).id];
	stack.redis.pause();
	const m = s.message("where is my order");
	ids.push(m.id);
	await m.ack;
	assert.equal((await m.answer).intent, "track_order");
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "not ready");
	assert.equal((await stack.daemon.get("/healthz")).status, 200);
	for (const text of ["how can I pay", "cancel my order"]) {
		const n = s.message(text);
		ids.push(n.id);
		await n.ack;
		await n.answer;
	}
	assert.equal(s.frames.some((f) => f.type === "stored" && ids.slice(1).includes(f.id)), false, "nothing is called stored that is not");
	// Who asks for a person is told the truth.
	const h = s.human();
	ids.push(h.id);
	await h.ack;
	const w = await s.expect("waiting");
	assert.equal(w.stalled, true);
	// A new shopper is served, too, and told.
	const fresh = await stack.shopper();
	assert.equal(fresh.welcome.degraded, true);
	const f = fresh.message("what is your refund policy");
	await f.ack;
	assert.equal((await f.answer).intent, "check_refund_policy");
	stack.redis.resume();
	await h.stored;
	await f.stored;
	await s.state("queued");
	await assertLedger(stack, s.visitor, ids);
	await assertLedger(stack, fresh.visitor, [f.id]);
	const desk = await stack.desk("maria");
	await desk.seesWaiting(s.conversation);
	await until(async () => (await stack.daemon.get("/readyz")).status === 200, "ready again");
});

test("where no more may wait for Redis nothing is taken until the refused one comes again, and order is kept", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { max_waiting: "64 kB", timeout: "500 ms" }, spool: { enabled: false }, limits: { messages_per_minute: 6000, burst: 1000 } } });
	const s = await stack.shopper();
	await s.say("hello");
	stack.redis.pause();
	const long = "how can I pay? ".padEnd(1900, "y");
	const sent = [];
	await until(async () => {
		const m = s.message(long);
		sent.push(m);
		await m.ack;
		return s.of("error").length > 0;
	}, "it is full");
	const [refused] = s.of("error");
	assert.equal(refused.code, "busy");
	assert.ok(Number.isInteger(refused.retry_ms) && refused.retry_ms > 0);
	/* All that needs storing, and nothing else. */
	const human = s.human();
	await human.ack;
	assert.equal((await human.error).code, "busy");
	s.send({ type: "ping", at: 1 });
	await s.expect("pong");
	stack.redis.resume();
	const at = sent.findIndex((m) => m.id === refused.id);
	await Promise.all(sent.slice(0, at).map((m) => m.stored));
	const { mark } = s;
	let seq = 0;
	for (const { id } of [sent[at], human]) {
		const frame = id === human.id ? { type: "human", id } : { type: "message", id, text: long };
		s.send(frame);
		const stored = await s.expect((f) => f.type === "stored" && f.id === id, { from: mark });
		assert.ok(stored.seq > seq);
		seq = stored.seq;
	}
});

test("Redis killed and started again: a new epoch, the log anew, nothing lost", async (t) => {
	const stack = await Stack.start(t, { redis: { settings: { appendfsync: "always" } }, settings: { redis: { timeout: "500 ms" } } });
	const s = await stack.shopper();
	const ids = [];
	for (let i = 0; i < 5; i++)
		ids.push((await s.say(`where is my order ${i}`)).id);
	const { epoch } = s;
	await stack.redis.kill9();
	const during = s.message("how can I pay");
	ids.push(during.id);
	await during.ack;
	await during.answer;
	await sleep(300);
	await stack.redis.up();
	const reset = await s.expect("reset");
	assert.notEqual(reset.epoch, epoch);
	assert.equal(reset.conversation, s.conversation);
	await until(() => s.frames.some((f) => f.id === during.id && f.seq), "stored");
	const after = s.message("and now?");
	ids.push(after.id);
	await until(() => s.frames.some((f) => f.id === after.id && f.seq), "stored after");
	await assertLedger(stack, s.visitor, ids);
	// A client of the old epoch gets all of it, too.
	const late = await stack.shopper({ hello: { visitor: s.visitor, conversation: s.conversation, epoch, since: 3 } });
	assert.equal(late.welcome.events[0].seq, 1);
});

test("a Redis that forgot its scripts is taught them again", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const ids = [(await s.say("hello")).id];
	assert.equal(stack.redis.cli("SCRIPT", "FLUSH"), "OK");
	ids.push((await s.say("where is my order")).id);
	assert.equal(stack.redis.cli("SCRIPT", "FLUSH"), "OK");
	await s.human().stored;
	await s.state("queued");
	const desk = await stack.desk("maria");
	stack.redis.cli("SCRIPT", "FLUSH");
	await desk.take(s.conversation);
	await assertLedger(stack, s.visitor, [...ids, s.sent.at(-1).id]);
});

test("a daemon that starts before its Redis serves, and stores when it comes", async (t) => {
	const stack = await Stack.start(t);
	await stack.redis.stop();
	const daemon = await stack.another({ ready: false, settings: { redis: { timeout: "500 ms" } } });
	await until(async () => (await daemon.get("/healthz")).status === 200, "it lives");
	const ready = await daemon.get("/readyz");
	assert.equal(ready.status, 503);
	assert.match(ready.body, /redis/i);
	await until(async () => /redis/i.test((await daemon.get("/readyz")).json.detail), "only Redis is missing");
	const s = await stack.shopper({ daemon });
	assert.equal(s.welcome.degraded, true);
	const m = s.message("how can I pay");
	await m.ack;
	await m.answer;
	await stack.redis.up();
	await until(() => s.frames.some((f) => f.id === m.id && f.seq), "stored");
	await until(async () => (await daemon.get("/readyz")).status === 200, "ready");
	await assertLedger(stack, s.visitor, [m.id], daemon);
});

test("what was answered while Redis was away outlives a killed daemon", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { timeout: "500 ms" } } });
	const s = await stack.shopper();
	const first = s.message("where is my order");
	await first.stored;
	await stack.redis.stop();
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "it knows");
	const m = s.message("how can I pay");
	await m.answer;
	const human = s.posted({ type: "human" });
	await s.expect((f) => f.type === "message" && f.reply_to === human.id);
	await stack.daemon.spooled();
	await stack.daemon.kill9();
	await s.closed;
	s.shutEarly = true;
	await stack.redis.up();
	const next = await stack.another({ state: 0 });
	await until(() => stack.redis.cli("ZCARD", "answerd:queue:{support}") === "1", "in line without having come back");
	const log = await assertLedger(stack, s.visitor, [first.id, m.id, human.id], next);
	assert.equal(log.filter((e) => e.id === `${m.id}.a`).length, 1, "and the answer that was seen");
	const back = await stack.shopper({ daemon: next, hello: { visitor: s.visitor } });
	assert.equal(back.welcome.state, "queued");
});

test("what opened the next conversation while Redis was away is not said in another one, too", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { timeout: "500 ms" } } });
	const s = await stack.shopper();
	await s.message("where is my order").stored;
	await s.leave().stored;
	await s.state("closed");
	const { visitor } = s; // this tab will not have heard of the next one
	await stack.redis.stop();
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "it knows");
	const m = s.message("how can I pay");
	await m.answer;
	await stack.daemon.spooled();
	await stack.daemon.kill9();
	await s.closed;
	s.shutEarly = true;
	await stack.redis.up();
	const next = await stack.another({ state: 0 });
	const back = await stack.shopper({ daemon: next, hello: { visitor } });
	back.isShared = true; // it may be in the log before it comes again
	await back.posted({ type: "message", id: m.id, text: "how can I pay" }).stored;
	await until(async () => (await next.metrics()).answerd_spool_waiting_rows === 0, "all of the spool is in Redis");
	const logs = stack.redis.cli("--scan", "--pattern", "answerd:conv:*:log").split("\n");
	const said = logs.filter((key) => stack.redis.cli("XRANGE", key, "-", "+").split("\n").includes(m.id));
	assert.equal(said.length, 1, `in one conversation only: ${said}`);
	assert.equal(logs.length, 2, "the closed one, and the next");
});

test("Redis comes back without its last writes: they are stored again, each once", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const before = s.message("where is my order");
	await before.stored;
	stack.redis.cli("CONFIG", "SET", "appendfsync", "always");
	stack.redis.cli("SET", "marker", "1");
	const kept = path.join(stack.dir, "kept");
	const file = path.join(stack.redis.dir, "appendonlydir");
	fs.cpSync(file, kept, { recursive: true });
	const all = [before.id];
	for (const text of ["how can I pay", "do you ship to Norway", "I want to cancel my order"]) {
		const m = s.message(text);
		await m.stored;
		all.push(m.id);
	}
	await stack.redis.stop();
	fs.rmSync(file, { recursive: true });
	fs.cpSync(kept, file, { recursive: true });
	await stack.redis.up();
	await until(async () => (await stack.daemon.get("/readyz")).status === 200, "ready");
	await until(() => s.frames.some((f) => f.type === "reset"), "the log is another one");
	await assertLedger(stack, s.visitor, all);
	const metrics = await stack.daemon.metrics();
	assert.ok(metrics.answerd_spool_recovered_total >= 3);
	assert.equal(metrics.answerd_spool_failing, 0);
});

test("Redis comes back without the close of a conversation: its shopper stays in the next one", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	await s.message("where is my order").stored;
	const old = s.conversation;
	stack.redis.cli("CONFIG", "SET", "appendfsync", "always");
	stack.redis.cli("SET", "marker", "1");
	const kept = path.join(stack.dir, "kept");
	const file = path.join(stack.redis.dir, "appendonlydir");
	fs.cpSync(file, kept, { recursive: true });
	await s.leave().stored;
	await s.state("closed");
	const m = s.message("how can I pay");
	await m.stored;
	assert.notEqual(s.conversation, old);
	await stack.redis.stop();
	fs.rmSync(file, { recursive: true });
	fs.cpSync(kept, file, { recursive: true });
	await stack.redis.up();
	await until(async () => (await stack.daemon.get("/readyz")).status === 200, "ready");
	for (const hello of [s.resume, { visitor: s.visitor }]) {
		const back = await stack.shopper({ hello });
		assert.equal(back.conversation, s.conversation);
		back.isShared = true;
		await back.posted({ type: "message", id: m.id, text: "how can I pay" }).stored;
	}
	const logs = stack.redis.cli("--scan", "--pattern", "answerd:conv:*:log").split("\n");
	const said = logs.filter((key) => stack.redis.cli("XRANGE", key, "-", "+").split("\n").includes(m.id));
	assert.equal(said.length, 1, `in one conversation only: ${said}`);
});

test("the log in Redis is without a gap, and every key has the prefix", async (t) => {
	const stack = await Stack.start(t, { settings: { redis: { prefix: "shop7:" } } });
	const s = await stack.waiting("where is my order");
	const desk = await stack.desk("maria");
	await desk.take(s.conversation);
	await desk.say(s.conversation, "hello").stored;
	await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	await s.state("closed");
	await s.expect("ask_feedback");
	const keys = stack.redis.cli("KEYS", "*").split("\n");
	assert.deepEqual(keys.filter((k) => !k.startsWith("shop7:")), []);
	const log = keys.find((k) => k.includes(s.conversation) && k.endsWith(":log"));
	assert.ok(log, keys.join());
	const ids = stack.redis.cli("XRANGE", log, "-", "+").split("\n").filter((l) => /^\d+-0$/.test(l));
	assert.deepEqual(ids, Array.from({ length: ids.length }, (_, i) => `${i + 1}-0`));
	assert.ok(ids.length >= s.since);
	assert.equal(stack.redis.cli("ZSCORE", keys.find((k) => /queue:.*:claimed$/.test(k)) ?? "none", s.conversation) || "", "", "no claim is left");
});

test("a client that does not read is closed with 4408 and costs the others nothing", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { messages_per_minute: 60000, burst: 10000, unread: "64 kB" } } });
	const s = await stack.shopper();
	const quiet = await stack.shopper({ hello: { visitor: s.visitor } });
	quiet.socket.pause(); // reads no more; its kernel's buffer fills up
	const text = "where is my order ".repeat(100);
	for (let sent = 0; sent < 4000;) {
		const posts = Array.from({ length: 20 }, () => s.message(text + sent++));
		await posts.at(-1).stored;
	}
	assert.equal(s.closeCode, undefined, "the one that reads goes on");
	quiet.socket.resume();
	const { code } = await quiet.closed;
	assert.ok([4408, 1006].includes(code), `closed with ${code}`);
	// A log of megabytes may fill the 64 kB again before it is read: who is
	// closed comes back for the rest, as clients do.
	let back = quiet;
	await until(async () => {
		if (back.closeCode !== undefined)
			back = await stack.shopper({ hello: back.resume });
		return back.since >= s.since;
	}, "the resume covers the rest");
});

test("of a claim that was lost with the log's tail, and passed by, no word comes back either", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await stack.waiting(null);
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa", { daemon: other });
	const keys = ["", ":log", ":ids"].map((end) => `answerd:conv:{${s.conversation}}${end}`);
	for (const key of keys)
		assert.equal(stack.redis.cli("COPY", key, `${key}:before`), "1");
	await maria.take(s.conversation);
	const joined = await s.expect((f) => f.type === "message" && f.from === "system" && /maria/i.test(f.text));
	await maria.close();
	await stack.daemon.spooled();
	for (const key of keys)
		assert.equal(stack.redis.cli("COPY", `${key}:before`, key, "REPLACE"), "1");
	await rosa.ask({ type: "note", conversation: s.conversation, text: "somebody else writes" }).stored;
	await stack.redis.stop();
	await stack.redis.up();
	const log = () => stack.redis.cli("XRANGE", keys[1], "-", "+");
	await until(async () => {
		const m = await stack.daemon.metrics();
		return m.answerd_redis_up === 1 && m.answerd_spool_waiting_rows === 0;
	}, "the spool was told again");
	await s.human().stored; // behind what came back
	assert.ok(log().includes("somebody else writes"));
	assert.ok(!log().includes(joined.text), log());
	assert.equal(stack.redis.cli("HGET", keys[0], "state"), "queued");
});

for (const isSentAgain of [false, true])
	test(`what a daemon's spool alone has of a chat that is closed by now is in ${isSentAgain ? "the next chat, where its sender has sent it again" : "its log"}, once`, async (t) => {
		const stack = await Stack.start(t);
		const other = await stack.another();
		const s = await stack.waiting(null);
		const { conversation } = s;
		const maria = await stack.desk("maria", { daemon: other });
		await maria.take(conversation);
		await s.state("assigned");
		const keys = ["", ":log", ":ids"].map((end) => `answerd:conv:{${conversation}}${end}`);
		for (const key of keys)
			assert.equal(stack.redis.cli("COPY", key, `${key}:before`), "1");
		const said = await s.say("the only one who knows");
		await stack.daemon.spooled();
		await stack.daemon.kill9();
		for (const key of keys)
			assert.equal(stack.redis.cli("COPY", `${key}:before`, key, "REPLACE"), "1");
		await maria.ask({ type: "resolve", conversation, outcome: "solved" }).done;
		const logs = () => stack.redis.cli("KEYS", "answerd:conv:*:log").split("\n").map((key) => [key, stack.redis.cli("XRANGE", key, "-", "+").split("the only one who knows").length - 1]);
		let last = keys[1];
		if (isSentAgain) {
			const again = await stack.shopper({ daemon: other, hello: { visitor: s.visitor } });
			await again.message("the only one who knows", { id: said.id }).stored;
			assert.notEqual(again.conversation, conversation);
			last = `answerd:conv:{${again.conversation}}:log`;
		}
		const back = await stack.another({ state: 0 });
		await until(() => /spool=replayed/.test(back.log), "it tells what it has");
		await until(() => logs().find(([key]) => key === last)[1] === 1, "it is there");
		const behind = await stack.shopper({ daemon: back });
		for (let i = 0; i < 3; i++) // what was asked before has been answered
			await behind.say("hello");
		assert.deepEqual(logs().filter(([, n]) => n > 0), [[last, 1]]);
		assert.equal(stack.redis.cli("HGET", keys[0], "state"), "closed");
	});
