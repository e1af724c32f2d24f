// What every test over the wire stands on: a private Redis, the real daemon on
// a port of the kernel's choice, and clients that write down each frame and
// check the protocol's promises of themselves (see wire.mjs). Everything that
// is started here ends with the test that started it, and a daemon that ends
// in any other way than it was told to, or says a sanitizer's word, fails it.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Desk, Shopper } from "./wire.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const build = path.resolve(root, process.env.B || "build");
export const intents = path.resolve(root, process.env.INTENTS || "intents");
/* Sanitizers cost time: every wait is longer there. */
export const slow = fs.existsSync(path.join(build, "obj")) && /san/.test(path.basename(build)) ? 4 : 1;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* How long to wait for what must come: for a machine that stands still; what
 * is tested never takes it. */
export const PATIENCE_MS = 60000;

/* Waits until `look` gives something true (or does not throw), and gives it. */
export async function until(look, what, ms = PATIENCE_MS) {
	const end = Date.now() + ms * slow;
	let last;
	for (;;) {
		try {
			const value = await look();
			if (value)
				return value;
			last = undefined;
		} catch (e) {
			last = e;
		}
		if (Date.now() > end)
			throw new Error(`not in ${ms * slow} ms: ${what}${last ? `: ${last.message}` : ""}`);
		await sleep(20);
	}
}

/* A test that counts by days is not to see two of them: waits for the next one
 * where this one is nearly over. */
export async function dayThatLasts(timeZone = "UTC") {
	const day = (ms) => new Intl.DateTimeFormat("sv-SE", { timeZone }).format(ms);
	await until(() => day(Date.now()) === day(Date.now() + PATIENCE_MS), "the next day", 2 * PATIENCE_MS);
}

export function tempDir() {
	return fs.mkdtempSync(path.join(os.tmpdir(), "answerd-test-"));
}

/* A port that nobody has, and that the kernel gives to nobody: one of its own
 * choice may be a connection's by the time that it is used. */
export async function freePort() {
	const [first] = fs.readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/).map(Number);
	const lowest = 10000;
	for (;;) {
		const port = lowest + Math.floor(Math.random() * (first - lowest));
		const server = net.createServer();
		const free = await new Promise((resolve) => server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
		if (!free)
			continue;
		await new Promise((resolve) => server.close(resolve));
		return port;
	}
}

/* A child whose end is awaited and whose words are kept. */
export class Child {
	constructor(command, args, options = {}) {
		this.name = path.basename(command);
		this.lines = "";
		this.process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
		this.pid = this.process.pid;
		for (const stream of [this.process.stdout, this.process.stderr]) {
			stream.setEncoding("utf8");
			stream.on("data", (text) => {
				this.lines += text;
			});
		}
		this.ended = new Promise((resolve) => {
			this.process.on("close", (code, signal) => {
				this.code = code;
				this.signal = signal;
				resolve({ code, signal });
			});
			this.process.on("error", (e) => {
				this.lines += `\n${e.message}\n`;
				this.code = -1;
				resolve({ code: -1, signal: null });
			});
		});
	}

	get isAlive() {
		return this.code === undefined && this.signal === undefined;
	}

	kill(signal) {
		if (this.isAlive)
			this.process.kill(signal);
	}

	/* The end within `ms`, or it is made to. */
	async wait(ms = PATIENCE_MS) {
		let timer;
		const late = new Promise((resolve) => {
			timer = setTimeout(() => resolve("late"), ms * slow);
		});
		const end = await Promise.race([this.ended, late]);
		clearTimeout(timer);
		if (end !== "late")
			return end;
		this.process.kill("SIGKILL");
		await this.ended;
		throw new Error(`${this.name} did not end within ${ms * slow} ms\n${this.lines.slice(-3000)}`);
	}
}

export class Redis {
	/* `settings`: lines of redis.conf, over what is needed here. */
	static async start({ dir = tempDir(), settings = {}, tcp = false, env = {} } = {}) {
		const redis = new Redis();
		redis.env = env;
		redis.dir = dir;
		redis.socket = path.join(dir, "redis.sock");
		redis.port = tcp ? await freePort() : 0;
		redis.settings = { appendonly: "yes", appendfsync: "everysec", save: '""', "maxmemory-policy": "noeviction", ...settings };
		await redis.up();
		return redis;
	}

