// Behind a proxy as a shop has one: the shipped HAProxy example, with nothing
// changed but addresses and certificate, TLS in front of two daemons. Pages,
// sign-in and both WebSockets go through it, and when a daemon is restarted
// its clients go on at the other.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import https from "node:https";
import http from "node:http";
import path from "node:path";
import { test } from "node:test";
import { Child, Stack, freePort, root, until } from "./lib.mjs";
import { Desk, Shopper } from "./wire.mjs";

const ws = { rejectUnauthorized: false };

class Proxy {
	/* `inside`: what counts as such, instead of this machine. */
	static async start(t, dir, daemons, { inside } = {}) {
		const proxy = new Proxy();
		proxy.port = await freePort();
		proxy.plainPort = await freePort();
		const pem = path.join(dir, "proxy.pem");
		const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
			"-subj", "/CN=chat.shop.example", "-days", "2", "-keyout", `${pem}.key`, "-out", `${pem}.crt`], { encoding: "utf8" });
		assert.equal(made.status, 0, made.stderr);
		fs.writeFileSync(pem, fs.readFileSync(`${pem}.crt`, "utf8") + fs.readFileSync(`${pem}.key`, "utf8"));
		let config = fs.readFileSync(path.join(root, "conf/haproxy.cfg"), "utf8");
		const change = (from, to) => {
			assert.ok(config.includes(from), `conf/haproxy.cfg has no "${from}"`);
			config = config.replace(from, to);
		};
		change("maxconn 100000", "maxconn 1000");
		change("bind :443 ssl crt /etc/haproxy/certs/chat.shop.example.pem", `bind 127.0.0.1:${proxy.port} ssl crt ${pem}`);
		change("bind :80", `bind 127.0.0.1:${proxy.plainPort}`);
		change("server a 127.0.0.1:8080", `server a ${daemons[0].address}`);
		change("# server b 127.0.0.1:8081", `server b ${daemons[1].address}`);
		if (inside)
			change("src 127.0.0.0/8 ::1", `src ${inside}`);
		change("server a-anyway 127.0.0.1:8080", `server a-anyway ${daemons[0].address}`);
		change("# server b-anyway 127.0.0.1:8081", `server b-anyway ${daemons[1].address}`);
		const file = path.join(dir, "haproxy.cfg");
		fs.writeFileSync(file, config);
		proxy.child = new Child("/usr/sbin/haproxy", ["-db", "-f", file]);
		t.after(async () => {
			proxy.child.kill("SIGKILL");
			await proxy.child.ended;
		});
		await until(async () => (await proxy.request("GET", "/healthz")).status === 200, "the proxy serves").catch((e) => {
			throw new Error(`${e.message}\n${proxy.child.lines}`);
		});
		return proxy;
	}

	get origin() {
		return `https://127.0.0.1:${this.port}`;
	}

	url(endpoint) {
		return `wss://127.0.0.1:${this.port}${endpoint}`;
	}

	request(method, target, { headers = {}, body } = {}) {
		return new Promise((resolve, reject) => {
			const request = https.request({ host: "127.0.0.1", port: this.port, method, path: target, headers, agent: false, rejectUnauthorized: false }, (reply) => {
				let text = "";
				reply.setEncoding("utf8");
				reply.on("data", (part) => {
					text += part;
				});
				reply.on("end", () => resolve({ status: reply.statusCode, headers: reply.headers, body: text }));
			});
			request.on("error", reject);
			request.end(body);
		});
	}
}

test("the shipped HAProxy example: TLS, pages, sign-in, both ends, and a restart behind it", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { cookie_secure: true } } });
	const other = await stack.another();
	const proxy = await Proxy.start(t, stack.dir, [stack.daemon, other]);
	assert.ok((await proxy.request("GET", "/demo/")).body.includes("/widget.js"));
	const plain = await new Promise((resolve, reject) => http.get({ host: "127.0.0.1", port: proxy.plainPort, path: "/demo/", agent: false }, resolve).on("error", reject));
	plain.resume();
	assert.ok([301, 302, 308].includes(plain.statusCode), "plain HTTP is sent to TLS");

	const s = stack.keep(await Shopper.connect(proxy, { ws, headers: { Origin: proxy.origin } }));
	assert.equal((await s.message("how can I pay?").answer).intent, "check_payment_methods");
	await s.human().stored;
	await s.state("queued");

	const { password } = stack.addAgent("maria");
	const login = await proxy.request("POST", "/api/login", {
		headers: { "Content-Type": "application/json", Origin: proxy.origin },
		body: JSON.stringify({ name: "maria", password }),
	});
	assert.equal(login.status, 200, login.body);
	assert.match(login.headers["set-cookie"][0], /Secure/);
	const cookie = login.headers["set-cookie"][0].split(";")[0];
	const desk = stack.keep(await Desk.connect(proxy, { cookie, ws }));
	await desk.seesWaiting(s.conversation);
	await desk.take(s.conversation);
	await desk.say(s.conversation, "Hello through the proxy.").stored;
	await s.expect((f) => f.from === "agent" && f.text === "Hello through the proxy.");

	// One of the two is restarted: whoever was on it comes back to the other.
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	const goesOn = (client) => {
		client.send({ type: "ping", at: 1 });
		return client.expect({ type: "pong", at: 1 }).then(() => true, () => false);
	};
	const again = async (client, connect) => (await goesOn(client) ? client : stack.keep(await until(connect, "back through the proxy")));
	const back = await again(s, () => Shopper.connect(proxy, { ws, hello: s.resume }));
	const deskBack = await again(desk, () => Desk.connect(proxy, { cookie, ws }));
	assert.ok(s.closeCode === 1012 || desk.closeCode === 1012 || (s.closeCode === undefined && desk.closeCode === undefined));
	assert.equal(back.conversation, s.conversation);
	await deskBack.open(s.conversation, 0);
	await deskBack.say(s.conversation, "And on it goes.").stored;
	await back.expect((f) => f.from === "agent" && f.text === "And on it goes.");
});

test("from outside, the shipped HAProxy example shows no figures, however their path is written", async (t) => {
	const stack = await Stack.start(t);
	const proxy = await Proxy.start(t, stack.dir, [stack.daemon, stack.daemon], { inside: "192.0.2.1" });
	for (const target of ["/metrics", "/readyz", "/%6detrics", "/%6Detrics?a", "/read%79z", "/%72%65adyz"])
		assert.equal((await proxy.request("GET", target)).status, 403, target);
	assert.equal((await proxy.request("GET", "/healthz")).status, 200);
});

test("behind HAProxy a Redis that is away leaves nobody without an answer", async (t) => {
	const stack = await Stack.start(t);
	const proxy = await Proxy.start(t, stack.dir, [stack.daemon, await stack.another()]);
	await stack.redis.kill9();
	await until(() => ["a", "b"].every((name) => proxy.child.lines.includes(`Server answerd/${name} is DOWN`)), "neither is ready any more");
	assert.equal((await proxy.request("GET", "/widget.js")).status, 200);
	const s = stack.keep(await Shopper.connect(proxy, { ws, headers: { Origin: proxy.origin } }));
	const said = s.message("how can I pay?");
	assert.equal((await said.answer).intent, "check_payment_methods");
	await stack.redis.up();
	await said.stored;
});
