// The benchmark: answerd beside what a user could pick instead, in one run,
// taking turns, several rounds, medians. Figures are CPU time of the server's
// process, which is steadier than wall time; what counts is the ratios.
//
//   node tests/bench/bench.mjs [--quick] [SECTION...]
//
// Writes build/bench/bench.json and bench.md, and plots by plot.mjs.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Stack, answerctl, build, intents, root, sleep, tempDir, until } from "../blackbox/lib.mjs";
import { plots } from "./plot.mjs";
import { table } from "./report.mjs";
import { readExamples, writeRules } from "./rules.mjs";
import { answerd, echo, hasSpool, here, keepingEcho, layersEcho, load, nolog } from "./servers.mjs";

const quick = process.argv.includes("--quick");
const wanted = process.argv.slice(2).filter((a) => !a.startsWith("--"));
const rounds = quick ? 1 : 5;
const scale = quick ? 0.2 : 1;
const count = (n) => Math.round(n * scale);

const median = (list) => {
	const sorted = [...list].sort((a, b) => a - b);
	const n = sorted.length;
	return n === 0 ? null : n % 2 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
};
const say = (text) => process.stderr.write(`${process.stderr.isTTY ? "\r\x1b[K" : ""}${text}\n`);
const complaints = [];

async function talk(server, options, extra) {
	const result = await load(server, options, extra);
	if (result.complaint)
		complaints.push(`${server.name} ${JSON.stringify(options)}: ${result.complaint}`);
	return result;
}

const bare = () => echo("bare echo", path.join(build, "bench", "echo-bare"));
const keeping = () => keepingEcho("bare echo that keeps");
const layers = () => layersEcho("answerd's layers, echoing");
const contenders = () => [
	() => answerd("answerd"),
	...(hasSpool ? [() => answerd("without spool", { more: { spool: { enabled: false } } })] : []),
	() => nolog("without log and spool"),
	bare,
	keeping,
	layers,
	() => echo("libwebsockets echo", path.join(build, "bench", "echo-lws")),
	() => echo("Node ws", process.execPath, path.join(here, "echo", "ws.mjs")),
];

/* -- side by side ---------------------------------------------------------- */

async function versus() {
	const all = {};
	const servers = [];
	try {
		for (const start of contenders())
			servers.push(await start());
		for (let round = 0; round < rounds; round++)
			for (const server of servers) {
				const fast = !server.flags.includes("--stored");
				const r = await talk(server, { connections: 100, warm: count(2000), messages: count(fast ? 60000 : 15000) });
				(all[server.name] ??= []).push(r);
			}
	} finally {
		for (const server of servers)
			await server.stop();
	}
	const floor = all["bare echo"].map((r) => r.cpu_us);
	return Object.entries(all).map(([name, list]) => ({
		name,
		cpu_us: median(list.map((r) => r.cpu_us)),
		times_bare: median(list.map((r, i) => r.cpu_us / floor[i])),
		per_s: median(list.map((r) => r.messages / r.seconds)),
		...(name === "answerd" ? { times_ws: median(list.map((r, i) => r.cpu_us / all["Node ws"][i].cpu_us)) } : {}),
	}));
}

/* -- how many are connected ------------------------------------------------ */

async function connections() {
	const sizes = [[100, 100], [1000, 1000], [10000, 10000], [10000, 100]];
	const out = [];
	for (const [all, talking] of sizes) {
		const row = { connections: all, talking };
		for (const start of [() => answerd("answerd"), () => nolog("nolog"), bare]) {
			const list = [];
			for (let round = 0; round < (quick ? 1 : 2); round++) {
				const server = await start();
				try {
					const warm = Math.max(talking, count(3000));
					list.push(await talk(server, { connections: all, talking, warm, messages: count(server.flags.includes("--echo") ? 60000 : 20000) }));
				} finally {
					await server.stop();
				}
			}
			row[list.length && start === bare ? "bare echo" : row.answerd === undefined ? "answerd" : "without log and spool"] = {
				cpu_us: median(list.map((r) => r.cpu_us)), connect_s: median(list.map((r) => r.connect_s)),
				refused: Math.max(...list.map((r) => all - r.connections)),
				kb_a_shopper: median(list.map((r) => (r.rss_connected_kb - r.rss_before_kb) / all)),
			};
		}
		out.push(row);
	}
	return out;
}