	get url() {
		return this.port ? `redis://127.0.0.1:${this.port}/0` : `unix://${this.socket}`;
	}

	async up() {
		const lines = Object.entries({
			port: this.port, bind: "127.0.0.1", unixsocket: this.socket, dir: this.dir,
			daemonize: "no", loglevel: "warning", ...this.settings,
		}).map(([key, value]) => `${key} ${value}`);
		const conf = path.join(this.dir, "redis.conf");
		fs.writeFileSync(conf, lines.join("\n") + "\n");
		this.child = new Child("redis-server", [conf], { env: { ...process.env, ...this.env } });
		await until(() => !this.child.isAlive || this.cli("PING") === "PONG", "redis-server answers");
		if (!this.child.isAlive)
			throw new Error(`redis-server ended: ${this.child.lines}`);
	}

	cli(...args) {
		const run = spawnSync("redis-cli", ["-s", this.socket, "--raw", ...args], { encoding: "utf8", timeout: PATIENCE_MS });
		return run.status === 0 ? run.stdout.trimEnd() : undefined;
	}

	/* SIGSTOP: it accepts connections (the kernel does) and answers nothing. */
	pause() {
		this.child.process.kill("SIGSTOP");
	}

	resume() {
		this.child.process.kill("SIGCONT");
	}

	async kill9() {
		this.child.kill("SIGKILL");
		await this.child.ended;
	}

	async stop() {
		this.child.process.kill("SIGCONT");
		this.child.kill("SIGTERM");
		await this.child.wait();
	}

	/* After the test: however it stands. */
	async fini() {
		if (this.child.isAlive) {
			this.child.process.kill("SIGCONT");
			await this.kill9();
		}
	}
}

/* {a: {b: 1}, c: ["x"]} as YAML. Strings are quoted. */
export function yaml(value, indent = "") {
	return Object.entries(value).map(([key, v]) => {
		if (v !== null && typeof v === "object" && !Array.isArray(v))
			return `${indent}${key}:\n${yaml(v, indent + "  ")}`;
		if (Array.isArray(v))
			return `${indent}${key}: [${v.map((x) => JSON.stringify(x)).join(", ")}]\n`;
		return `${indent}${key}: ${JSON.stringify(v)}\n`;
	}).join("");
}

function merge(a, b) {
	const out = { ...a };
	for (const [key, v] of Object.entries(b)) {
		if (v !== null && typeof v === "object" && !Array.isArray(v))
			out[key] = merge(out[key] ?? {}, v);
		else
			out[key] = v;
	}
	return out;
}

const REPORTS = /AddressSanitizer|LeakSanitizer|UndefinedBehavior|runtime error:|Assertion .* failed/;

export class Daemon {
	static config({ redis, dir, settings = {} }) {
		return merge({
			listen: "127.0.0.1:0",
			state_dir: path.join(dir, "state"),
			secret_file: path.join(dir, "secret"),
			origins: ["*"],
			intents,
			redis: { url: redis.url },
			limits: { messages_per_minute: 600, burst: 200, login_per_minute: 600 },
		}, settings);
	}

	/* `under`: a command that runs it, slowly. Does not wait until it is
	 * ready: see start(). */
	static launch({ redis, dir = tempDir(), settings, args = [], env = {}, under = [], binary = path.join(build, "answerd") }) {
		const daemon = new Daemon();
		daemon.dir = dir;
		daemon.redis = redis;
		daemon.file = path.join(dir, `answerd-${Math.random().toString(36).slice(2, 8)}.yaml`);
		const config = Daemon.config({ redis, dir, settings });
		fs.mkdirSync(config.state_dir, { recursive: true });
		fs.writeFileSync(daemon.file, yaml(config));
		const [command, ...rest] = [...under, binary, "--config", daemon.file, ...args];
		daemon.child = new Child(command, rest, { cwd: root, env: { ...process.env, ...env } });
		return daemon;
	}

