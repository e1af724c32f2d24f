// A shop under load for one scenario: Redis, some daemons, shoppers who write
// all the time and agents who answer. finish() lets it come to rest, reads
// every log from Redis, as the shopper and as an agent would, and gives the
// verdict.

import fs from "node:fs";
import path from "node:path";
import { Child, Stack, build, freePort, sleep, until } from "../blackbox/lib.mjs";
import { Desk, Shopper } from "../blackbox/wire.mjs";
import { judge } from "./ledger.mjs";
import { Agent, Customer, diceOf, settled } from "./people.mjs";
import { Resp } from "./resp.mjs";

export function percentile(list, p) {
	const sorted = list.filter((x) => x !== undefined).sort((a, b) => a - b);
	return sorted.length ? Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] * 10) / 10 : null;
}

export const megabytes = (bytes) => Math.round(bytes / 1048576 * 10) / 10;

/* All of `list` through `job`, `most` at a time. */
export async function each(list, most, job) {
	let next = 0;
	await Promise.all(Array.from({ length: Math.min(most, list.length) }, async () => {
		while (next < list.length)
			await job(list[next++]);
	}));
}

/* What answerctl finds at odds. Not waited for in one go: a relay of this
 * process may be between it and Redis. */
export async function walk(daemon) {
	const run = new Child(path.join(build, "answerctl"), ["--config", daemon.file, "check"]);
	const { code } = await run.wait(120000);
	return code === 0 ? [] : [`answerctl check: ${run.lines.slice(0, 500)}`];
}

export function residentBytes(daemon) {
	const text = fs.readFileSync(`/proc/${daemon.child.pid}/status`, "utf8");
	return Number(/VmRSS:\s*(\d+)/.exec(text)[1]) * 1024;
}

/* Made by the operator's tool. */
async function addAgent(daemon, name, args = []) {
	const password = `pass-${name}-word`;
	const run = new Child("sh", ["-c", 'echo "$0" | "$@" --password-stdin', password, path.join(build, "answerctl"), "--config", daemon.file, "agent", "add", name, ...args]);
	const { code } = await run.wait(60000);
	if (code !== 0)
		throw new Error(`answerctl agent add: ${run.lines}`);
	return (await daemon.login(name, password)).cookie;
}

/* How long what is stored late may take: for a machine that stands still. */
const SETTLED_MS = 90000;
export const LIMITS = { messages_per_minute: 60000, burst: 10000, login_per_minute: 6000 };

export class Shop {
	/* `size`: {daemons, shoppers, agents, pauseMs}. `redis`: one that runs, or
	 * how to start it. `of`: what is different for daemon i, `env` in
	 * its environment. `places`: at
	 * which daemons `shoppers` and `agents` are, by their numbers. */
	static async open(t, { name, size, seed, redis = {}, settings = {}, of = () => ({}), env = () => ({}), places = {} }) {
		const shop = new Shop();
		Object.assign(shop, { name, t, size, of, env, dice: diceOf(seed), faults: [] });
		const first = async (i) => ({ listen: `127.0.0.1:${await freePort()}`, ...of(i) });
		shop.stack = await Stack.start(t, { redis, settings: { limits: LIMITS, ...settings }, env: env(0), first: await first(0) });
		for (let i = 1; i < size.daemons; i++)
			await shop.stack.another({ settings: await first(i), env: env(i) });
		const where = (which) => () => (which ?? shop.stack.daemons.map((d, i) => i)).map((i) => shop.stack.daemons[i]).filter((d) => !d.isLeaving).map((d) => d.address);
		shop.customers = Array.from({ length: size.shoppers }, (x, n) => new Customer(n, where(places.shoppers), shop.dice));
		shop.agents = [];
		await each(Array.from({ length: size.agents }, (x, n) => `agent${n}`), 4, async (name) => {
			const cookie = await addAgent(shop.stack.daemon, name);
			shop.agents.push(new Agent(name, cookie, where(places.agents), shop.dice));
		});
		shop.people = [...shop.customers, ...shop.agents];
		t.after(() => shop.fini());
		t.thrown = (e) => shop.dump({ thrown: e.stack });
		await each(shop.people, 200, (p) => {
			p.start();
			return until(() => p.isReady, `${p.sender} is connected`, 60000);
		});
		return shop;
	}

	fini() {
		clearInterval(this.clock);
		clearInterval(this.watch);
		for (const p of this.people)
			p.stop();
	}

	/* Everybody writes once in `pauseMs`; one in eight asks for a person. */
	load() {
		let turn = 0;
		const { customers } = this;
		const every = 50;
		const share = Math.max(1, Math.round(customers.length * every / this.size.pauseMs));
		this.began = performance.now();
		this.clock = setInterval(() => {
			for (let i = 0; i < share; i++) {
				const c = customers[turn++ % customers.length];
				if (c.n % 8 === 0 && c.sent.length === 2)
					c.human();
				else if (c.box.length < 50)
					c.say();
			}
			for (const a of this.agents)
				if (this.dice() < 0.1)
					a.claim();
		}, every);
	}

