// What the benchmark talks to: answerd in its variants, and what a user could
// pick instead. Each is {name, pid, port, flags, stop}: `flags` tell the load
// generator how to talk to it.

import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Daemon, Redis, build, root, tempDir } from "../blackbox/lib.mjs";

export const here = path.dirname(fileURLToPath(import.meta.url));
const settings = {
	log_level: "info", limits: { messages_per_minute: 100000, burst: 10000 },
	max_connections: 16000,
};

export const hasSpool = /^spool:/m.test(spawnSync(path.join(build, "answerd"), ["--config", path.join(root, "conf", "answerd.yaml"), "--print-config"], { encoding: "utf8" }).stdout ?? "");

/* The daemon with a Redis of its own. `under`, `settings`: as for Daemon. */
export async function answerd(name, { binary, more = {}, args = [] } = {}) {
	const dir = tempDir();
	const redis = await Redis.start({ dir });
	const began = process.hrtime.bigint();
	const daemon = await Daemon.start({ redis, dir, args, binary, settings: { ...settings, ...more } });
	const startMs = Number(process.hrtime.bigint() - began) / 1e6;
	return {
		name, daemon, redis, startMs, pid: daemon.child.pid, port: daemon.address.split(":")[1], flags: ["--stored"],
		async stop() {
			await daemon.fini();
			await redis.fini();
			fs.rmSync(dir, { recursive: true, force: true });
		},
	};
}

export const nolog = (name, options = {}) => answerd(name, { ...options, binary: path.join(build, "bench", "answerd-nolog") });

/* A program that says "port N". */
export function echo(name, command, ...args) {
	const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
		child.stdout.on("data", (text) => {
			const port = /port (\d+)/.exec(text)?.[1];
			if (port)
				resolve({
					name, pid: child.pid, port, flags: ["--echo"],
					stop: () => new Promise((done) => {
						child.removeAllListeners("exit");
						child.on("exit", done);
						child.kill("SIGKILL");
					}),
				});
		});
	});
}

/* An echo with a Redis and a directory of its own; `args` of both. */
async function echoOnRedis(name, command, args) {
	const dir = tempDir();
	const redis = await Redis.start({ dir });
	const server = await echo(name, path.join(build, "bench", command), ...args(redis, dir));
	return {
		...server, flags: ["--echo", "--stored"],
		async stop() {
			await server.stop();
			await redis.fini();
			fs.rmSync(dir, { recursive: true, force: true });
		},
	};
}

/* The bare echo that keeps what it hears, as answerd does, and understands
 * nothing: what is left of a message's cost without answerd. */
export const keepingEcho = (name) => echoOnRedis(name, "echo-bare", (redis, dir) => {
	const script = redis.cli("SCRIPT", "LOAD", fs.readFileSync(path.join(root, "src", "store", "lua", "append.lua"), "utf8"));
	return [redis.socket, script, path.join(dir, "rows")];
});

/* An echo on answerd's own front, sockets and store: what is left without
 * reading, understanding and conversing. */
export const layersEcho = (name) => echoOnRedis(name, "echo-layers", (redis, dir) => [redis.socket, dir]);

/* Runs the load generator against it; what it reports. `ready`: called when
 * all are connected, while it waits (--idle). */
export function load(server, options, { ready } = {}) {
	const args = [`--sentences=${path.join(here, "sentences.txt")}`, ...server.flags, `--pid=${server.pid}`];
	for (const [key, value] of Object.entries(options))
		args.push(`--${key}=${value}`);
	const child = spawn(path.join(build, "bench", "load"), [...args, server.port], { stdio: ["ignore", "pipe", "pipe"] });
	let out = "", said = "";
	child.stdout.on("data", (text) => { out += text; });
	child.stderr.on("data", (text) => {
		said += text;
		if (process.stderr.isTTY)
			process.stderr.write(text.toString().replace(/^ready\n/m, ""));
		if (ready && /^ready$/m.test(said)) {
			ready();
			ready = undefined;
		}
	});
	return new Promise((resolve, reject) => {
		child.on("close", (code) => {
			let result;
			try {
				result = JSON.parse(out);
			} catch {
				reject(new Error(`load of ${server.name}: ${said || `ended with ${code}`}`));
				return;
			}
			result.complaint = code === 0 ? undefined : said.replace(/^ready\n/m, "").trim();
			resolve(result);
		});
	});
}
