// The sockets: what happens after the upgrade. Every trap of the WebSocket
// side of libwebsockets is set off here against the echo program, with frames
// made by hand where no proper client would send them, and with `ws` where a
// real one is wanted.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { test } from "node:test";
import WebSocket from "ws";
import {
	BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT,
	closeFrame, frame, sleep, slow, until, withEcho,
} from "./echo.mjs";

/* A real client; its messages in a list. */
async function connect(echo, options = {}) {
	const ws = new WebSocket(`ws://127.0.0.1:${echo.port}/`, options);
	ws.messages = [];
	ws.on("message", (data, isBinary) => ws.messages.push({ data, isBinary }));
	ws.closed = new Promise((resolve) => ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() })));
	ws.on("error", (e) => {
		ws.failure = e;
	});
	await new Promise((resolve, reject) => {
		ws.on("open", resolve);
		ws.on("error", reject);
	});
	return ws;
}

async function assertClosed(echo, bytes, code) {
	const client = await echo.upgrade();
	client.send(bytes);
	assert.equal(await client.closeCode(), code);
	client.send(closeFrame(code));
	await client.over;
}

/* Closed without a close frame: what the library does by itself. */
async function assertDropped(echo, bytes) {
	const client = await echo.upgrade();
	client.send(bytes);
	await client.over;
	assert.deepEqual(client.frames, []);
}

test("texts and binaries of every length encoding come back as they were", () =>
	withEcho([], async (echo) => {
		const ws = await connect(echo);
		const sizes = [0, 1, 125, 126, 127, 1023, 1024, 1025, 4095, 4096, 65535, 65536, 1000003];
		const sent = sizes.flatMap((n) => [
			{ data: Buffer.from("é".repeat(n / 2) + (n % 2 ? "x" : "")), isBinary: false },
			{ data: crypto.randomBytes(n), isBinary: true },
		]);
		for (const { data, isBinary } of sent)
			ws.send(data, { binary: isBinary });
		await until(() => ws.messages.length === sent.length, "all echoes");
		sent.forEach((one, i) => {
			assert.equal(ws.messages[i].isBinary, one.isBinary);
			assert.ok(ws.messages[i].data.equals(one.data), `message ${i} of ${one.data.length} bytes`);
		});
		ws.close(1000);
		assert.equal((await ws.closed).code, 1000);
	}));

test("a message of the full 32 MB is collected and echoed, one byte more is not", () =>
	withEcho([], async (echo) => {
		const ws = await connect(echo);
		const data = crypto.randomBytes(32 << 20);
		ws.send(data);
		await until(() => ws.messages.length === 1, "the echo");
		assert.ok(ws.messages[0].data.equals(data));
		ws.send(Buffer.alloc((32 << 20) + 1));
		assert.equal((await ws.closed).code, 1009);
	}));

test("frames delivered byte by byte are understood", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		const bytes = Buffer.concat([
			frame(TEXT, "hé", { fin: false }),
			frame(PING, "p"),
			frame(CONTINUATION, "llo", { fin: true }),
			frame(TEXT, "x".repeat(130)),
		]);
		for (const byte of bytes) {
			client.send(Buffer.from([byte]));
			await sleep(1);
		}
		assert.deepEqual([(await client.next()).opcode, (await client.next()).payload.toString()], [PONG, "héllo"]);
		assert.equal((await client.next()).payload.toString(), "x".repeat(130));
	}));

test("fragments with control frames between them are one message", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		const whole = "äöü€𝄞".repeat(700);
		const bytes = Buffer.from(whole);
		/* Cut in the middle of code points. */
		const pieces = [];
		for (let at = 0; at < bytes.length; at += 1001)
			pieces.push(bytes.subarray(at, at + 1001));
		pieces.forEach((piece, i) => {
			client.send(frame(i === 0 ? TEXT : CONTINUATION, piece, { fin: i === pieces.length - 1 }));
			client.send(frame(PING, `p${i}`));
		});
		const seen = [];
		while (seen.filter((f) => f.opcode === TEXT).length === 0)
			seen.push(await client.next());
		assert.equal(seen.at(-1).payload.toString(), whole);
		/* Empty fragments count as fragments. */
		client.send(Buffer.concat([frame(TEXT, "", { fin: false }), frame(CONTINUATION, "", { fin: false }), frame(CONTINUATION, "")]));
		for (;;) {
			const f = await client.next();
			if (f.opcode === TEXT) {
				assert.equal(f.payload.length, 0);
				break;
			}
		}
	}));

