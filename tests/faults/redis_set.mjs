// One primary, two replicas and three Sentinels on free ports. To the primary,
// its replicas and the Sentinels go through a relay (they come from 127.0.0.2),
// so that it can be cut off from them and not from its clients; and to the
// Sentinels, the daemons go through relays of their own.

import fs from "node:fs";
import path from "node:path";
import { Child, Redis, freePort, tempDir, until } from "../blackbox/lib.mjs";
import { Relay } from "./relay.mjs";
import { Resp } from "./resp.mjs";

const OUTSIDE = "127.0.0.2";
const NAME = "shop";

export class RedisSet {
	static async start(t) {
		const set = new RedisSet();
		set.dir = tempDir();
		set.nodes = [];
		set.sentinels = [];
		set.relays = [];
		t.after(() => set.end());
		const first = await set.server();
		set.relay = await Relay.start(first.port);
		await first.call("CONFIG", "SET", "replica-announce-port", set.relay.port);
		for (let i = 0; i < 2; i++)
			await set.server({ replicaof: `127.0.0.1 ${set.relay.port}` });
		await until(async () => /connected_slaves:2/.test(await first.call("INFO", "replication")), "two replicas");
		for (let i = 0; i < 3; i++)
			await set.sentinel(i);
		await until(async () => (await Promise.all(set.sentinels.map((s) => s.master()))).every((m) => m?.["num-slaves"] === "2" && m["num-other-sentinels"] === "2"), "the Sentinels know each other");
		return set;
	}

	async server(settings = {}) {
		const dir = path.join(this.dir, `redis${this.nodes.length}`);
		fs.mkdirSync(dir);
		const node = await Redis.start({ dir, tcp: true, settings: { "protected-mode": "no", "bind-source-addr": OUTSIDE, "repl-diskless-sync-delay": 0, ...settings } });
		/* Who is promoted hangs up on all clients. */
		node.call = (...args) => {
			node.resp = node.resp?.isOpen ? node.resp : Resp.connect({ path: node.socket });
			return node.resp.call(...args);
		};
		this.nodes.push(node);
		return node;
	}

	async sentinel(i) {
		const dir = path.join(this.dir, `sentinel${i}`);
		const port = await freePort();
		fs.mkdirSync(dir);
		const conf = path.join(dir, "conf");
		fs.writeFileSync(conf, `port ${port}
bind 127.0.0.1
bind-source-addr ${OUTSIDE}
protected-mode no
sentinel announce-ip 127.0.0.1
dir ${dir}
logfile ${dir}/log
sentinel monitor ${NAME} 127.0.0.1 ${this.relay.port} 2
sentinel down-after-milliseconds ${NAME} 1500
sentinel failover-timeout ${NAME} 4000
`);
		const sentinel = { port, child: new Child("redis-sentinel", [conf]), relay: await Relay.start(port) };
		this.relays.push(sentinel.relay);
		sentinel.ask = async (...args) => {
			sentinel.resp = sentinel.resp?.isOpen ? sentinel.resp : Resp.connect({ port });
			return sentinel.resp.call("SENTINEL", ...args);
		};
		sentinel.master = async () => {
			const list = await sentinel.ask("MASTER", NAME);
			return Array.isArray(list) ? Object.fromEntries(list.flatMap((x, k) => (k % 2 ? [] : [[x, list[k + 1]]]))) : undefined;
		};
		this.sentinels.push(sentinel);
	}

	/* One that died comes back; a Sentinel makes a replica of it. */
	async rejoin(node) {
		await node.up();
		if (node === this.nodes[0])
			await node.call("CONFIG", "SET", "replica-announce-port", this.relay.port);
		await until(async () => await this.isPrimary(node) === false, "it is a replica again", 60000);
	}

	get url() {
		return `redis+sentinel://${this.sentinels.map((s) => `127.0.0.1:${s.relay.port}`).join(",")}/${NAME}`;
	}

	/* Whom most Sentinels call the primary: the node. */
	async primary() {
		const ports = await Promise.all(this.sentinels.map(async (s) => Number((await s.ask("GET-MASTER-ADDR-BY-NAME", NAME))?.[1])));
		const port = ports.find((p) => ports.filter((q) => q === p).length > 1);
		return this.nodes.find((n) => n.port === port) ?? (port === this.relay.port ? this.nodes[0] : undefined);
	}

	/* By its own word; undefined where it has none. */
	async isPrimary(node) {
		const role = await node?.call("ROLE");
		return Array.isArray(role) ? role[0] === "master" : undefined;
	}

	/* As a client of Sentinel would, that asks the one it can reach. */
	async whereBare() {
		const i = this.sentinels.findIndex((s) => !s.relay.isCutFor(""));
		const node = i < 0 ? this.lastSeen : await this.primary();
		this.lastSeen = node ?? this.lastSeen ?? this.nodes[0];
		return this.lastSeen.port;
	}

	cutFromOutside() {
		this.relay.cut((who) => who.endsWith(OUTSIDE));
		for (const r of this.relays)
			r.cut();
	}

	mend() {
		for (const r of [this.relay, ...this.relays])
			r.mend();
	}

	/* What the Sentinels wrote, for whoever looks for what went wrong. */
	get log() {
		return this.sentinels.map((s, i) => fs.readFileSync(path.join(this.dir, `sentinel${i}`, "log"), "utf8").split("\n"));
	}

	/* The stack's: nothing to do before end(). */
	fini() {}

	async end() {
		for (const r of [this.relay, ...this.relays])
			r?.fini();
		for (const s of this.sentinels) {
			s.resp?.fini();
			s.child.kill("SIGKILL");
			await s.child.ended;
		}
		for (const n of this.nodes) {
			n.resp?.fini();
			await n.fini();
		}
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}