	static async start(options) {
		const daemon = Daemon.launch(options);
		await until(() => {
			daemon.address ??= /listening=(\S+)/.exec(daemon.log)?.[1].split(",")[0];
			return daemon.address || !daemon.child.isAlive;
		}, "answerd says listening=", options.under ? 3 * PATIENCE_MS : PATIENCE_MS).catch((e) => {
			daemon.child.kill("SIGKILL");
			throw new Error(`${e.message}\n${daemon.log}`);
		});
		if (options.ready !== false)
			await until(async () => !daemon.child.isAlive || (await daemon.get("/readyz")).status === 200, "answerd is ready")
				.catch((e) => {
					daemon.child.kill("SIGKILL");
					throw new Error(`${e.message}\n${daemon.log}`);
				});
		if (!daemon.child.isAlive)
			throw new Error(`answerd ended (${daemon.child.code}): ${daemon.log}`);
		return daemon;
	}

	get log() {
		return this.child.lines;
	}

	get origin() {
		return `http://${this.address}`;
	}

	url(endpoint) {
		return `ws://${this.address}${endpoint}`;
	}

	/* A plain request; {status, headers, body, json}. */
	request(method, target, { headers = {}, body } = {}) {
		const [host, port] = this.address.split(":");
		return new Promise((resolve, reject) => {
			const request = http.request({ host, port, method, path: target, headers, agent: false, timeout: PATIENCE_MS }, (reply) => {
				const parts = [];
				reply.on("data", (part) => parts.push(part));
				reply.on("error", reject);
				reply.on("end", () => {
					const text = Buffer.concat(parts).toString("utf8");
					let json;
					try {
						json = JSON.parse(text);
					} catch {
						// not JSON
					}
					resolve({ status: reply.statusCode, headers: reply.headers, body: text, json });
				});
			});
			request.on("error", reject);
			request.on("timeout", () => request.destroy(new Error(`${method} ${target}: no answer`)));
			request.end(body);
		});
	}

	get(target, options) {
		return this.request("GET", target, options);
	}

	/* {name: value} of the plain counters of /metrics. */
	async metrics() {
		const { body } = await this.get("/metrics");
		return Object.fromEntries(body.split("\n").filter((l) => l && !l.startsWith("#")).map((l) => {
			const at = l.lastIndexOf(" ");
			return [l.slice(0, at), Number(l.slice(at + 1))];
		}));
	}

	/* All that Redis does not have yet stands in the spool. */
	async spooled() {
		await until(async () => {
			const m = await this.metrics();
			return m.answerd_spool_rows_total >= m.answerd_spool_waiting_rows + m.answerd_spool_held_rows;
		}, "the spool has all of it");
	}

	async login(name, password, headers = {}) {
		const reply = await this.request("POST", "/api/login", {
			headers: { "Content-Type": "application/json", Origin: this.origin, ...headers },
			body: JSON.stringify({ name, password }),
		});
		const cookie = reply.headers["set-cookie"]?.[0]?.split(";")[0];
		return { ...reply, cookie };
	}

	cpuMs() {
		const stat = fs.readFileSync(`/proc/${this.child.pid}/stat`, "utf8");
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return (Number(fields[11]) + Number(fields[12])) * 10;
	}

	async kill9() {
		this.child.kill("SIGKILL");
		await this.child.ended;
		this.check();
	}

	/* SIGTERM, and it must end by itself and well. */
	async stop() {
		if (!this.child.isAlive)
			throw new Error(`answerd had ended by itself (${this.child.code ?? this.child.signal}):\n${this.log.slice(-4000)}`);
		this.child.kill("SIGTERM");
		const { code, signal } = await this.child.wait();
		this.check();
		assert.equal(signal, null, `answerd ended by ${signal}:\n${this.log.slice(-4000)}`);
		assert.equal(code, 0, `answerd ended with ${code}:\n${this.log.slice(-4000)}`);
	}

