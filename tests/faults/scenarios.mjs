// The faults, one function each: (t, {seed, brief}) -> figures. `brief` is the
// form for `make test`: fewer rounds, shorter waits. What a scenario needs
// beyond the five zeros it puts into `faults`, a list of sentences.

import { sleep, until } from "../blackbox/lib.mjs";
import { doctored, judge, MUST_BE_ZERO } from "./ledger.mjs";
import { Relay } from "./relay.mjs";
import { Shop } from "./shop.mjs";

const sizes = {
	full: { daemons: 3, shoppers: 200, agents: 20, pauseMs: 1000 },
	brief: { daemons: 2, shoppers: 40, agents: 4, pauseMs: 500 },
};
const open = (t, { seed, brief }, options = {}) => Shop.open(t, { ...options, size: { ...sizes[brief ? "brief" : "full"], ...options.size }, seed });

/* Each way of being wrong is seen as that, and the right one as right. */
async function ledger() {
	const faults = [];
	for (const { kind, input } of doctored()) {
		const f = judge(input);
		for (const name of MUST_BE_ZERO)
			if ((f[name] > 0) !== (name === kind) && !(kind === "lost" && name === "misordered") && !(kind === "doubled" && name === "misordered"))
				faults.push(`a ledger spoilt by ${kind}: ${name} is ${f[name]}`);
	}
	return { faults };
}

async function daemon_killed(t, how) {
	const shop = await open(t, how);
	shop.load();
	await sleep(1000);
	for (let i = 0; i < (how.brief ? 4 : 20); i++) {
		const next = sleep(how.brief ? 1500 : 3000);
		await shop.kill(i % shop.stack.daemons.length);
		await next;
	}
	const f = await shop.finish();
	f.faults = f.reconnect_p99_ms < 4000 ? [] : [`reconnect p99 is ${f.reconnect_p99_ms} ms`];
	return f;
}

const redis_killed = (appendfsync) => async (t, how) => {
	const shop = await open(t, how, { redis: { settings: { appendfsync } } });
	shop.load();
	for (let i = 0; i < (how.brief ? 2 : 20); i++) {
		await sleep(1200);
		await shop.stack.redis.kill9();
		await sleep(200);
		await shop.stack.redis.up();
	}
	await sleep(1000);
	return shop.finish({ settleMs: 60000 });
};

async function redis_stopped(t, how) {
	const shop = await open(t, how);
	shop.load();
	await sleep(3000);
	const mark = shop.customers.map((c) => c.answerMs.length);
	shop.stack.redis.pause();
	await sleep(how.brief ? 4000 : 30000);
	const during = shop.customers.reduce((n, c, i) => n + c.answerMs.length - mark[i], 0);
	shop.stack.redis.resume();
	await sleep(2000);
	const f = await shop.finish({ settleMs: 60000 });
	f.answers_meanwhile = during;
	f.faults = during > 0 ? [] : ["no answer while Redis was stopped"];
	return f;
}

async function redis_slow(t, how) {
	const shop = await open(t, how, { redis: { tcp: true }, size: { agents: 2 } });
	const relay = await Relay.start(shop.stack.redis.port);
	t.after(() => relay.fini());
	/* The daemons move over to the relay, one after the other. */
	shop.stack.settings.redis = { url: `redis://127.0.0.1:${relay.port}/0` };
	for (let i = 0; i < shop.stack.daemons.length; i++)
		await shop.kill(i);
	await sleep(2000);
	shop.load();
	relay.delayMs = 250; /* each way */
	await sleep(how.brief ? 4000 : 15000);
	relay.delayMs = 0;
	await sleep(500);
	relay.cut();
	await sleep(how.brief ? 3000 : 10000);
	relay.mend();
	await sleep(2000);
	return shop.finish({ settleMs: 60000 });
}

