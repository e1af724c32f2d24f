// Real sentences through a real daemon: every line of a file as the message of
// a shopper over a WebSocket, 50 shoppers at a time, each with a conversation
// of their own and one message in it (PER=N: N messages one after the other).
// The 50 connect, then write within SPREAD_MS of each other, then their logs
// are read back by new connections; times and CPU are of the writing alone.
//
//   node tests/replay/replay.mjs [FILE...]
//
// Without FILE it takes the sentences that stand beside the checkout, where
// there are any, else the examples of the shipped rules. A line is the text up
// to the first tab. A message is `lost` that was not acknowledged, not stored,
// or does not stand in the log exactly once when a fresh reader asks for it:
// then the exit status is 1. It also fails where a shopper who was handed over
// is not in the queue.

import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { Daemon, Redis, build, intents, root, sleep, tempDir, until } from "../blackbox/lib.mjs";
import { Shopper, newId } from "../blackbox/wire.mjs";

const AT_A_TIME = 50;
const PER = Math.max(1, Number(process.env.PER ?? 1));
const SPREAD_MS = 50; /* as people do, not all in one instant */
const WAIT_MS = 60000;

function examples() {
	const out = [];
	for (const file of fs.readdirSync(intents).filter((f) => f.endsWith(".yaml"))) {
		let inside = -1;
		for (const line of fs.readFileSync(path.join(intents, file), "utf8").split("\n")) {
			const key = /^(\s*)(examples|counterexamples):\s*(.*)$/.exec(line);
			if (key) {
				inside = key[1].length;
				const list = /^\[(.*)\]$/.exec(key[3]);
				if (list)
					out.push(...list[1].split(/,\s*(?=(?:[^']*'[^']*')*[^']*$)/));
				continue;
			}
			const item = /^(\s*)- (.*)$/.exec(line);
			if (inside >= 0 && item && item[1].length > inside - 1)
				out.push(item[2]);
			else if (inside >= 0 && line.trim() !== "")
				inside = -1;
		}
	}
	return out.map((s) => s.trim().replace(/^(['"])(.*)\1$/, "$2")).filter(Boolean);
}

function sentences(files) {
	const beside = path.resolve(root, "../shared/data");
	if (files.length === 0)
		files = ["bitext-dev.tsv", "tweets-labelled-sample.tsv"].map((f) => path.join(beside, f)).filter((f) => fs.existsSync(f));
	if (files.length === 0)
		return { from: "the examples of the shipped rules", lines: examples() };
	const lines = files.flatMap((f) => fs.readFileSync(f, "utf8").split("\n"))
		.map((l) => l.split("\t")[0].trim()).filter((l) => l !== "");
	return { from: files.map((f) => path.relative(root, f)).join(", "), lines };
}

function percentile(sorted, p) {
	if (sorted.length === 0)
		return NaN;
	return sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)];
}

const count = { sent: 0, acked: 0, stored: 0, answered: 0, clarified: 0, handed: 0, lost: 0, cpuUs: 0 };
const ackMs = [], answerMs = [], complaints = [];

async function one(s, text) {
	const m = { id: newId("r"), at: performance.now() };
	m.from = s.mark;
	s.send({ type: "message", id: m.id, text });
	count.sent++;
	const ack = await s.expect({ type: "ack", id: m.id }, { from: m.from, ms: WAIT_MS });
	count.acked++;
	ackMs.push(ack.cameMs - m.at);
	await s.expect({ type: "stored", id: m.id }, { from: m.from, ms: WAIT_MS });
	count.stored++;
	const answer = s.frames.slice(m.from).find((f) => f.type === "message" && f.reply_to === m.id);
	if (answer)
		answerMs.push(answer.cameMs - m.at);
	return { ...m, answer };
}

/* What the log says of it, to a reader who knows nothing yet. */
async function check(daemon, s, posts) {
	const reader = await Shopper.connect(daemon, { hello: { visitor: s.visitor } });
	await until(() => reader.since >= reader.welcome.seq, "the log");
	const events = [...reader.welcome.events, ...reader.frames.slice(1)];
	for (const m of posts) {
		const times = events.filter((e) => e.id === m.id).length;
		if (times !== 1) {
			count.lost++;
			complaints.push(`${m.id} stands ${times} times in the log`);
		}
		const answers = events.filter((e) => e.type === "message" && e.reply_to === m.id);
		if (new Set(answers.map((e) => e.id)).size !== answers.length)
			complaints.push(`${m.id} is answered twice`);
		if (answers.some((e) => e.intent))
			count.answered++;
		else if (answers.some((e) => e.buttons?.length))
			count.clarified++;
	}
	if (reader.welcome.state === "queued")
		count.handed++;
	await reader.fini();
}

/* Microseconds on a processor, of all threads. */
function cpuUs(daemon) {
	const dir = `/proc/${daemon.child.pid}/task`;
	return fs.readdirSync(dir).reduce((sum, task) => {
		try {
			return sum + Number(fs.readFileSync(`${dir}/${task}/schedstat`, "utf8").split(" ")[0]) / 1000;
		} catch {
			return sum; /* a thread that has just ended */
		}
	}, 0);
}

function fault(e, texts, posts) {
	count.lost += texts.length - posts.length || 1;
	complaints.push(e.message.split("\n")[0]);
}

/* One group of shoppers: connect, write, read back. */
async function batch(daemon, groups) {
	const shoppers = await Promise.all(groups.map(async (texts) => {
		const posts = [];
		try {
			return { texts, posts, s: await Shopper.connect(daemon, {}) };
		} catch (e) {
			fault(e, texts, posts);
			return null;
		}
	}));
	const all = shoppers.filter((x) => x !== null);
	const cpu = cpuUs(daemon);
	await Promise.all(all.map(async (x, i) => {
		await sleep((SPREAD_MS * i) / all.length);
		try {
			for (const text of x.texts)
				x.posts.push(await one(x.s, text));
		} catch (e) {
			fault(e, x.texts, x.posts);
			x.isFaulty = true;
		}
	}));
	count.cpuUs += cpuUs(daemon) - cpu;
	for (const x of all) {
		try {
			await check(daemon, x.s, x.posts);
			if (!x.isFaulty)
				await x.s.fini();
		} catch (e) {
			fault(e, x.texts, x.posts);
		}
		x.s.socket.terminate();
	}
}

async function main() {
	const { from, lines } = sentences(process.argv.slice(2).filter((a) => a !== ""));
	const texts = lines.map((l) => [...l].slice(0, 2000).join(""));
	const groups = [];
	for (let i = 0; i < texts.length; i += PER)
		groups.push(texts.slice(i, i + PER));
	console.log(`${texts.length} messages from ${from}; ${AT_A_TIME} shoppers at a time, ${PER} message${PER > 1 ? "s" : ""} each`);
	const dir = tempDir();
	const redis = await Redis.start({ dir });
	let daemon;
	let failed = false;
	try {
		daemon = await Daemon.start({ redis, dir });
		const began = performance.now();
		for (let i = 0; i < groups.length; i += AT_A_TIME)
			await batch(daemon, groups.slice(i, i + AT_A_TIME));
		const seconds = (performance.now() - began) / 1000;
		const waiting = redis.cli("--scan", "--pattern", "answerd:queue:*").split("\n")
			.filter((k) => k && redis.cli("TYPE", k) === "zset" && !k.endsWith(":claimed"))
			.reduce((n, k) => n + Number(redis.cli("ZCARD", k)), 0);
		ackMs.sort((a, b) => a - b);
		answerMs.sort((a, b) => a - b);
		const ms = (x) => `${x.toFixed(2)} ms`;
		const rows = [
			["sent", count.sent], ["acknowledged", count.acked], ["stored", count.stored],
			["answered", count.answered], ["clarified", count.clarified],
			["handed over", `${count.handed} (in line in Redis: ${waiting})`], ["lost", count.lost],
			["ack p50 / p99", `${ms(percentile(ackMs, 50))} / ${ms(percentile(ackMs, 99))}`],
			["answer p50 / p99", `${ms(percentile(answerMs, 50))} / ${ms(percentile(answerMs, 99))}`],
			["time", `${seconds.toFixed(1)} s`],
			["daemon CPU a message", `${(count.cpuUs / Math.max(1, count.sent)).toFixed(0)} µs`],
		];
		for (const [name, value] of rows)
			console.log(`${name.padEnd(22)} ${value}`);
		if (count.handed !== waiting)
			complaints.push(`${count.handed} were handed over, ${waiting} stand in line`);
		failed = count.lost > 0 || complaints.length > 0 || count.sent !== texts.length || count.sent === 0;
	} finally {
		await daemon?.stop().catch((e) => {
			complaints.push(e.message);
			failed = true;
		});
		await redis.fini();
		fs.rmSync(dir, { recursive: true, force: true });
	}
	for (const c of complaints.slice(0, 20))
		console.error(`! ${c}`);
	console.log(`replay: ${failed ? 0 : 1} passed, ${failed ? 1 : 0} failed`);
	process.exitCode = failed ? 1 : 0;
}

if (!fs.existsSync(path.join(build, "answerd"))) {
	console.error(`replay: ${build}/answerd is not there; run make first`);
	process.exit(1);
}
await main();