	check() {
		assert.doesNotMatch(this.log, REPORTS, "a sanitizer's or an assertion's report");
	}

	async fini() {
		if (this.expectedDead)
			return;
		if (this.child.signal === "SIGKILL")
			return;
		await this.stop();
	}
}

export function answerctl(args, { input = "", daemon, timeout = PATIENCE_MS, stdio } = {}) {
	const full = daemon ? ["--config", daemon.file, ...args] : args;
	const run = spawnSync(path.join(build, "answerctl"), full, { input, stdio, encoding: "utf8", cwd: root, timeout: timeout * slow, env: process.env });
	assert.doesNotMatch(run.stderr ?? "", REPORTS);
	return { status: run.status, stdout: run.stdout, stderr: run.stderr, error: run.error };
}

/* Redis, a daemon and the means to make clients, for one test or one file.
 * `t` is node:test's context (or {after}). */
export class Stack {
	/* `redis`: one that runs, or how to start it; `first`: what is different
	 * for the first daemon. */
	static async start(t, { settings, redis = {}, args, env, ready, first = {} } = {}) {
		const stack = new Stack();
		stack.dir = tempDir();
		stack.daemons = [];
		stack.clients = [];
		stack.settings = settings;
		stack.args = args;
		t.after(() => stack.fini());
		stack.redis = redis.url ? redis : await Redis.start({ dir: stack.dir, ...redis });
		stack.daemon = await stack.another({ ready, env, settings: first });
		return stack;
	}

	/* One more daemon on the same Redis, with the same secret, and a state
	 * of its own: that of the Nth with `state: N`, for its next life. */
	async another({ settings = {}, args = this.args, env, ready, state = this.daemons.length } = {}) {
		const state_dir = this.stateDir(state);
		const daemon = await Daemon.start({ redis: this.redis, dir: this.dir, settings: merge({ state_dir, ...this.settings }, settings), args, env, ready });
		this.daemons.push(daemon);
		return daemon;
	}

	stateDir(i) {
		return path.join(this.dir, `state${i || ""}`);
	}

	keep(client) {
		this.clients.push(client);
		return client;
	}

	async shopper(options = {}) {
		return this.keep(await Shopper.connect(options.daemon ?? this.daemon, options));
	}

	/* An agent of this name; made when it is not there yet. */
	addAgent(name, { password = `pass-${name}-word`, args = [], daemon = this.daemon } = {}) {
		this.agents ??= new Map();
		if (this.agents.has(name))
			return this.agents.get(name);
		const run = answerctl(["agent", "add", name, "--password-stdin", ...args], { daemon, input: password + "\n" });
		assert.equal(run.status, 0, `answerctl agent add: ${run.stderr}${run.stdout}`);
		const agent = { name, password };
		this.agents.set(name, agent);
		return agent;
	}

	/* Signed in and connected to the desk. */
	async desk(name = "maria", options = {}) {
		const daemon = options.daemon ?? this.daemon;
		const { password } = this.addAgent(name, { daemon, args: options.args });
		const { cookie, status, body } = await daemon.login(name, password);
		assert.equal(status, 200, `login: ${status} ${body}`);
		return this.keep(await Desk.connect(daemon, { ...options, cookie }));
	}

	/* A shopper who waits for a person, and what was said. */
	async waiting(text = "where is my order 12345678", options = {}) {
		const shopper = await this.shopper(options);
		if (text !== null)
			await shopper.say(text);
		const { stored } = shopper.human();
		await stored;
		await shopper.state("queued");
		return shopper;
	}

	async fini() {
		const faults = [];
		const attempt = async (job) => {
			try {
				await job();
			} catch (e) {
				faults.push(e);
			}
		};
		for (const client of this.clients)
			await attempt(() => client.fini());
		for (const daemon of this.daemons)
			await attempt(() => daemon.fini());
		if (this.redis)
			await attempt(() => this.redis.fini());
		fs.rmSync(this.dir, { recursive: true, force: true });
		if (faults.length)
			throw faults.length === 1 ? faults[0] : new AggregateError(faults, faults.map((e) => e.message).join("\n"));
	}
}