/* -- latency at a pace ----------------------------------------------------- */

async function latency() {
	const servers = [await answerd("answerd"), await keeping(), await bare()];
	const list = { answerd: [], "bare echo that keeps": [], "bare echo": [] };
	try {
		const full = await talk(servers[0], { connections: 100, warm: count(2000), messages: count(20000) });
		const rate = Math.round(full.messages / full.seconds / 2);
		for (let round = 0; round < (quick ? 1 : 3); round++)
			for (const server of servers)
				list[server.name].push(await talk(server, { connections: 100, rate, warm: rate, messages: Math.round(rate * 4 * scale) }));
		const at = (name, key, p) => median(list[name].map((r) => r[key][p]));
		return {
			rate,
			cpu_us: Object.fromEntries(Object.entries(list).map(([name, runs]) => [name, median(runs.map((r) => r.cpu_us))])),
			...Object.fromEntries(Object.keys(list).map((name) => [name, Object.fromEntries(
				["ack_us", "answer_us", "stored_us"].filter((key) => list[name][0][key].count > 0)
					.map((key) => [key, { p50: at(name, key, "p50"), p99: at(name, key, "p99"), p999: at(name, key, "p999") }]),
			)])),
			ack_p99_times_bare: at("answerd", "ack_us", "p99") / at("bare echo", "ack_us", "p99"),
		};
	} finally {
		for (const server of servers)
			await server.stop();
	}
}

/* The daemon's own, since this was last asked: unlike an ack it does not wait
 * for a busy machine's other processes. In milliseconds. */
async function longestTurn(server) {
	return 1000 * (await server.daemon.metrics()).answerd_loop_longest_turn_seconds;
}

/* -- how many rules -------------------------------------------------------- */

async function rules() {
	const out = [];
	for (const n of ["shipped", 10, 100, 1000, 10000]) {
		const dir = tempDir();
		const own = n === "shipped" ? intents : path.join(dir, "intents");
		if (n !== "shipped")
			writeRules(own, n, intents);
		const server = await answerd(`${n} rules`, { more: { intents: own } });
		try {
			const rss_mb = Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024;
			const r = await talk(server, { connections: 100, warm: 2000, messages: count(10000) });
			const reloads = [];
			for (let i = 0; i < (quick ? 1 : 3); i++) {
				const still = await talk(server, { connections: 20, rate: 200, messages: 500 });
				const calm = await longestTurn(server);
				const timer = setTimeout(() => server.daemon.child.kill("SIGHUP"), 700);
				const during = await talk(server, { connections: 20, rate: 200, messages: 500 });
				clearTimeout(timer);
				reloads.push({ still: still.ack_us.max / 1000, during: during.ack_us.max / 1000, calm, stall: await longestTurn(server) });
			}
			out.push({
				rules: n === "shipped" ? 0 : n, start_ms: server.startMs, rss_mb, cpu_us: r.cpu_us,
				turn_ms: median(reloads.map((x) => x.calm)), turn_while_reloading_ms: median(reloads.map((x) => x.stall)),
				ack_max_ms: median(reloads.map((x) => x.still)), ack_max_while_reloading_ms: median(reloads.map((x) => x.during)),
			});
		} finally {
			await server.stop();
			fs.rmSync(dir, { recursive: true, force: true });
		}
	}
	return out;
}

/* -- how long a conversation is -------------------------------------------- */

