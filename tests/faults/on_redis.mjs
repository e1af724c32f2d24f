// Redis dies, stops, is slow, refuses, forgets.

import { Redis, sleep, until } from "../blackbox/lib.mjs";
import { Relay } from "./relay.mjs";
import { open, quietMs } from "./scale.mjs";

export const killed = (appendfsync) => async (t, how) => {
	const shop = await open(t, how, { redis: { settings: { appendfsync } } });
	shop.load();
	for (let i = 0; i < (how.brief ? 2 : 20); i++) {
		await sleep(1200);
		await shop.stack.redis.kill9();
		await sleep(200);
		await shop.stack.redis.up();
	}
	await sleep(1000);
	return shop.finish();
};

/* During a fault the bot goes on, and no agent loses a chat by it. */
function judgeMeanwhile(shop, how, w, { lessMs }) {
	if (w.answered === 0)
		shop.faults.push("no answer meanwhile");
	if (w.acked < w.written)
		shop.faults.push(`${w.written - w.acked} of ${w.written} not acknowledged meanwhile`);
	if (how.brief)
		return;
	for (const [name, now, before] of [["acks", w.ackP99, shop.before.ackP99], ["answers", w.answerP99, shop.before.answerP99]])
		if (now > Math.max(20 * before, lessMs))
			shop.faults.push(`p99 of ${name} is ${now} ms, in the quiet time before ${before} ms`);
}

const meanwhile = (w) => ({
	meanwhile: `${w.written} written, ${w.acked} acked, ${w.answered} answered`,
	ack_p99_meanwhile_ms: w.ackP99,
	answer_p99_meanwhile_ms: w.answerP99,
});

/* Longer than a lease: agents keep their chats all the same. */
export async function stopped(t, how) {
	const shop = await open(t, how, { settings: { agents: { lease: how.brief ? "5 s" : "20 s" } } });
	shop.load();
	await shop.quiet(quietMs(how, 60000));
	shop.stack.redis.pause();
	await sleep(500); /* until then some are under way to it */
	const from = performance.now();
	await sleep(how.brief ? 6000 : 30000);
	const w = await shop.windowHeard(from);
	shop.stack.redis.resume();
	await sleep(2000);
	judgeMeanwhile(shop, how, w, { lessMs: 250 });
	const f = await shop.finish();
	const taken = shop.agents.reduce((n, a) => n + a.taken, 0);
	if (taken > 0)
		f.faults.push(`agents who were there lost ${taken} chats`);
	return Object.assign(f, meanwhile(w));
}

export async function paused(t, how) {
	const shop = await open(t, how);
	shop.load();
	await shop.quiet(quietMs(how, 15000));
	const from = performance.now();
	shop.stack.redis.cli("CLIENT", "PAUSE", how.brief ? "3000" : "10000", "ALL");
	await sleep(how.brief ? 2500 : 9500);
	const w = shop.window(from);
	await sleep(2500);
	judgeMeanwhile(shop, how, w, { lessMs: 250 });
	const f = await shop.finish();
	return Object.assign(f, meanwhile(w));
}

/* The daemons reach Redis through a relay. */
async function behindRelay(t, how, options) {
	const redis = await Redis.start({ tcp: true });
	t.after(() => redis.fini());
	const relay = await Relay.start(redis.port);
	t.after(() => relay.fini());
	const behind = Object.create(redis, { url: { value: `redis://127.0.0.1:${relay.port}/0` } });
	return { relay, shop: await open(t, how, { ...options, redis: behind }) };
}

export async function slow(t, how) {
	const { shop, relay } = await behindRelay(t, how);
	shop.load();
	await shop.quiet(quietMs(how, 15000));
	relay.delayMs = 250; /* each way */
	await sleep(1000);
	const from = performance.now();
	await sleep(how.brief ? 3000 : 20000);
	const w = await shop.windowHeard(from);
	relay.delayMs = 0;
	await sleep(1000);
	relay.cut();
	await sleep(how.brief ? 3000 : 10000);
	relay.mend();
	await sleep(2000);
	/* Who writes to a closed chat waits for another: some times to Redis. */
	judgeMeanwhile(shop, how, w, { lessMs: 6000 });
	const f = await shop.finish();
	return Object.assign(f, meanwhile(w));
}

/* What Redis refuses for a while, and takes again; `bites` says so of Redis
 * itself, while it lasts, given what `before` said. */
export const refusing = ({ begin, end, before = () => 0, bites, times = 1 }) => async (t, how) => {
	const shop = await open(t, how);
	const { redis } = shop.stack;
	shop.load();
	for (let i = 0; i < times; i++) {
		await sleep(1500);
		const was = before(redis);
		redis.cli(...begin);
		if (!await bites(redis, was))
			shop.faults.push("the fault did not take");
		await sleep(how.brief ? 2000 : 6000);
		if (end)
			redis.cli(...end);
	}
	await sleep(1500);
	return shop.finish();
};

export const maxmemory = refusing({
	begin: ["CONFIG", "SET", "maxmemory", "1mb"],
	end: ["CONFIG", "SET", "maxmemory", "0"],
	bites: (redis) => /OOM/.test(redis.cli("SET", "probe", "1")),
});

export const readOnly = refusing({
	begin: ["REPLICAOF", "127.0.0.1", "1"],
	end: ["REPLICAOF", "NO", "ONE"],
	bites: (redis) => /READONLY/.test(redis.cli("SET", "probe", "1")),
});

/* Counted anew from here: each daemon meets NOSCRIPT and teaches them again. */
/* How often somebody called a script that was not there. */
const missed = (redis) => Number(/^errorstat_NOSCRIPT:count=(\d+)/m.exec(redis.cli("INFO", "errorstats"))?.[1] ?? 0);

/* Under load the daemons have taught it all of them again at once: that they
 * had to is what counts. */
export const scriptsFlushed = refusing({
	begin: ["SCRIPT", "FLUSH"],
	before: missed,
	bites: (redis, was) => until(() => missed(redis) > was, "a script is missed", 10000).catch(() => false),
	times: 3,
});

/* Asked for a person while Redis is away; the shoppers leave, and the daemon
 * is killed before anything could be handed to Redis. */
export async function handOff(t, how) {
	const shop = await open(t, how, { size: { daemons: 1, agents: 0, shoppers: how.brief ? 10 : 200 } });
	for (const c of shop.customers)
		c.say("what does delivery cost");
	await until(() => shop.customers.every((c) => c.box.length === 0), "all stored");
	await shop.stack.redis.kill9();
	await sleep(500);
	for (const c of shop.customers)
		c.human();
	await until(() => shop.customers.every((c) => c.sent[1].acked), "all acknowledged");
	const { stack } = shop;
	await stack.daemon.spooled();
	for (const c of shop.customers)
		c.stop(); /* nobody sends it again: the spool must have it */
	await shop.kill(0);
	await stack.redis.up();
	const size = () => Number(stack.redis.cli("ZCARD", "answerd:queue:{support}"));
	const all = await until(() => size() === shop.customers.length, "all are in the queue").catch(() => false);
	if (!all)
		shop.faults.push(`${size()} of ${shop.customers.length} in the queue`);
	return shop.finish();
}