test("a ping is answered by a pong with its payload, in order with the answers", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		for (const payload of ["", "a", "x".repeat(125)]) {
			client.send(frame(PING, payload));
			const pong = await client.next();
			assert.equal(pong.opcode, PONG);
			assert.equal(pong.payload.toString(), payload);
		}
		client.send(frame(PONG, "unasked for"));
		await client.assertAlive();
	}));

test("a frame over the limit is closed with 1009 from its declared length", () =>
	withEcho(["--limit", "1000"], async (echo) => {
		const over = [
			frame(TEXT, "x".repeat(1001)),
			frame(BINARY, Buffer.alloc(70000)),
			Buffer.concat([frame(TEXT, "x".repeat(600), { fin: false }), frame(CONTINUATION, "x".repeat(401))]),
			frame(TEXT, "only ten b", { length: 1001n }),
			frame(TEXT, "only ten b", { length: 100000n }),
			frame(TEXT, "only ten b", { length: 2n ** 32n }),
			frame(TEXT, "only ten b", { length: 2n ** 63n - 1n }),
			Buffer.concat([frame(TEXT, "x", { fin: false }), frame(CONTINUATION, "x", { length: 2n ** 63n - 1n })]),
		];
		for (const bytes of over)
			await assertClosed(echo, bytes, 1009);
		const client = await echo.upgrade();
		client.send(frame(TEXT, "x".repeat(1000)));
		assert.equal((await client.next()).payload.length, 1000);
		client.send(Buffer.concat([frame(TEXT, "x".repeat(600), { fin: false }), frame(CONTINUATION, "x".repeat(400))]));
		assert.equal((await client.next()).payload.length, 1000);
	}));

test("a declared 2^63-1 costs no memory and its connection is ended in time", () =>
	withEcho(["--close-ms", "300"], async (echo) => {
		const before = echo.rssKb();
		const clients = [];
		for (let i = 0; i < 50; i++) {
			const client = await echo.upgrade();
			client.send(frame(TEXT, "x".repeat(5000), { length: 2n ** 63n - 1n }));
			clients.push(client);
		}
		for (const client of clients)
			assert.equal(await client.closeCode(), 1009);
		/* They never answer, and are ended all the same. */
		await Promise.all(clients.map((client) => client.over));
		assert.ok(echo.rssKb() - before < 20000 * slow);
		/* A length with the top bit set is not even a length. */
		await assertDropped(echo, frame(TEXT, "x", { length: 2n ** 63n }));
	}));

test("what comes after the close frame is not listened to", () =>
	withEcho(["--limit", "100"], async (echo) => {
		const client = await echo.upgrade();
		client.send(Buffer.concat([frame(TEXT, "x".repeat(101)), frame(TEXT, "still here?"), frame(TEXT, "x".repeat(101))]));
		assert.equal(await client.closeCode(), 1009);
		await sleep(100);
		client.send(frame(TEXT, "and now?"));
		await sleep(100);
		assert.deepEqual(client.frames, []);
		client.send(closeFrame(1009));
		await client.over;
	}));

test("a binary frame is closed with 1003 where only text is spoken", () =>
	withEcho(["--text-only"], async (echo) => {
		await assertClosed(echo, frame(BINARY, "abc"), 1003);
		await assertClosed(echo, frame(BINARY, ""), 1003);
		await assertClosed(echo, frame(BINARY, "a", { fin: false }), 1003);
		await assertClosed(echo, frame(BINARY, Buffer.alloc(100000)), 1003);
		await (await echo.upgrade()).assertAlive();
	}));

test("text that is not UTF-8 is closed with 1007, however it is split", () =>
	withEcho([], async (echo) => {
		const bad = {
			"a lone continuation byte": [[TEXT, "80"]],
			"a surrogate": [[TEXT, "eda080"]],
			"over U+10FFFF": [[TEXT, "f4908080"]],
			"a long form": [[TEXT, "c0af"]],
			"cut off at the end": [[TEXT, "6ce282"]],
			"split over two frames": [[TEXT, "61e2"], [CONTINUATION, "28a1"]],
			"first byte in one frame, nothing after": [[TEXT, "e2"], [CONTINUATION, ""]],
			"cut off, then an empty end": [[TEXT, "61e282"], [CONTINUATION, ""], [CONTINUATION, ""]],
			"bad in the second fragment": [[TEXT, "6162"], [CONTINUATION, "ff"]],
			"late in a long message": [[TEXT, `${"61".repeat(5000)}ff61`]],
		};
		for (const [what, parts] of Object.entries(bad)) {
			const client = await echo.upgrade();
			parts.forEach(([opcode, hex], i) =>
				client.send(frame(opcode, Buffer.from(hex, "hex"), { fin: i === parts.length - 1 })));
			assert.equal(await client.closeCode(), 1007, what);
			assert.equal(client.frames.length, 0, what);
		}
	}));

