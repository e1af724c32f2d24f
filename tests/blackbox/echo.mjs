// For the tests of the front and of the sockets: the echo program (the same
// front and socket code as the daemon), and a client that speaks TCP and can
// therefore say everything that a proper client never says.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { PATIENCE_MS, build, slow, sleep, until } from "./lib.mjs";

export { slow, sleep, until };
export const program = path.join(build, "tests/ws-echo");

/* Starts it, runs `body` with it, and ends it: it must end as told to, with
 * status 0 and without a sanitizer's word, whatever was done to it. */
export async function withEcho(args, body, options = {}) {
	const echo = new Echo(args, options);
	try {
		await echo.started;
		await body(echo);
	} finally {
		for (const client of echo.clients)
			client.socket.destroy();
		await echo.stop("SIGTERM");
	}
	assert.doesNotMatch(echo.words, /Sanitizer|runtime error|Assertion/);
	assert.equal(echo.code, 0, `ended with ${echo.code} ${echo.signal}\n${echo.words}`);
}

export class Echo {
	constructor(args, options) {
		const command = options.command ?? program;
		this.words = "";
		this.clients = [];
		this.process = spawn(command, options.argv ?? ["--port", "0", ...args], {
			stdio: ["ignore", "pipe", "pipe", ...(options.fds ?? [])],
		});
		this.pid = this.process.pid;
		this.ended = new Promise((resolve) => {
			this.process.on("close", (code, signal) => {
				this.code = code;
				this.signal = signal;
				resolve();
			});
		});
		this.started = new Promise((resolve, reject) => {
			const read = (text) => {
				this.words += text;
				const found = /listening=(?:.*:)?(\d+)\n/.exec(this.words);
				if (found) {
					this.port = Number(found[1]);
					resolve();
				}
			};
			this.process.stdout.setEncoding("utf8").on("data", read);
			this.process.stderr.setEncoding("utf8").on("data", read);
			this.ended.then(() => reject(new Error(`did not start: ${this.words}`)));
		});
	}

	async stop(signal) {
		if (this.process.exitCode === null && this.process.signalCode === null)
			this.process.kill(signal);
		const stuck = setTimeout(() => this.process.kill("SIGKILL"), PATIENCE_MS);
		await this.ended;
		clearTimeout(stuck);
	}

	/* A TCP connection to it, with `bytes` sent. */
	async dial(bytes = "") {
		const client = new Client(net.connect(this.port, "127.0.0.1"));
		this.clients.push(client);
		await client.connected;
		client.send(bytes);
		return client;
	}

	/* What is answered to `bytes`, until the other end closes. */
	async ask(bytes) {
		const client = await this.dial(bytes);
		await client.over;
		return client.text();
	}

	/* A WebSocket, by hand. */
	async upgrade(headers = {}) {
		const client = await this.dial(upgradeRequest(headers));
		await client.handshake();
		return client;
	}

	async stats() {
		const answer = await this.ask("GET /stats HTTP/1.1\r\nHost: a\r\n\r\n");
		return Object.fromEntries(
			answer
				.split("\r\n\r\n")[1]
				.trim()
				.split("\n")
				.map((line) => line.split(" "))
				.map(([name, value]) => [name, Number(value)]),
		);
	}

	cpuMs() {
		const stat = fs.readFileSync(`/proc/${this.pid}/stat`, "utf8").split(") ")[1].split(" ");
		return (Number(stat[11]) + Number(stat[12])) * 10;
	}