async function length() {
	const out = [];
	for (const events of [10, 100, 1000, 5000]) {
		const server = await answerd(`${events} events`);
		try {
			/* A message is logged with its answer and a question. */
			const warm = Math.max(20, Math.round((events / 3) * 20));
			const r = await talk(server, { connections: 20, warm, messages: events <= 100 ? 200 : 4000 });
			out.push({ events, cpu_us: r.cpu_us });
		} finally {
			await server.stop();
		}
	}
	return out;
}

/* -- how many wait for a person -------------------------------------------- */

function fillQueue(server, n) {
	const score = Date.now();
	let lines = "";
	for (let i = 0; i < n; i++) {
		const record = JSON.stringify({ score: String(score + i), priority: 0, since_ms: score + i, seq: 1, info: { reason: "person", preview: "hello" } });
		lines += `ZADD answerd:queue:{support} ${score + i} waits${i}\nHSET answerd:queue:{support}:info waits${i} '${record}'\n`;
	}
	const run = spawnSync("redis-cli", ["-s", server.redis.socket, "--pipe"], { input: lines, encoding: "utf8", maxBuffer: 1 << 26 });
	if (run.status !== 0)
		throw new Error(`redis-cli --pipe: ${run.stdout}${run.stderr}`);
	const there = Number(server.redis.cli("ZCARD", "answerd:queue:{support}"));
	if (there !== n)
		throw new Error(`${there} of ${n} wait`);
}

async function waiting() {
	const out = [];
	for (const n of [10, 1000, 100000]) {
		const server = await answerd(`${n} waiting`);
		try {
			fillQueue(server, n);
			const r = await talk(server, { connections: 100, warm: 2000, messages: count(15000) });
			out.push({ waiting: n, cpu_us: r.cpu_us });
		} finally {
			await server.stop();
		}
	}
	return out;
}

/* -- agents ---------------------------------------------------------------- */

async function cpuOf(daemons, job) {
	const used = () => daemons.reduce((sum, d) => fs.readdirSync(`/proc/${d.child.pid}/task`)
		.reduce((s, t) => s + Number(fs.readFileSync(`/proc/${d.child.pid}/task/${t}/schedstat`, "utf8").split(" ")[0]), sum), 0);
	const before = used(), began = process.hrtime.bigint();
	const n = await job();
	const seconds = Number(process.hrtime.bigint() - began) / 1e9;
	return { n, seconds, per_s: n / seconds, cpu_us: (used() - before) / 1000 / n };
}

async function agents() {
	const ends = [];
	try {
		const stack = await Stack.start({ after: (fn) => ends.push(fn) }, { settings: { limits: { messages_per_minute: 100000, burst: 10000, login_per_minute: 600 } } });
		const other = await stack.another();
		const shoppers = [];
		for (let i = 0; i < count(20); i++) {
			/* Ten chats each: what one agent may send at once is limited. */
			const desk = await stack.desk(`agent${i}`, { daemon: other, args: ["--capacity", "20"] });
			for (let k = 0; k < 10; k++)
				shoppers.push(Object.assign(await stack.shopper(), { desk }));
		}
		/* From "a person, please" on one daemon to "assigned" by an agent on the
		 * other. */
		const handOffs = await cpuOf([stack.daemon, other], async () => {
			await Promise.all(shoppers.map(async (s) => {
				await s.human().stored;
				await s.state("queued");
			}));
			await Promise.all(shoppers.map(async (s) => {
				await s.desk.claim(s.conversation).done;
				await s.state("assigned");
			}));
			return shoppers.length;
		});
		await Promise.all(shoppers.map((s) => s.desk.open(s.conversation)));
		const messages = await cpuOf([stack.daemon, other], async () => {
			const each = 8;
			for (let i = 0; i < each; i++)
				await Promise.all(shoppers.map(async (s) => {
					const text = `line ${i} to you`;
					const seen = s.expect((f) => f.type === "message" && f.text === text, { what: text, ms: 20000 });
					s.desk.say(s.conversation, text);
					await seen;
				}));
			return shoppers.length * each;
		});
		return { hand_offs: handOffs, messages_to_shopper: messages };
	} finally {
		for (const end of ends.reverse())
			await end();
	}
}