test("a pong between two fragments cannot smuggle in what is not UTF-8", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		/* The library runs the pong through the text's UTF-8 state: it ends
		 * the code point there, and "e282" + "61" would pass. */
		client.send(Buffer.concat([
			frame(TEXT, Buffer.from("61e282", "hex"), { fin: false }),
			frame(PONG, Buffer.from("ac", "hex")),
			frame(CONTINUATION, "a"),
		]));
		assert.equal(await client.closeCode(), 1007);
	}));

test("a pong between two fragments does not make what is UTF-8 anything else", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		client.send(Buffer.concat([
			frame(TEXT, Buffer.from("61e282", "hex"), { fin: false }),
			frame(PONG, Buffer.from("ff", "hex")),
			frame(CONTINUATION, Buffer.from("ac", "hex")),
		]));
		assert.equal((await client.next()).payload.toString(), "a€");
	}));

test("a close with a reason that is not UTF-8 is answered with 1007", () =>
	withEcho([], async (echo) => {
		for (const hex of ["03e8ff", "03e861c3", "03e8eda080"]) {
			const client = await echo.upgrade();
			client.send(frame(CLOSE, Buffer.from(hex, "hex")));
			assert.equal(await client.closeCode(), 1007, hex);
			await client.over;
		}
		const client = await echo.upgrade();
		client.send(frame(CLOSE, Buffer.from("03e8c3a4", "hex")));
		assert.equal(await client.closeCode(), 1000);
		await client.over;
	}));

test("protocol errors are closed with 1002", () =>
	withEcho([], async (echo) => {
		const bad = {
			"a reserved bit": frame(TEXT, "x", { rsv: 4 }),
			"all reserved bits": frame(TEXT, "x", { rsv: 7 }),
			"an unknown opcode": frame(3, "x"),
			"an unknown control opcode": frame(11, "x"),
			"a continuation of nothing": frame(CONTINUATION, "x"),
			"a new message inside another": Buffer.concat([frame(TEXT, "x", { fin: false }), frame(TEXT, "y")]),
			"a fragmented ping": frame(PING, "x", { fin: false }),
			"half a close code": frame(CLOSE, "x"),
		};
		for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999])
			bad[`close code ${code}`] = closeFrame(code);
		for (const [what, bytes] of Object.entries(bad)) {
			const client = await echo.upgrade();
			client.send(bytes);
			assert.equal(await client.closeCode(), 1002, what);
			client.send(closeFrame(1002));
			await client.over;
		}
		await assertDropped(echo, frame(PING, "x".repeat(126)));
	}));

test("a close is answered with its own code, and the connection ended by us", () =>
	withEcho([], async (echo) => {
		for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4401, 4999]) {
			const client = await echo.upgrade();
			client.send(Buffer.concat([frame(TEXT, "last words"), closeFrame(code, "bye")]));
			assert.equal((await client.next()).payload.toString(), "last words");
			assert.equal(await client.closeCode(), code);
			await client.over;
		}
		const client = await echo.upgrade();
		client.send(frame(CLOSE));
		assert.equal(await client.closeCode(), null);
		await client.over;
		const stats = await echo.stats();
		assert.equal(stats.closes_1000, 1);
		assert.equal(stats.closes_1005, 1);
		assert.equal(stats.closes_4401, 1);
		assert.equal(stats.closes_0, 6);
		assert.equal(stats.sockets, 0);
	}));

test("several answers of one turn leave in one write", () =>
	withEcho(["--flood", "3072"], async (echo) => {
		const client = await echo.upgrade();
		const before = await echo.stats();
		client.send(frame(TEXT, "flood"));
		for (let i = 0; i < 3; i++)
			assert.equal((await client.next()).payload.length, 1024);
		const after = await echo.stats();
		assert.equal(after.frames_out - before.frames_out, 3);
		assert.equal(after.writes - before.writes, 1);
	}));

test("a client that does not read is closed with 4408, and memory is bounded", () =>
	withEcho(["--flood", String(1 << 30), "--queue", "100000", "--close-ms", "60000"], async (echo) => {
		const before = echo.rssKb();
		const client = await echo.upgrade();
		client.socket.pause();
		client.send(frame(TEXT, "flood"));
		await until(async () => (await echo.stats()).frames_out > 1000, "the flood");
		const other = await echo.upgrade();
		await other.assertAlive();
		assert.ok(echo.rssKb() - before < 20000 * slow, `${echo.rssKb() - before} kB`);
		await echo.assertIdle(300);
		/* It reads again: whole frames, then the reason. */
		client.socket.resume();
		assert.equal(await client.closeCode(), 4408);
		client.send(closeFrame(4408));
		await client.over;
		assert.equal((await echo.stats()).closes_4408, 1);
	}));

