// `answerctl check`: a Redis that is as it must be has nothing to tell, also
// under load; each kind of damage, planted by hand, is found with its key; and
// what can be mended is.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { Stack, answerctl, build, sleep } from "./lib.mjs";

const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));

function check(stack, ...options) {
	const run = answerctl(["check", "--json", ...options], { daemon: stack.daemon });
	assert.ok(run.status <= 1, run.stderr);
	const all = lines(run.stdout);
	return { status: run.status, end: all.pop(), findings: all };
}

/* While messages come: the tool may not block this process. */
function checkBeside(stack) {
	const child = spawn(path.join(build, "answerctl"), ["-c", stack.daemon.file, "check", "--json"]);
	let out = "";
	child.stdout.on("data", (bytes) => (out += bytes));
	return new Promise((resolve) => child.on("exit", (status) => resolve({ status, all: lines(out) })));
}

test("what is under way is not told", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { messages_per_minute: 6000, burst: 1000 } } });
	const shoppers = [];
	for (let i = 0; i < 12; i++)
		shoppers.push(await stack.shopper());
	const desk = await stack.desk("maria");
	let on = true;
	const talk = shoppers.map(async (s, i) => {
		for (let n = 0; on; n++) {
			await s.message(`where is my order ${n}`).stored;
			await sleep(15);
			if (n === 5 && i % 2 === 0)
				await s.human().stored;
		}
	});
	const take = (async () => {
		while (on) {
			const claim = desk.ask({ type: "claim" });
			const done = await claim.done.catch(() => null);
			await sleep(50);
			if (done?.conversation)
				await desk.ask({ type: "release", conversation: done.conversation }).done;
		}
	})();
	const { status, all } = await checkBeside(stack);
	on = false;
	await Promise.all([...talk, take]);
	assert.equal(status, 0, JSON.stringify(all));
	assert.equal(all.at(-1).conversations, new Set(stack.redis.cli("--scan", "--pattern", "answerd:conv:{*}").split("\n")).size, "each is counted once");
});

test("each kind of damage is found with its key, and mended where that can be", async (t) => {
	const stack = await Stack.start(t);
	const cli = (...args) => stack.redis.cli(...args);
	const key = (s, what = "") => `answerd:conv:{${s.conversation}}${what}`;
	const made = async (n) => {
		const s = await stack.shopper();
		for (let i = 0; i < n; i++)
			await s.message(`where is my order ${i}`).stored;
		return s;
	};
	const due = (s) => Array.from({ length: 16 }, (_, i) => `answerd:due:{${i}}`).find((k) => cli("ZSCORE", k, s.conversation));
	const s = { ghost: { conversation: "ghost" } };
	for (const name of ["gap", "seq", "state", "ids", "step", "inLine", "noHash", "noLog", "overdue"])
		s[name] = await made(2);
	for (const name of ["nowhere", "two", "lease"])
		s[name] = await stack.waiting("I want to return my order");
	const queue = cli("HGET", key(s.two), "queue");
	assert.deepEqual(check(stack).findings, []);
	// Nobody mends it behind the test's back.
	for (const client of stack.clients)
		client.fini();
	await stack.daemon.kill9();

	cli("XDEL", key(s.gap, ":log"), "2-0");
	cli("HSET", key(s.seq), "seq", "77");
	cli("HSET", key(s.state), "state", "queued");
	cli("HSET", key(s.ids, ":ids"), "s:never", "1:1");
	cli("ZREM", due(s.step), s.step.conversation);
	cli("ZADD", due(s.overdue), "1000", s.overdue.conversation);
	cli("ZADD", `answerd:queue:{${queue}}`, "1", s.inLine.conversation);
	cli("ZADD", `answerd:queue:{${queue}}`, "2", "ghost");
	cli("DEL", key(s.noHash));
	cli("DEL", key(s.noLog, ":log"));
	cli("ZREM", `answerd:queue:{${queue}}`, s.nowhere.conversation);
	cli("ZADD", `answerd:queue:{${queue}}:claimed`, String(Date.now() + 600000), s.two.conversation);
	cli("ZREM", `answerd:queue:{${queue}}`, s.lease.conversation);
	cli("ZADD", `answerd:queue:{${queue}}:claimed`, String(Date.now() - 600000), s.lease.conversation);

	const expected = {
		gap: ["log_gap", key(s.gap, ":log")],
		seq: ["wrong_seq", key(s.seq)],
		state: ["wrong_state", key(s.state)],
		ids: ["wrong_ids", key(s.ids, ":ids")],
		step: ["no_next_step", key(s.step)],
		overdue: ["overdue", key(s.overdue)],
		inLine: ["wrong_place", `answerd:queue:{${queue}}`],
		ghost: ["wrong_place", `answerd:queue:{${queue}}`],
		noHash: ["no_hash", key(s.noHash)],
		noLog: ["no_log", key(s.noLog, ":log")],
		nowhere: ["not_in_line", `answerd:queue:{${queue}}`],
		two: ["two_places", `answerd:queue:{${queue}}`],
		lease: ["lease_over", `answerd:queue:{${queue}}`],
	};
	const found = check(stack);
	assert.equal(found.status, 1);
	for (const [name, [flaw, where]] of Object.entries(expected)) {
		const f = found.findings.find((x) => x.conversation === s[name].conversation && x.finding === flaw);
		assert.ok(f, `${flaw} in ${JSON.stringify(found.findings)}`);
		assert.equal(f.key, where);
		assert.ok(f.remedy && f.detail && !f.repaired);
	}
	assert.equal(found.end.findings, found.findings.length);

	const mended = check(stack, "--repair");
	const left = new Set(["log_gap", "wrong_ids", "no_log", "lease_over", "overdue"]);
	for (const f of mended.findings)
		assert.equal(f.repaired, !left.has(f.finding), JSON.stringify(f));
	assert.equal(mended.status, 1);
	const after = check(stack);
	assert.deepEqual([...new Set(after.findings.map((f) => f.finding))].sort(), [...left].sort());
	assert.match(cli("ZRANGE", `answerd:queue:{${queue}}`, "0", "-1"), new RegExp(s.nowhere.conversation));
});

test("it says when it could not check", async (t) => {
	const stack = await Stack.start(t);
	stack.redis.cli("SET", "answerd:conv:{mine}", "not a hash");
	const foreign = answerctl(["check"], { daemon: stack.daemon });
	assert.equal(foreign.status, 2);
	assert.match(foreign.stderr, /WRONGTYPE/);
	assert.match(foreign.stderr, /Redis refuses to be read/);
	await stack.redis.kill9();
	const run = answerctl(["check"], { daemon: stack.daemon });
	assert.equal(run.status, 2);
	assert.match(run.stderr, /Redis does not answer/);
	assert.equal(answerctl(["check", "--wrong"], { daemon: stack.daemon }).status, 64);
});