/* -- all at once ----------------------------------------------------------- */

async function broadcast() {
	const server = await answerd("broadcast");
	try {
		return await talk(server, { connections: 10000, idle: 30 }, {
			ready: () => setTimeout(() => answerctl(["announce", "The shop closes an hour early today."], { daemon: server.daemon }), 1500),
		});
	} finally {
		await server.stop();
	}
}

/* -- understanding --------------------------------------------------------- */

/* CPU of a child in microseconds, by the shell's own count. */
function childCpuUs(command, input) {
	const run = spawnSync("sh", ["-c", `${command} >/dev/null; times`], { input, encoding: "utf8", cwd: root, maxBuffer: 1 << 26 });
	return run.stdout.trim().split("\n").at(-1).split(" ").reduce((sum, t) => {
		const [, m, s] = /(\d+)m([\d.]+)s/.exec(t);
		return sum + (Number(m) * 60 + Number(s)) * 1e6;
	}, 0);
}

async function understanding() {
	const texts = fs.readFileSync(path.join(here, "sentences.txt"), "utf8").split("\n").filter(Boolean);
	const tool = path.join(build, "answerctl");
	const names = spawnSync(tool, ["match", "--intent-only"], { input: texts.join("\n") + "\n", encoding: "utf8", cwd: root }).stdout.trim().split("\n");
	const sentences = texts.map((text, i) => ({ text, intent: names[i] }));
	const times = count(2000);
	const lines = (texts.join("\n") + "\n").repeat(times);
	const ours = (childCpuUs(`${tool} match --intent-only`, lines) - childCpuUs(`${tool} match --intent-only`, texts.join("\n") + "\n")) / (texts.length * (times - 1));
	const run = spawnSync(process.execPath, [path.join(here, "bots", "bots.mjs")], { input: JSON.stringify({ intents: readExamples(intents), sentences }), encoding: "utf8" });
	if (run.status !== 0)
		throw new Error(`bots.mjs: ${run.stderr}`);
	return [{ name: "answerd's rules", us: ours }, ...JSON.parse(run.stdout)];
}

/* -- all ------------------------------------------------------------------- */

function line(command, ...args) {
	const run = spawnSync(command, args, { encoding: "utf8", cwd: root });
	return (run.stdout || run.stderr || "").trim().split("\n")[0];
}

const sections = { versus, connections, latency, rules, length, waiting, agents, broadcast, understanding };
const began = Date.now();
const result = {
	machine: { cpu: os.cpus()[0]?.model.trim(), cores: os.cpus().length, memory_gb: Math.round(os.totalmem() / 2 ** 30), kernel: os.release(), load: os.loadavg()[0] },
	versions: {
		answerd: line(path.join(build, "answerd"), "--version"), gcc: line("gcc", "--version"), redis: line("redis-server", "--version").replace(/ sha.*/, ""), node: process.version,
		libwebsockets: line("pkg-config", "--modversion", "libwebsockets"),
	},
	commit: line("git", "rev-parse", "--short", "HEAD"), date: new Date().toISOString(), rounds, spool: hasSpool,
};
for (const [name, section] of Object.entries(sections)) {
	if (wanted.length && !wanted.includes(name))
		continue;
	const from = Date.now();
	try {
		result[name] = await section();
	} catch (e) {
		complaints.push(`${name}: ${e.message}`);
	}
	say(`${name}: ${Math.round((Date.now() - from) / 1000)} s`);
}
result.seconds = Math.round((Date.now() - began) / 1000);
result.complaints = complaints;
const out = path.join(build, "bench");
fs.writeFileSync(path.join(out, "bench.json"), JSON.stringify(result, null, "\t") + "\n");
const text = table(result);
fs.writeFileSync(path.join(out, "bench.md"), text);
plots(result, out);
console.log(text);
for (const c of complaints)
	say(`trouble: ${c}`);
process.exit(complaints.length ? 1 : 0);