test("one that never reads again is ended after the time to close", () =>
	withEcho(["--flood", String(1 << 30), "--queue", "100000", "--close-ms", "300"], async (echo) => {
		const client = await echo.upgrade();
		client.socket.pause();
		client.send(frame(TEXT, "flood"));
		await until(async () => (await echo.stats()).closes_4408 === 1, "the end");
		assert.equal((await echo.stats()).sockets, 0);
		client.socket.resume();
		await client.over;
	}));

test("one that does not read is ended even if its queue never overflows", () =>
	withEcho(["--ping-ms", "1000", "--hangup-ms", "2000"], async (echo) => {
		/* 24 MB in the queue at once are let through; nobody reads them. */
		const large = frame(TEXT, "x".repeat(24 << 20));
		const client = await echo.upgrade();
		client.socket.pause();
		client.send(large);
		await until(async () => (await echo.stats()).closes_4408 === 1, "the end");
	}));

test("one that sends without reading is slowed down and loses nothing", () =>
	withEcho([], async (echo) => {
		const before = echo.rssKb();
		const client = await echo.upgrade();
		client.socket.pause();
		const sent = [];
		for (let i = 0; i < 400; i++) {
			sent.push(`${i}:${String(i % 10).repeat(60000)}`);
			client.send(frame(TEXT, sent[i]));
		}
		await until(async () => (await echo.stats()).choked > 0, "a full pipe");
		await sleep(300);
		assert.ok(echo.rssKb() - before < 10000 * slow, `${echo.rssKb() - before} kB`);
		await echo.assertIdle(300);
		client.socket.resume();
		for (const text of sent)
			assert.ok((await client.next()).payload.toString() === text, text.slice(0, 5));
		await client.assertAlive();
	}));

test("permessage-deflate is offered and never negotiated", () =>
	withEcho([], async (echo) => {
		const ws = await connect(echo, { perMessageDeflate: { threshold: 0 } });
		assert.equal(ws.extensions, "");
		const offers = [
			"permessage-deflate; client_max_window_bits",
			"permessage-deflate; server_no_context_takeover; client_no_context_takeover, x-webkit-deflate-frame",
		];
		for (const offer of offers) {
			const client = await echo.upgrade({ "Sec-WebSocket-Extensions": offer });
			assert.doesNotMatch(client.head, /Extensions/i);
			await client.assertAlive();
		}
	}));

test("of several connections with large messages no byte crosses", () =>
	withEcho([], async (echo) => {
		const all = [];
		for (let i = 0; i < 24; i++)
			all.push(await connect(echo, { perMessageDeflate: { threshold: 0 } }));
		const rounds = 20;
		const text = (i, round) => `${i}/${round} ` + `marker-${i}-`.repeat(2500 + ((i * 7 + round * 13) % 500));
		for (let round = 0; round < rounds; round++) {
			all.forEach((ws, i) => ws.send(text(i, round)));
			if (round % 5 === 0)
				await sleep(1);
		}
		await until(() => all.every((ws) => ws.messages.length === rounds), "all echoes");
		all.forEach((ws, i) =>
			ws.messages.forEach(({ data }, round) =>
				assert.ok(data.toString() === text(i, round), `connection ${i}, message ${round}`)));
		for (const ws of all)
			ws.terminate();
	}));

test("a silent connection is pinged, and hung up on if it does not answer", () =>
	withEcho(["--ping-ms", "300", "--hangup-ms", "2000"], async (echo) => {
		const began = Date.now();
		const dead = await echo.upgrade();
		await dead.over;
		assert.ok(Date.now() - began >= 2000, `${Date.now() - began} ms`);
		assert.equal(dead.frames.filter((f) => f.opcode === PING).length, 1);
		const stats = await echo.stats();
		assert.equal(stats.closes_1006, 1);
		assert.equal(stats.sockets, 0);
		/* Who answers is not; once more where this process or the other stood
		 * still for that long. */
		await until(async () => {
			const alive = await connect(echo);
			let pings = 0;
			alive.on("ping", () => pings++);
			while (pings < 4 && alive.readyState === WebSocket.OPEN)
				await sleep(20);
			alive.terminate();
			return pings >= 4;
		}, "pings to the living, for longer than to a hang-up");
	}));