	rssKb() {
		return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${this.pid}/status`, "utf8"))[1]);
	}

	/* It has nothing to do, once it has done the last of it, and must do
	 * nothing. */
	async assertIdle(ms = 500) {
		await until(async () => {
			const [began, before] = [Date.now(), this.cpuMs()];
			await sleep(ms);
			const [took, used] = [Date.now() - began, this.cpuMs() - before];
			assert.ok(used <= took / 5, `spins: ${used} ms of CPU in ${took} ms`);
			return true;
		}, "it is idle");
	}
}

export const key = () => crypto.randomBytes(16).toString("base64");

/* A proper upgrade; a header given as undefined is left out, as a list sent
 * several times. */
export function upgradeRequest(headers = {}, line = "GET / HTTP/1.1") {
	const all = {
		Host: "a",
		Upgrade: "websocket",
		Connection: "Upgrade",
		"Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": key(),
		...headers,
	};
	let text = `${line}\r\n`;
	for (const [name, value] of Object.entries(all))
		for (const one of value === undefined ? [] : [value].flat())
			text += `${name}: ${one}\r\n`;
	return `${text}\r\n`;
}

/* A frame from a client. `raw` turns off what a proper client would do. */
export function frame(opcode, payload = "", { fin = true, mask = true, rsv = 0, length = null, wide = 0 } = {}) {
	const body = Buffer.from(payload);
	const n = length ?? BigInt(body.length);
	const bit = mask ? 0x80 : 0;
	const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
	let head;
	if (n < 126n && wide < 16) {
		head = Buffer.from([first, bit | Number(n)]);
	} else if (n < 65536n && wide < 64) {
		head = Buffer.from([first, bit | 126, 0, 0]);
		head.writeUInt16BE(Number(n), 2);
	} else {
		head = Buffer.alloc(10);
		head[0] = first;
		head[1] = bit | 127;
		head.writeBigUInt64BE(n, 2);
	}
	if (!mask)
		return Buffer.concat([head, body]);
	const maskKey = crypto.randomBytes(4);
	for (let i = 0; i < body.length; i++)
		body[i] ^= maskKey[i & 3];
	return Buffer.concat([head, maskKey, body]);
}

export const TEXT = 1;
export const BINARY = 2;
export const CONTINUATION = 0;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export function closeFrame(code, reason = "") {
	const head = Buffer.alloc(2);
	head.writeUInt16BE(code);
	return frame(CLOSE, Buffer.concat([head, Buffer.from(reason)]));
}

export class Client {
	constructor(socket) {
		this.socket = socket;
		this.chunks = [];
		this.bytes = 0;
		this.frames = null; /* a WebSocket from the handshake on */
		this.rest = Buffer.alloc(0);
		socket.setNoDelay(true);
		this.connected = new Promise((resolve, reject) => {
			socket.on("connect", resolve);
			socket.on("error", reject);
		});
		this.over = new Promise((resolve) => socket.on("close", resolve));
		socket.on("data", (chunk) => {
			this.bytes += chunk.length;
			if (this.frames === null) {
				this.chunks.push(chunk);
			} else {
				this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
				this.parse();
			}
		});
		socket.on("end", () => {
			this.ended = true;
		});
		socket.on("error", (e) => {
			this.error = e;
		});
	}

	send(bytes) {
		if (bytes.length > 0)
			this.socket.write(bytes);
	}

	text() {
		return Buffer.concat(this.chunks).toString("latin1");
	}

	async handshake() {
		await until(() => this.text().includes("\r\n\r\n"), "an answer to the upgrade");
		const all = Buffer.concat(this.chunks);
		const end = all.indexOf("\r\n\r\n") + 4;
		this.head = all.subarray(0, end).toString("latin1");
		assert.match(this.head, /^HTTP\/1\.1 101 /);
		this.frames = [];
		this.rest = all.subarray(end);
		this.parse();
	}

	parse() {
		for (;;) {
			const b = this.rest;
			if (b.length < 2)
				return;
			assert.equal(b[1] & 0x80, 0, "a server does not mask");
			let n = b[1] & 0x7f;
			let at = 2;
			if (n === 126) {
				if (b.length < 4)
					return;
				n = b.readUInt16BE(2);
				at = 4;
			} else if (n === 127) {
				if (b.length < 10)
					return;
				n = Number(b.readBigUInt64BE(2));
				at = 10;
			}
			if (b.length < at + n)
				return;
			this.frames.push({ opcode: b[0] & 0xf, first: b[0], payload: b.subarray(at, at + n) });
			this.rest = b.subarray(at + n);
		}
	}

	/* The next frame that is not a ping. */
	async next() {
		await until(() => this.frames.some((f) => f.opcode !== PING), "a frame");
		const i = this.frames.findIndex((f) => f.opcode !== PING);
		return this.frames.splice(i, 1)[0];
	}

	/* The code it is closed with; null for a close frame without one. */
	async closeCode() {
		for (;;) {
			const f = await this.next();
			if (f.opcode === CLOSE)
				return f.payload.length < 2 ? null : f.payload.readUInt16BE(0);
		}
	}

	/* It echoes; asked by a message of its own. */
	async assertAlive() {
		const text = `alive? ${crypto.randomUUID()}`;
		this.send(frame(TEXT, text));
		for (;;) {
			const f = await this.next();
			if (f.payload.toString() === text)
				return;
		}
	}
}

export const statusOf = (answer) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1] ?? 0);
/* How many answers there are in what a connection said. */
export const answersIn = (text) => (text.match(/HTTP\/1\.1 \d\d\d /g) ?? []).length;