	/* How it goes while nothing is broken: what the fault is held against. */
	async quiet(ms) {
		await sleep(1000);
		const from = performance.now();
		await sleep(ms);
		this.before = this.window(from);
		this.memory();
		return this.before;
	}

	/* What was written from `from` until now and has had 500 ms for an
	 * answer: how long acks and answers took, and how many came. */
	window(from, to = performance.now()) {
		const written = this.customers.flatMap((p) => p.sent).filter((m) => m.at >= from && m.at < to - 500);
		return {
			written: written.length,
			acked: written.filter((m) => m.ackMs !== undefined).length,
			answered: written.filter((m) => m.answerMs !== undefined).length,
			ackP99: percentile(written.map((m) => m.ackMs), 0.99),
			answerP99: percentile(written.map((m) => m.answerMs), 0.99),
		};
	}

	/* The same once all of it is acknowledged, or is not for as long as a
	 * machine may stand still: for a fault that lasts meanwhile. */
	async windowHeard(from) {
		const to = performance.now();
		const heard = () => {
			const w = this.window(from, to);
			return w.acked === w.written && w.answered > 0 && w;
		};
		return until(heard, "all is acknowledged").catch(() => this.window(from, to));
	}

	/* From now on the largest memory of any daemon is looked at. */
	memory() {
		const most = () => Math.max(...this.stack.daemons.filter((d) => d.child.isAlive).map(residentBytes));
		this.memoryBefore = this.memoryMost = most();
		this.watch = setInterval(() => {
			this.memoryMost = Math.max(this.memoryMost, most());
		}, 500);
	}

	/* The daemon dies and comes back on its port, with its state. */
	async kill(i, { damage = () => {}, signal = "SIGKILL" } = {}) {
		const { stack } = this;
		const old = stack.daemons[i];
		if (signal === "SIGKILL")
			await old.kill9();
		else
			await old.stop();
		old.expectedDead = true;
		await damage(stack.stateDir(i));
		const fresh = await stack.another({ settings: { ...this.of(i), listen: old.address }, state: i, ready: false, env: this.env(i) });
		stack.daemons.splice(stack.daemons.indexOf(fresh), 1);
		stack.daemons[i] = fresh;
		stack.daemon = stack.daemons[0];
		return fresh;
	}

	/* `sample`: how many shoppers' logs are read as they would.
	 * `mayRefuse`: codes that an agent's message may be refused with.
	 * `others`: ids of what somebody else sent. `place`: of the Redis that is
	 * read; where it is another one afterwards, all of it is read again. */
	async finish({ settleMs = SETTLED_MS, sample = Infinity, mayRefuse = [], others = [], place = () => ({ path: this.stack.redis.socket }) } = {}) {
		clearInterval(this.clock);
		clearInterval(this.watch);
		const stuck = await settled(this.people, settleMs);
		await sleep(1500);
		for (const a of this.agents)
			a.isResting = true;
		stuck.push(...await settled(this.people, settleMs), ...await walk(this.stack.daemon));
		const sent = this.people.flatMap((p) => p.sent);
		const compare = async (where) => {
			const logs = await this.readLogs(where);
			const figures = judge({ sent, logs, others: new Set(others), foreign: this.people.flatMap((p) => p.foreign), stuck });
			await each(this.customers.slice(0, sample), 20, (c) => this.compareAsShopper(c, logs, figures));
			await this.compareAsAgent(logs, sample, figures);
			return { logs, figures };
		};
		let where = await place();
		let seen = await compare(where);
		for (let i = 0; i < 3; i++) {
			const before = where;
			where = await place();
			if (where.path === before.path)
				break;
			seen = await compare(where);
		}
		const { logs, figures } = seen;
		const refused = sent.filter((m) => m.refused);
		figures.faults = [...this.faults];
		for (const code of new Set(refused.map((m) => m.refused)))
			if (!mayRefuse.includes(code) || refused.some((m) => m.refused === code && !m.sender.startsWith("a:")))
				figures.faults.push(`${refused.filter((m) => m.refused === code).length} refused with ${code}, as ${refused.find((m) => m.refused === code).id}`);
		if (figures.what.length + figures.faults.length > 0)
			this.dump({ figures, sent, logs });
		return Object.assign(figures, this.times(), { refused: refused.length });
	}

	dump(what) {
		const daemons = this.stack.daemons.map((d) => d.log.split("\n"));
		fs.writeFileSync(path.join(build, "faults", `${this.name}-failed.json`), JSON.stringify({ ...what, daemons, sentinels: this.stack.redis.log }, null, "\t"));
	}

	times() {
		const sent = this.people.flatMap((p) => p.sent);
		const away = this.customers.flatMap((p) => p.away);
		return {
			conversations: new Set(sent.map((m) => m.conversation)).size,
			reconnects: this.people.reduce((n, p) => n + p.away.length, 0),
			reconnect_p99_ms: percentile(away, 0.99),
			ack_p99_ms: percentile(sent.map((m) => m.ackMs), 0.99),
			answer_p99_ms: percentile(sent.map((m) => m.answerMs), 0.99),
			ack_p99_quiet_ms: this.before?.ackP99,
			answer_p99_quiet_ms: this.before?.answerP99,
			rss_mb: this.memoryMost === undefined ? undefined : `${megabytes(this.memoryBefore)}-${megabytes(this.memoryMost)}`,
			resets: this.customers.reduce((n, p) => n + p.resets, 0),
		};
	}

