// A shop under load for one scenario: Redis, some daemons, shoppers who write
// all the time and agents who answer. finish() lets it come to rest, reads
// every log from Redis and as the shopper would, and gives the verdict.

import path from "node:path";
import { Child, Stack, build, freePort, sleep, until } from "../blackbox/lib.mjs";
import { Shopper } from "../blackbox/wire.mjs";
import { judge } from "./ledger.mjs";
import { Agent, Customer, diceOf, settled } from "./people.mjs";

export function percentile(list, p) {
	const sorted = [...list].sort((a, b) => a - b);
	return sorted.length ? Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] * 10) / 10 : null;
}

export class Shop {
	/* `size`: {daemons, shoppers, agents, pauseMs}. */
	static async open(t, { size, seed, redis = {}, settings = {} }) {
		const shop = new Shop();
		shop.dice = diceOf(seed);
		shop.size = size;
		shop.stack = await Stack.start(t, { redis, settings: { listen: `127.0.0.1:${await freePort()}`, limits: { messages_per_minute: 6000, burst: 1000, login_per_minute: 600 }, ...settings } });
		for (let i = 1; i < size.daemons; i++)
			await shop.stack.another({ settings: { listen: `127.0.0.1:${await freePort()}` } });
		const where = () => shop.stack.daemons.map((d) => d.address);
		shop.customers = Array.from({ length: size.shoppers }, (x, n) => new Customer(n, where, shop.dice));
		shop.agents = [];
		for (let n = 0; n < size.agents; n++)
			shop.agents.push(await shop.hire(`agent${n}`, where));
		shop.people = [...shop.customers, ...shop.agents];
		t.after(() => {
			clearInterval(shop.clock);
			for (const p of shop.people)
				p.stop();
		});
		for (const p of shop.people)
			p.start();
		await until(() => shop.people.every((p) => p.isReady), "all are connected", 60000);
		return shop;
	}

	async hire(name, where) {
		const { daemon } = this.stack;
		const { password } = this.stack.addAgent(name, { daemon });
		const { cookie } = await daemon.login(name, password);
		return new Agent(name, cookie, where, this.dice);
	}

	/* Everybody writes once in `pauseMs`; one in eight asks for a person. */
	load() {
		let turn = 0;
		const { customers } = this;
		const every = 50;
		const share = Math.max(1, Math.round(customers.length * every / this.size.pauseMs));
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

	/* The daemon dies and comes back on its port, with its state. */
	async kill(i) {
		const { stack } = this;
		await stack.daemons[i].kill9();
		const { address } = stack.daemons[i];
		const fresh = await stack.another({ settings: { listen: address }, state: i, ready: false });
		stack.daemons.splice(stack.daemons.indexOf(fresh), 1);
		stack.daemons[i] = fresh;
		stack.daemon = stack.daemons[0];
	}

	async finish({ settleMs = 30000 } = {}) {
		clearInterval(this.clock);
		const stuck = await settled(this.people, settleMs);
		await sleep(1500);
		const logs = this.readLogs();
		const figures = judge({
			sent: this.people.flatMap((p) => p.sent),
			logs,
			foreign: this.people.flatMap((p) => p.foreign),
			stuck: [...stuck, ...await this.walk()],
		});
		await this.compare(logs, figures);
		figures.reconnects = this.people.reduce((n, p) => n + p.away.length, 0);
		figures.reconnect_p99_ms = percentile(this.customers.flatMap((p) => p.away), 0.99);
		figures.ack_p99_ms = percentile(this.people.flatMap((p) => p.ackMs), 0.99);
		figures.answer_p99_ms = percentile(this.customers.flatMap((p) => p.answerMs), 0.99);
		figures.refused = this.people.flatMap((p) => p.sent).filter((m) => m.refused).length;
		figures.resets = this.customers.reduce((n, p) => n + p.resets, 0);
		return figures;
	}

	/* What answerctl finds at odds. Not waited for in one go: a relay of this
	 * process may be between it and Redis. */
	async walk() {
		const run = new Child(path.join(build, "answerctl"), ["--config", this.stack.daemon.file, "check"]);
		const { code } = await run.wait(60000);
		return code === 0 ? [] : [`answerctl check: ${run.lines.slice(0, 500)}`];
	}

	/* Straight from Redis. A shopper is `s` there; here each has a number. */
	readLogs() {
		const { redis } = this.stack;
		const numbers = new Map(this.customers.flatMap((c) => c.sent.map((m) => [m.id, c.sender])));
		const due = new Set();
		for (let i = 0; i < 16; i++)
			for (const name of (redis.cli("ZRANGE", `answerd:due:{${i}}`, "0", "-1") ?? "").split("\n"))
				due.add(name);
		const logs = {};
		for (const key of redis.cli("KEYS", "answerd:conv:{*}").split("\n").filter(Boolean)) {
			const name = /\{(.*)\}/.exec(key)[1];
			const of = (field) => redis.cli("HGET", key, field);
			const events = JSON.parse(redis.cli("--json", "XRANGE", `${key}:log`, "-", "+")).map(([seq, list]) => {
				const e = { seq: parseInt(seq, 10) };
				for (let i = 0; i < list.length; i += 2)
					e[list[i]] = list[i + 1];
				if (e.sender === "s")
					e.sender = numbers.get(e.id) ?? "s?";
				return e;
			});
			if (events.length > 0)
				logs[name] = { epoch: of("epoch"), state: of("state"), owner: of("agent"), due: due.has(name), events };
		}
		return logs;
	}

	/* The same by the protocol: what the shopper is shown is what stands in
	 * Redis, to the seq and the id. */
	async compare(logs, figures) {
		for (const c of this.customers) {
			const reader = await Shopper.connect(this.stack.daemon, { hello: { visitor: c.visitor } });
			await until(() => reader.since >= reader.welcome.seq, "the whole log");
			const seen = [...reader.welcome.events, ...reader.frames.slice(1)].filter((f) => f.type === "message" && f.seq).map((f) => `${f.seq} ${f.id}`);
			const kept = (logs[reader.conversation]?.events ?? []).filter((e) => e.type === "message").map((e) => `${e.seq} ${e.id}`);
			reader.socket.terminate();
			if (seen.join() !== kept.slice(0, seen.length).join() || seen.length < kept.length) {
				figures.misordered++;
				figures.what.push(`misordered: ${c.sender} is shown another log than Redis has: ${seen.length} and ${kept.length}`);
			}
			if (reader.broken.length) {
				figures.misordered++;
				figures.what.push(`misordered: ${reader.broken.join("; ")}`);
			}
		}
	}
}
