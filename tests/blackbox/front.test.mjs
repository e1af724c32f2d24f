// The front: what strangers send before they are known to speak WebSocket.
// Every trap of the HTTP side of libwebsockets is set off here against the
// echo program; none of it may reach the library, stall the loop or be
// answered twice.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { test } from "node:test";
import { Client, TEXT, answersIn, frame, key, program, sleep, slow, statusOf, until, upgradeRequest, withEcho } from "./echo.mjs";

const get = (path = "/", headers = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
const post = (body, headers = "") => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;

/* Refused with a problem document of this status, and closed. */
async function assertRefused(echo, bytes, status) {
	const answer = await echo.ask(bytes);
	assert.equal(statusOf(answer), status, `${bytes.toString().slice(0, 120)} -> ${answer}`);
	assert.equal(answersIn(answer), 1);
	const [head, body] = answer.split("\r\n\r\n");
	assert.match(head, /Content-Type: application\/problem\+json/);
	assert.match(head, /Connection: close/);
	assert.match(head, /X-Content-Type-Options: nosniff/);
	assert.equal(JSON.parse(body).status, status);
	return answer;
}

test("a plain request is answered once and the connection closed", () =>
	withEcho([], async (echo) => {
		const answer = await echo.ask(get("/a%20b%C3%A4?q=x+y%21&r=1", "Cookie: a=1; c=zz; d=2\r\n"));
		assert.equal(statusOf(answer), 200);
		assert.match(answer, /Connection: close/);
		assert.match(answer, /Referrer-Policy: no-referrer/);
		assert.match(answer, /GET \/a bÃ¤ body=0 peer=127.0.0.1 q=x y! cookie=zz\n$/);
		assert.match(await echo.ask(post("hello")), /POST \/ body=5 /);
		assert.match(await echo.ask("DELETE /x HTTP/1.0\r\n\r\n"), /DELETE \/x body=0/);
		assert.match(await echo.ask("GET http://a/x?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"), /GET \/x body=0 peer=127.0.0.1 q=1 /);
	}));

test("a HEAD gets the length and no body", () =>
	withEcho([], async (echo) => {
		const answer = await echo.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
		assert.match(answer, /Content-Length: [1-9]/);
		assert.ok(answer.endsWith("\r\n\r\n"));
	}));

test("two POSTs in one packet get one answer, and the loop does not spin", () =>
	withEcho([], async (echo) => {
		const answer = await echo.ask(post("one") + post("two"));
		assert.equal(answersIn(answer), 1);
		assert.match(answer, /body=3/);
		const clients = [];
		for (let i = 0; i < 20; i++)
			clients.push(await echo.dial(post("x") + post("y") + post("z")));
		await Promise.all(clients.map((client) => client.over));
		assert.ok(clients.every((client) => answersIn(client.text()) === 1));
		await echo.assertIdle();
	}));

test("ten pipelined requests get one answer, and it arrives whole", () =>
	withEcho([], async (echo) => {
		const answer = await echo.ask(get("/first") + get("/second").repeat(9));
		assert.equal(answersIn(answer), 1);
		assert.match(answer, /GET \/first body=0 .* cookie=\n$/);
	}));

test("an HTTP/2 preface is answered 505", () =>
	withEcho([], async (echo) => {
		await assertRefused(echo, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 505);
		await echo.assertIdle();
	}));

test("an upgrade to h2c is ignored: HTTP/1.1 answers, once", () =>
	withEcho([], async (echo) => {
		const h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
		const answer = await echo.ask(`${get("/", h2c)}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`);
		assert.equal(statusOf(answer), 200);
		assert.equal(answersIn(answer), 1);
		assert.doesNotMatch(answer, /Upgrade/);
	}));

test("CONNECT is refused and the connection closed", () =>
	withEcho([], async (echo) => {
		await assertRefused(echo, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405);
		await assertRefused(echo, "CONNECT / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 405);
	}));

test("an unknown Upgrade after a kept-alive answer reaches nobody", () =>
	withEcho([], async (echo) => {
		const second = get("/second", "Connection: Upgrade\r\nUpgrade: zzz\r\n");
		const client = await echo.dial(get("/first", "Connection: keep-alive\r\n"));
		await until(() => answersIn(client.text()) === 1, "the first answer");
		client.send(second);
		await client.over;
		assert.equal(answersIn(client.text()), 1);
		/* In one packet too. */
		assert.equal(answersIn(await echo.ask(get("/first", "Connection: keep-alive\r\n") + second)), 1);
		/* And alone it is a plain request. */
		assert.match(await echo.ask(second), /GET \/second/);
	}));

test("chunked bodies are refused with 411, ambiguous lengths with 400", () =>
	withEcho([], async (echo) => {
		const line = "POST / HTTP/1.1\r\nHost: a\r\n";
		await assertRefused(echo, `${line}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 411);
		await assertRefused(echo, `${line}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`, 411);
		await assertRefused(echo, `${line}Transfer-Encoding: gzip\r\n\r\n`, 411);
		await assertRefused(echo, `${line}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: -5\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: 5x\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: 99999999999999999999999\r\n\r\nhello`, 400);
		await assertRefused(echo, `${line}Content-Length: 65537\r\n\r\n`, 413);
	}));

test("a body of the full 64 kB is taken, in any pieces", () =>
	withEcho([], async (echo) => {
		const whole = post("b".repeat(65536));
		assert.match(await echo.ask(whole), /body=65536/);
		const client = await echo.dial();
		for (let at = 0; at < whole.length; at += 7001) {
			client.send(whole.slice(at, at + 7001));
			await sleep(1);
		}
		await client.over;
		assert.match(client.text(), /body=65536/);
	}));

test("a request in single bytes is understood", () =>
	withEcho([], async (echo) => {
		const client = await echo.dial();
		for (const c of post("hello", "Cookie: c=piecemeal\r\n")) {
			client.send(c);
			await sleep(1);
		}
		await client.over;
		assert.match(client.text(), /POST \/ body=5 .* cookie=piecemeal\n$/);
	}));

test("unknown methods, versions and targets are refused", () =>
	withEcho([], async (echo) => {
		const answer = await assertRefused(echo, "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
		assert.match(answer, /Allow: GET, HEAD, POST, DELETE/);
		await assertRefused(echo, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405);
		await assertRefused(echo, "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 501);
		await assertRefused(echo, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
		await assertRefused(echo, "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505);
		await assertRefused(echo, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /a/%2e%2e/b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, "GET /a/%2e%2e%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400);
		await assertRefused(echo, Buffer.from("160301020001000fc0303f00", "hex"), 400);
	}));

test("a head that could be read in two ways is refused", () =>
	withEcho([], async (echo) => {
		await assertRefused(echo, "GET / HTTP/1.1\r\n\r\n", 400);
		await assertRefused(echo, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
		await assertRefused(echo, get("/", "X: a\r\n folded\r\n"), 400);
		await assertRefused(echo, get("/", "X Y: a\r\n"), 400);
		await assertRefused(echo, get("/", "X : a\r\n"), 400);
		await assertRefused(echo, get("/", "Content-Length : 5\r\n"), 400);
		await assertRefused(echo, get("/", ": a\r\n"), 400);
		await assertRefused(echo, get("/", "X: a\0b\r\n"), 400);
		await assertRefused(echo, get("/", "X: a\x7fb\r\n"), 400);
		await assertRefused(echo, Buffer.from(get("/\xe4"), "latin1"), 400);
		await assertRefused(echo, get("/\t"), 400);
		await assertRefused(echo, get("/", "Origin: http://a\r\nOrigin: http://a\r\n"), 400);
	}));

test("an over-long head is refused with 431, whichever part is long", () =>
	withEcho([], async (echo) => {
		await assertRefused(echo, get("/", `X: ${"a".repeat(17000)}\r\n`), 431);
		await assertRefused(echo, get(`/${"a".repeat(17000)}`), 431);
		await assertRefused(echo, get("/", "X: a\r\n".repeat(64)), 431);
		await assertRefused(echo, get("/", `${"X".repeat(17000)}: a\r\n`), 431);
		/* Without an end it does not wait for one. */
		await assertRefused(echo, `GET / HTTP/1.1\r\nX: ${"a".repeat(40000)}`, 431);
		/* Just within the bounds. */
		assert.equal(statusOf(await echo.ask(get("/", `X: ${"a".repeat(16000)}\r\n`))), 200);
		assert.equal(statusOf(await echo.ask(get("/", "X: a\r\n".repeat(63)))), 200);
	}));

test("a slow head is answered 408, an empty connection closed without a word", () =>
	withEcho(["--head-ms", "1500"], async (echo) => {
		const empty = await echo.dial();
		const slowOne = await echo.dial();
		const drip = setInterval(() => slowOne.send("X"), 50);
		slowOne.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
		await Promise.all([empty.over, slowOne.over]);
		clearInterval(drip);
		assert.equal(empty.text(), "");
		assert.equal(statusOf(slowOne.text()), 408);
	}));

test("a slow body is answered 408", () =>
	withEcho(["--body-ms", "300"], async (echo) => {
		const client = await echo.dial(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe`);
		await client.over;
		assert.equal(statusOf(client.text()), 408);
	}));

test("100-continue is answered, any other expectation refused", () =>
	withEcho([], async (echo) => {
		const client = await echo.dial("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
		await until(() => client.text().startsWith("HTTP/1.1 100 Continue\r\n\r\n"), "100 Continue");
		client.send("hello");
		await client.over;
		assert.match(client.text(), /HTTP\/1\.1 200 OK[^]*body=5/);
		await assertRefused(echo, post("hello", "Expect: more\r\n"), 417);
	}));

test("an owner that answers later is waited for, one that never does is not", () =>
	withEcho(["--answer-ms", "2000"], async (echo) => {
		assert.match(await echo.ask(get("/later")), /later\n$/);
		await assertRefused(echo, get("/never"), 503);
	}));

test("a client that goes before its answer leaves nothing behind", () =>
	withEcho([], async (echo) => {
		for (let i = 0; i < 20; i++) {
			const client = await echo.dial(get("/later"));
			if (i % 2)
				client.socket.destroy();
			else
				client.socket.resetAndDestroy();
		}
		await sleep(200);
		assert.match(await echo.ask(get("/later")), /later\n$/);
	}));

test("a client that shuts down its side after the request is answered", () =>
	withEcho([], async (echo) => {
		const client = await echo.dial();
		client.socket.end(get("/later"));
		await client.over;
		assert.match(client.text(), /later\n$/);
	}));

test("an upgrade of another version is answered 426 with the version spoken", () =>
	withEcho([], async (echo) => {
		for (const version of ["8", "12", "14", "013", "", "13, 8", undefined, ["13", "13"]]) {
			const answer = await assertRefused(echo, upgradeRequest({ "Sec-WebSocket-Version": version }), 426);
			assert.match(answer, /Sec-WebSocket-Version: 13\r\n/);
		}
	}));

test("an upgrade without one proper key is refused", () =>
	withEcho([], async (echo) => {
		const good = key();
		const bad = [undefined, "", "abc", good.slice(0, 20), `${good}AAAA`, good.replace("==", "=A"), `*${good.slice(1)}`];
		for (const one of [...bad, [good, good], "A".repeat(8000)])
			await assertRefused(echo, upgradeRequest({ "Sec-WebSocket-Key": one }), 400);
	}));

test("an upgrade must be a GET of HTTP/1.1 that says so in Connection", () =>
	withEcho([], async (echo) => {
		await assertRefused(echo, upgradeRequest({}, "POST / HTTP/1.1"), 400);
		await assertRefused(echo, upgradeRequest({}, "GET / HTTP/1.0"), 400);
		await assertRefused(echo, upgradeRequest({ Connection: "close" }), 400);
		await assertRefused(echo, upgradeRequest({ Connection: undefined }), 400);
		await assertRefused(echo, `${upgradeRequest({ "Content-Length": "3" })}abc`, 400);
		/* Lists and any case are fine. */
		const client = await echo.upgrade({ Connection: "keep-alive, UPGRADE", Upgrade: "h2c, WebSocket" });
		await client.assertAlive();
	}));

test("a double Origin is refused, a foreign one is the owner's to refuse", () =>
	withEcho(["--origin", "https://shop.example"], async (echo) => {
		const double = ["https://shop.example", "https://shop.example"];
		await assertRefused(echo, upgradeRequest({ Origin: double }), 400);
		await assertRefused(echo, upgradeRequest({ Origin: ["https://shop.example", "https://evil.example"] }), 400);
		await assertRefused(echo, upgradeRequest({ Origin: "https://evil.example" }), 403);
		await assertRefused(echo, upgradeRequest({ Origin: "https://shop.example.evil.example" }), 403);
		await assertRefused(echo, upgradeRequest({ Origin: "null" }), 403);
		await (await echo.upgrade({ Origin: "https://shop.example" })).assertAlive();
		await (await echo.upgrade()).assertAlive();
	}));

test("the sub-protocol asked for is named, and without it there is no upgrade", () =>
	withEcho([], async (echo) => {
		const line = "GET /v1 HTTP/1.1";
		await assertRefused(echo, upgradeRequest({}, line), 400);
		await assertRefused(echo, upgradeRequest({ "Sec-WebSocket-Protocol": "echo.v2, echo.v10" }, line), 400);
		await assertRefused(echo, upgradeRequest({ "Sec-WebSocket-Protocol": "ECHO.V1" }, line), 400);
		for (const offer of ["echo.v1", "chat, echo.v1 ,x", ["chat", "echo.v1"]]) {
			const client = await echo.upgrade({ "Sec-WebSocket-Protocol": offer });
			assert.equal(client.head.match(/Sec-WebSocket-Protocol: echo\.v1\r\n/g)?.length, 1);
			await client.assertAlive();
		}
		assert.doesNotMatch((await echo.upgrade()).head, /Sec-WebSocket-Protocol/);
	}));

test("frames sent before the upgrade is answered are refused", () =>
	withEcho([], async (echo) => {
		const early = Buffer.concat([Buffer.from(upgradeRequest()), frame(TEXT, "too early")]);
		await assertRefused(echo, early, 400);
	}));

test("beyond max_connections an upgrade is closed with 1013 and pages are served", () =>
	withEcho(["--max", "2"], async (echo) => {
		const first = await echo.upgrade();
		const second = await echo.upgrade();
		const third = await echo.upgrade();
		assert.equal(await third.closeCode(), 1013);
		assert.equal(statusOf(await echo.ask(get())), 200);
		await first.assertAlive();
		await second.assertAlive();
		third.socket.destroy();
		second.socket.destroy();
		await until(async () => (await echo.stats()).sockets === 1, "room");
		const fourth = await echo.upgrade();
		await fourth.assertAlive();
		assert.equal((await echo.stats()).no_room, 1);
	}));

test("connections that say nothing keep nobody out, and cut none that talk", () =>
	withEcho(["--max", "2", "--head-ms", "60000", "--answer-ms", "60000"], async (echo) => {
		const open = await echo.upgrade();
		const elsewhere = net.connect({ port: echo.port, host: "127.0.0.1", localAddress: "127.0.0.9" });
		const patient = new Client(elsewhere);
		await patient.connected;
		await patient.send(get().slice(0, 20));
		for (let i = 0; i < 200; i++)
			await echo.dial();
		await open.assertAlive();
		await echo.assertIdle(300);
		assert.equal(statusOf(await echo.ask(get())), 200);
		const second = await echo.upgrade();
		await second.assertAlive();
		/* Who is from somewhere else was older than all that were cut. */
		patient.send(get().slice(20));
		await patient.over;
		assert.equal(statusOf(patient.text()), 200);
		const stats = await echo.stats();
		assert.ok(stats.gave_way >= 200 - 66, `${stats.gave_way}`);
		assert.equal(stats.accept_pauses, 0);
		await open.assertAlive();
	}));

test("where all wait for an answer, the accepting stops, and goes on", () =>
	withEcho(["--max", "0"], async (echo) => {
		/* Answered after 50 ms each; whose answer is on its way may give
		 * way to the next, who waits for one does not. */
		for (let i = 0; i < 3; i++) {
			const clients = [];
			for (let n = 0; n < 64; n++)
				clients.push(await echo.dial(get("/later")));
			await until(async () => clients.every((client) => statusOf(client.text()) === 200), "all are answered");
			await Promise.all(clients.map((client) => client.over));
		}
		assert.ok((await echo.stats()).accept_pauses > 0);
	}));

test("without descriptors it neither spins nor fills the log, and recovers", () =>
	withEcho(
		[],
		async (echo) => {
			const open = await echo.upgrade();
			for (let i = 0; i < 80; i++)
				await echo.dial();
			await until(() => /accept=paused/.test(echo.words), "it accepts no more");
			await echo.assertIdle(600);
			await open.assertAlive();
			const lines = echo.words.split("\n").length;
			assert.ok(lines < 60, `${lines} lines`);
			for (const client of echo.clients)
				if (client !== open)
					client.socket.destroy();
			assert.equal(statusOf(await echo.ask(get())), 200);
			await open.assertAlive();
		},
		{ command: "/bin/sh", argv: ["-c", `ulimit -n 48; exec ${program} --port 0 --head-ms 60000`] },
	));

test("only the address asked for is listened on", () =>
	withEcho([], async (echo) => {
		const elsewhere = net.connect(echo.port, "127.0.0.2");
		const error = await new Promise((resolve) => {
			elsewhere.on("connect", () => resolve(null));
			elsewhere.on("error", resolve);
		});
		elsewhere.destroy();
		assert.equal(error?.code, "ECONNREFUSED");
	}));

test("IPv6 and all addresses at once can be listened on", async (t) => {
	if (!fs.existsSync("/proc/net/if_inet6") || fs.readFileSync("/proc/net/if_inet6", "utf8") === "") {
		t.skip("no IPv6 here");
		return;
	}
	const ask = async (port, host) => {
		const client = new Client(net.connect(port, host));
		await client.connected;
		client.send(get());
		await client.over;
		return client.text();
	};
	await withEcho(["--listen", "[::1]:0"], async (echo) => {
		assert.match(echo.words, /listening=\[::1\]:\d+\n/);
		assert.match(await ask(echo.port, "::1"), /peer=::1 /);
	});
	await withEcho(["--listen", "*:0"], async (echo) => {
		assert.match(await ask(echo.port, "::1"), /peer=::1 /);
		assert.match(await ask(echo.port, "127.0.0.1"), /peer=127\.0\.0\.1 /);
	});
});

test("a port in use is an error with a reason, unless the port is shared", () =>
	withEcho(["--share-port"], async (echo) => {
		const second = spawnSync(program, ["--port", String(echo.port)], { encoding: "utf8", timeout: 60000 });
		assert.equal(second.status, 1);
		assert.match(second.stderr, new RegExp(`127\\.0\\.0\\.1:${echo.port}: Address already in use`));
		await withEcho([], async (other) => assert.equal(statusOf(await other.ask(get())), 200), {
			argv: ["--port", String(echo.port), "--share-port"],
		});
	}));

test("a socket passed by systemd is used instead of a port", async () => {
	const server = net.createServer();
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address();
	await withEcho(
		[],
		async (echo) => {
			/* The descriptor is the child's now. */
			await new Promise((resolve) => server.close(resolve));
			assert.equal(echo.port, port);
			await (await echo.upgrade()).assertAlive();
		},
		{
			command: "/bin/sh",
			argv: ["-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec ${program} --port 1 --systemd`],
			fds: [server._handle.fd],
		},
	);
});

test("a thousand requests of every kind leave nothing open", () =>
	withEcho([], async (echo) => {
		const kinds = [get(), post("x"), get("/later"), "GARBAGE\r\n\r\n", upgradeRequest({ "Sec-WebSocket-Version": "7" }), upgradeRequest()];
		for (let round = 0; round < 1000 / slow / 20; round++) {
			const clients = [];
			for (let i = 0; i < 20; i++)
				clients.push(await echo.dial(kinds[(round + i) % kinds.length]));
			await sleep(5);
			for (const client of clients)
				client.socket.destroy();
		}
		await until(async () => (await echo.stats()).sockets === 0, "no sockets");
		await echo.assertIdle(300);
	}));