	/* Straight from Redis. A shopper is `s` there; here each has a number. */
	async readLogs(where) {
		const resp = Resp.connect(where);
		const numbers = new Map(this.customers.flatMap((c) => c.sent.map((m) => [m.id, c.sender])));
		const due = new Set();
		for (let i = 0; i < 16; i++)
			for (const name of await resp.must("ZRANGE", `answerd:due:{${i}}`, 0, -1))
				due.add(name);
		const logs = {};
		await each(await resp.must("KEYS", "answerd:conv:{*}"), 100, async (key) => {
			const name = /\{(.*)\}/.exec(key)[1];
			const [[epoch, state, owner], entries] = await Promise.all([resp.must("HMGET", key, "epoch", "state", "agent"), resp.must("XRANGE", `${key}:log`, "-", "+")]);
			const events = entries.map(([seq, list]) => {
				const e = { seq: parseInt(seq, 10) };
				for (let i = 0; i < list.length; i += 2)
					e[list[i]] = list[i + 1];
				if (e.sender === "s")
					e.sender = numbers.get(e.id) ?? "s?";
				return e;
			});
			if (events.length > 0)
				logs[name] = { epoch, state, owner, due: due.has(name), events };
		});
		resp.fini();
		return logs;
	}

	/* One whom the daemon can show the log: where it has no Redis just now, it
	 * says so (`degraded`) and shows it later. */
	async reader(visitor) {
		let reader;
		await until(async () => {
			reader?.socket.terminate();
			reader = await Shopper.connect(this.stack.daemon, { hello: { visitor } });
			return !reader.welcome.degraded;
		}, "a welcome with the log");
		return reader;
	}

	/* The same by the protocol: what the shopper is shown is what stands in
	 * Redis, in its order, to the seq, id, text and state. */
	async compareAsShopper(c, logs, figures) {
		if (c.visitor === undefined)
			return;
		const reader = await this.reader(c.visitor);
		await until(() => reader.since >= reader.welcome.seq, "the whole log");
		const seen = [...reader.welcome.events, ...reader.frames.slice(1)].filter((f) => f.seq);
		reader.socket.terminate();
		hold(`${c.sender} is shown`, seen, logs[reader.conversation]?.events ?? [], ["message", "state", "ask_feedback"], figures);
		if (reader.broken.length)
			misordered(figures, `${c.sender}: ${reader.broken.join("; ")}`);
	}

	/* And as an agent who opens it; one connection may have so many open. */
	async compareAsAgent(logs, sample, figures) {
		this.auditor ??= await addAgent(this.stack.daemon, "auditor", ["--role", "supervisor"]);
		const names = Object.keys(logs).slice(0, sample);
		while (names.length > 0) {
			const desk = await Desk.connect(this.stack.daemon, { cookie: this.auditor });
			await each(names.splice(0, 100), 8, async (conversation) => {
				const shown = await opened(desk, conversation);
				hold(`an agent is shown of ${conversation}`, shown, logs[conversation].events, ["message", "note", "state", "ask_feedback", "feedback"], figures);
			});
			desk.socket.terminate();
			if (desk.broken.length)
				misordered(figures, `as an agent: ${desk.broken.join("; ")}`);
		}
	}
}

/* As the console does: where the daemon has no Redis just now it says `busy`,
 * and when to come again. */
async function opened(desk, conversation) {
	let shown;
	await until(async () => {
		const answer = await desk.ask({ type: "open", conversation, since: 0 }).any;
		if (answer.type === "error" && answer.code !== "busy")
			throw new Error(JSON.stringify(answer));
		if (answer.type === "error")
			await sleep(answer.retry_ms);
		else
			shown = desk.log(conversation);
		return shown;
	}, `${conversation} is opened`);
	return shown;
}

function misordered(figures, text) {
	figures.misordered++;
	figures.what.push(`misordered: ${text}`);
}

/* `seen`: frames with a seq. Of `types` all must be there and agree, and there
 * is one frame for each seq. */
function hold(who, seen, kept, types, figures) {
	const line = (e) => [e.seq, e.type, e.type === "state" ? e.state : e.id, e.type === "message" ? e.text : ""].join(" ");
	const want = kept.filter((e) => types.includes(e.type)).map(line);
	const have = [...new Set(seen.filter((e) => types.includes(e.type)).map(line))];
	const at = want.findIndex((text, i) => text !== have[i]);
	if (at >= 0 || want.length !== have.length)
		misordered(figures, `${who} another log than Redis has: ${have.length} and ${want.length} events; ${have[Math.max(at, 0)]} for ${want[Math.max(at, 0)]}`);
	const seqs = new Set(seen.map((e) => e.seq));
	const missing = kept.findIndex((e) => !seqs.has(e.seq));
	if (missing >= 0)
		misordered(figures, `${who} nothing for seq ${kept[missing].seq}`);
}