test("who sends is not pinged, and between two fragments nobody is", () =>
	withEcho(["--ping-ms", "1000", "--hangup-ms", "60000"], async (echo) => {
		const busy = await echo.upgrade();
		const halfway = await echo.upgrade();
		halfway.send(frame(TEXT, Buffer.from("61e282", "hex"), { fin: false }));
		/* For longer than it takes to a ping; once more where this process or
		 * the other stood still meanwhile. */
		const pings = await until(async () => {
			await busy.assertAlive();
			busy.frames.length = 0;
			let longest = 0;
			for (let i = 0; i < 12; i++) {
				const began = Date.now();
				await busy.assertAlive();
				await sleep(100);
				longest = Math.max(longest, Date.now() - began);
			}
			return longest < 250 && { count: busy.frames.filter((f) => f.opcode === PING).length };
		}, "a second in which nothing stood still");
		assert.equal(pings.count, 0);
		assert.equal(halfway.frames.length, 0);
		halfway.send(frame(CONTINUATION, Buffer.from("ac", "hex")));
		assert.equal((await halfway.next()).payload.toString(), "a€");
	}));

test("at the end all are closed with 1001, at a restart with 1012", async () => {
	for (const [signal, code] of [["SIGTERM", 1001], ["SIGHUP", 1012]])
		await withEcho(["--close-ms", "500"], async (echo) => {
			const polite = [];
			for (let i = 0; i < 10; i++)
				polite.push(await connect(echo));
			const rude = await echo.upgrade();
			echo.process.kill(signal);
			for (const ws of polite)
				assert.equal((await ws.closed).code, code);
			assert.equal(await rude.closeCode(), code);
			await rude.over; /* it did not answer */
			await echo.ended;
		});
});

test("it ends in the middle of everything and leaks nothing", () =>
	withEcho(["--flood", String(1 << 30), "--queue", "1000000"], async (echo) => {
		for (let i = 0; i < 10; i++) {
			const client = await echo.upgrade();
			client.socket.pause();
			client.send(frame(TEXT, i % 2 ? "flood" : "half", { fin: i % 3 > 0 }));
			await echo.dial("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
			await echo.dial("GET / HT");
		}
		/* Twice: the second does not wait. withEcho() checks the end. */
		echo.process.kill("SIGTERM");
		await sleep(50);
		echo.process.kill("SIGTERM");
		await echo.ended;
	}));

test("connections that come and go in every way leave nothing open", () =>
	withEcho(["--close-ms", "300"], async (echo) => {
		const ways = [
			(c) => c.socket.destroy(),
			(c) => c.socket.resetAndDestroy(),
			(c) => c.socket.end(),
			(c) => c.send(closeFrame(1000)),
			(c) => c.send(frame(TEXT, "x", { rsv: 1 })),
			(c) => c.send(Buffer.concat([frame(TEXT, "x".repeat(50000)), closeFrame(1000)])),
			(c) => c.socket.end(frame(TEXT, "x".repeat(50000))),
		];
		for (let round = 0; round < 40 / slow; round++) {
			const clients = await Promise.all(Array.from({ length: 14 }, () => echo.upgrade()));
			clients.forEach((client, i) => {
				client.send(frame(TEXT, "hello"));
				ways[(i + round) % ways.length](client);
			});
		}
		await until(async () => (await echo.stats()).sockets === 0, "all gone");
		for (const client of echo.clients)
			client.socket.destroy();
		const fds = () => fs.readdirSync(`/proc/${echo.pid}/fd`).length;
		await until(() => fds() < 30, "few descriptors").catch((e) => assert.fail(`${fds()} descriptors: ${e.message}`));
		await echo.assertIdle(300);
	}));

test("what clients make the library say does not fill the log", () =>
	withEcho([], async (echo) => {
		for (let i = 0; i < 100; i++)
			await assertDropped(echo, frame(TEXT, "x", { length: 2n ** 63n }));
		const lines = echo.words.match(/libwebsockets says/g) ?? [];
		assert.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines`);
	}));

/* Known limits: the library accepts these against RFC 6455, and it cannot be
 * mended above it. Pinned, so that a change is noticed. */
test("known limit: unmasked frames and lengths longer than needed are accepted", () =>
	withEcho([], async (echo) => {
		const client = await echo.upgrade();
		client.send(frame(TEXT, "unmasked", { mask: false }));
		assert.equal((await client.next()).payload.toString(), "unmasked");
		client.send(frame(TEXT, "sixteen", { wide: 16 }));
		assert.equal((await client.next()).payload.toString(), "sixteen");
		client.send(frame(TEXT, "sixty-four", { wide: 64 }));
		assert.equal((await client.next()).payload.toString(), "sixty-four");
	}));