/* What Redis refuses for a while, and takes again. */
const refusing = (...steps) => async (t, how) => {
	const shop = await open(t, how);
	shop.load();
	for (const [begin, end] of steps) {
		await sleep(1500);
		shop.stack.redis.cli(...begin);
		await sleep(how.brief ? 2000 : 5000);
		if (end)
			shop.stack.redis.cli(...end);
	}
	await sleep(1500);
	return shop.finish({ settleMs: 60000 });
};

async function rules_reloaded(t, how) {
	const { cpSync, writeFileSync, mkdtempSync, rmSync } = await import("node:fs");
	const { intents } = await import("../blackbox/lib.mjs");
	const dir = mkdtempSync("/tmp/answerd-rules-");
	t.after(() => rmSync(dir, { recursive: true, force: true }));
	cpSync(intents, dir, { recursive: true });
	const shop = await open(t, how, { settings: { intents: dir } });
	shop.load();
	const rounds = how.brief ? 20 : 100;
	for (let i = 0; i < rounds; i++) {
		writeFileSync(`${dir}/extra.yaml`, i % 2 ? "intents: [\n" : "\n");
		for (const d of shop.stack.daemons)
			d.child.kill("SIGHUP");
		await sleep(150);
	}
	const dropped = shop.people.reduce((n, p) => n + Object.values(p.closes).reduce((a, b) => a + b, 0), 0);
	const f = await shop.finish();
	f.faults = dropped === 0 ? [] : [`${dropped} connections dropped`];
	if (!shop.stack.daemons.every((d) => /extra\.yaml/.test(d.log)))
		f.faults.push("no daemon named the broken file");
	return f;
}

async function hand_off_while_away(t, how) {
	const shop = await open(t, how, { size: { daemons: 1, agents: 0, shoppers: how.brief ? 10 : 40 } });
	for (const c of shop.customers)
		c.say();
	await until(() => shop.customers.every((c) => c.box.length === 0), "all stored", 10000);
	await shop.stack.redis.kill9();
	await sleep(500);
	for (const c of shop.customers)
		c.human();
	await until(() => shop.customers.every((c) => c.sent[1].acked), "all acknowledged", 10000);
	await sleep(300);
	/* Restarted before anything could be handed to Redis. */
	const { stack } = shop;
	for (const c of shop.customers)
		c.stop(); /* nobody sends it again: the spool must have it */
	await shop.kill(0);
	await stack.redis.up();
	const size = () => Number(stack.redis.cli("ZCARD", "answerd:queue:{support}"));
	const all = await until(() => size() === shop.customers.length, "all are in the queue", 20000).catch(() => false);
	const f = await shop.finish();
	f.faults = all ? [] : [`${size()} of ${shop.customers.length} in the queue`];
	return f;
}

export const scenarios = {
	ledger: { run: ledger, what: "doctored ledgers are found", brief: true },
	daemon_killed: { run: daemon_killed, what: "a daemon killed (-9) under load, 20 times", brief: true },
	redis_killed: { run: redis_killed("everysec"), what: "Redis killed 20 times, everysec", brief: true },
	redis_killed_always: { run: redis_killed("always"), what: "Redis killed 20 times, always" },
	redis_stopped: { run: redis_stopped, what: "Redis stopped 30 s", brief: true },
	redis_paused: { run: refusing([["CLIENT", "PAUSE", "5000"]]), what: "CLIENT PAUSE 5 s" },
	redis_slow: { run: redis_slow, what: "500 ms to Redis; then silent for 10 s" },
	redis_full: { run: refusing([["CONFIG", "SET", "maxmemory", "1mb"], ["CONFIG", "SET", "maxmemory", "0"]]), what: "Redis at maxmemory" },
	redis_read_only: { run: refusing([["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]]), what: "Redis read-only" },
	scripts_flushed: { run: refusing([["SCRIPT", "FLUSH"]], [["SCRIPT", "FLUSH"]]), what: "scripts flushed" },
	hand_off_while_away: { run: hand_off_while_away, what: "hand-offs asked for, daemon killed while Redis is away", brief: true },
	rules_reloaded: { run: rules_reloaded, what: "rules reloaded 100 times, half of them broken", brief: true },
};
