// Very many, or very bad, connections.

import fs from "node:fs";
import { sleep, until } from "../blackbox/lib.mjs";
import { Shopper } from "../blackbox/wire.mjs";
import { Relay } from "./relay.mjs";
import { open } from "./scale.mjs";
import { LIMITS, each, megabytes, residentBytes } from "./shop.mjs";

/* How many files a process may have open. */
function openFiles() {
	return Number(/Max open files\s+\d+\s+(\d+)/.exec(fs.readFileSync("/proc/self/limits", "utf8"))[1]);
}

/* All at one daemon, which dies: when is the last one back? They come from 127
 * addresses and more, so that ports do not run out. */
export async function reconnect(t, how) {
	const shoppers = Math.min(how.brief ? 500 : 10000, openFiles() - 1000);
	const shop = await open(t, how, { size: { daemons: 1, agents: 0, shoppers }, settings: { max_connections: shoppers + 500 } });
	await each(shop.customers, 200, (c) => {
		c.say("what does delivery cost");
		return until(() => c.box.length === 0, "stored", 60000);
	});
	const before = residentBytes(shop.stack.daemon);
	for (const c of shop.customers) /* in flight when it dies */
		c.say("how long does delivery take");
	const from = performance.now();
	await shop.kill(0);
	const up = performance.now();
	await until(() => shop.customers.every((c) => c.isReady && c.away.length > 0), "all are back", 120000);
	const back = performance.now();
	const closes = await shop.stack.daemon.metrics();
	const f = await shop.finish({ settleMs: 120000, sample: 300 });
	const refused = Object.entries(closes).filter(([k, v]) => /closes_total\{code="(1013|4401)"/.test(k) && v > 0);
	if (refused.length)
		f.faults.push(`refused: ${refused.join(" ")}`);
	return Object.assign(f, {
		all_back_s: Math.round((back - from) / 100) / 10,
		daemon_up_after_s: Math.round((up - from) / 100) / 10,
		rss_mb: `${megabytes(before)}-${megabytes(residentBytes(shop.stack.daemon))}`,
	});
}

/* A shopper whose cable is cut: nothing comes and nothing is closed. */
async function halfOpen(daemon, relay, n) {
	const list = [];
	for (let i = 0; i < n; i++) {
		const s = await Shopper.connect({ url: () => `ws://127.0.0.1:${relay.port}/chat` });
		list.push(s);
		s.socket.on("error", () => {});
	}
	return list;
}

/* When the daemon has hung up on them, seen from the number it holds. */
async function closedAfter(daemon, from, others, ms) {
	const times = [];
	let left = Infinity;
	const end = performance.now() + ms;
	while (left > 0 && performance.now() < end) {
		left = (await daemon.metrics()).answerd_websockets - others;
		times.push([performance.now() - from, left]);
		await sleep(100);
	}
	return { first: times.find(([, n]) => n < times[0][1])?.[0], last: left <= 0 ? times.at(-1)[0] : undefined, left };
}

export async function bad(t, how) {
	const count = how.brief ? 10 : 100;
	const ping = how.brief ? { ping_interval: "2 s", ping_timeout: "3 s" } : {};
	const shop = await open(t, how, { size: { daemons: 1 }, settings: { limits: { ...LIMITS, ...ping, text: 7500, unread: "256 kB" } } });
	const { daemon } = shop.stack;
	const relay = await Relay.start(Number(daemon.address.split(":")[1]));
	t.after(() => relay.fini());
	shop.load();
	await shop.quiet(how.brief ? 1500 : 15000);
	const cut = await halfOpen(daemon, relay, count);
	const others = shop.people.length;
	await until(async () => (await daemon.metrics()).answerd_websockets === others + count, "all are connected");
	await sleep(200);
	relay.cut();
	const from = performance.now();
	const gone = await closedAfter(daemon, from, others, 60000);
	const deaf = await notReading(shop, how.brief ? 2 : 10);
	const w = shop.window(from);
	const most = shop.memoryMost;
	const f = await shop.finish({ others: deaf.writers.flatMap((s) => [...s.sends.keys()]) });
	for (const s of [...cut, ...deaf.writers, ...deaf.readers])
		s.socket.terminate();
	if (gone.left > 0)
		f.faults.push(`${gone.left} of ${count} half-open connections were not closed`);
	const seconds = [gone.first, gone.last].map((ms) => Math.round(ms / 100) / 10);
	if (!how.brief && (seconds[0] < 28 || seconds[1] > 32))
		f.faults.push(`closed after ${seconds.join(" to ")} s`);
	if (deaf.open > 0)
		f.faults.push(`${deaf.open} clients that do not read were not closed`);
	const limit = shop.memoryBefore + deaf.readers.length * 1048576 + 48 * 1048576;
	if (most > limit)
		f.faults.push(`memory grew from ${megabytes(shop.memoryBefore)} to ${megabytes(most)} MB`);
	if (!how.brief && w.ackP99 > Math.max(20 * shop.before.ackP99, 250))
		f.faults.push(`p99 of the others' acks is ${w.ackP99} ms, before ${shop.before.ackP99} ms`);
	return Object.assign(f, { half_open_closed_s: seconds.join("-"), not_reading_closed_s: deaf.seconds, by_full_queue: deaf.full, ack_p99_meanwhile_ms: w.ackP99, answer_p99_meanwhile_ms: w.answerP99 });
}

/* Each has two tabs: one writes, the other does not read what comes of it. Its
 * end is that its queue is full, or that it gives no sign of life. */
async function notReading(shop, n) {
	const { daemon } = shop.stack;
	const readers = [], writers = [];
	for (let i = 0; i < n; i++) {
		const writer = await Shopper.connect(daemon);
		const reader = await Shopper.connect(daemon, { hello: { visitor: writer.visitor } });
		writers.push(writer);
		readers.push(reader);
	}
	const from = performance.now();
	for (const r of readers)
		r.socket.pause();
	const open = async () => (await daemon.metrics()).answerd_websockets - shop.people.length - n;
	const text = "where is my order ".repeat(400);
	while (await open() > 0 && performance.now() - from < 60000) {
		const posts = writers.flatMap((s) => Array.from({ length: 10 }, () => s.message(text)));
		await Promise.all(posts.map((p) => p.stored));
	}
	const seconds = Math.round((performance.now() - from) / 100) / 10;
	const full = Object.entries(await daemon.metrics()).find(([k]) => k.includes('code="4408"'))?.[1] ?? 0;
	return { readers, writers, open: await open(), seconds, full };
}
