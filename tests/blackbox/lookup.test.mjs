// Lookups over the wire: a rule asks a data source of the configuration, a
// hash in Redis or a service over HTTP, and the shopper gets what it tells:
// the state of an order, the question for another number, an honest "not
// now", or a person. Nobody waits for ever, whoever is silent.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { describe, test } from "node:test";
import { Stack, answerctl, build, root, sleep, tempDir, until } from "./lib.mjs";

const REDIS_SOURCE = { order: { kind: "redis", key: "demo:order:{order_id}" } };

/* The bot's next message, logged or not, after the frames so far. */
const botSays = (s, from, ms) => s.expect((f) => f.type === "message" && f.from === "bot", { from, ms });

async function ask(s, text, ms) {
	const from = s.frames.length;
	const m = s.message(text);
	const answer = await botSays(s, from, ms);
	return { m, answer, from };
}

function seed(stack, number, fields) {
	stack.redis.cli("HSET", `demo:order:${number}`, ...Object.entries(fields).flat());
}

/* A shop's service: `orders[number]` is what it answers; a function may do as
 * it likes with the response. */
async function service(t, orders) {
	const asked = [];
	const server = http.createServer((request, response) => {
		let body = "";
		request.on("data", (part) => {
			body += part;
		});
		request.on("end", () => {
			asked.push({ method: request.method, url: request.url, headers: request.headers, body });
			const number = decodeURIComponent(request.url.split("/").pop());
			const order = orders[number] ?? orders.any;
			if (typeof order === "function")
				return order(response);
			response.writeHead(order === undefined ? 404 : 200, { "Content-Type": "application/json" });
			response.end(JSON.stringify(order ?? { error: "no such order" }));
		});
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => {
		server.closeAllConnections();
		return new Promise((resolve) => server.close(resolve));
	});
	return { asked, orders, url: `http://127.0.0.1:${server.address().port}` };
}

const httpSource = (shop, more = {}) => ({
	sources: {
		order: {
			kind: "http",
			url: `${shop.url}/orders/{order_id}`,
			fields: { status: "/status", eta: "/delivery/eta" },
			timeout: "8 s",
			...more,
		},
	},
});

describe("lookups in Redis", () => {
	test("an order's state is told, by its conditions", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		seed(stack, "10234567", { status: "shipped", eta: "2026-05-06", carrier: "Parcel Post" });
		seed(stack, "10234569", { status: "delayed", eta: "2026-05-09" });
		seed(stack, "10234572", { status: "returned", refund: "processing", refund_amount: "49.90 EUR", refund_date: "2026-05-11" });
		const s = await stack.shopper();
		const { m, answer } = await ask(s, "where is my order 10234567?");
		assert.equal(answer.id, `${m.id}.a`);
		assert.equal(answer.reply_to, m.id);
		assert.equal(answer.intent, "track_order");
		assert.match(answer.text, /10234567 is on its way with Parcel Post and should arrive on Wednesday, 6 May 2026/);
		const stored = await m.stored;
		const logged = await s.expect((f) => f.id === `${m.id}.a` && f.seq !== undefined);
		assert.equal(logged.seq, stored.seq + 1);

		const late = await ask(s, "where is my order 10234569?");
		assert.match(late.answer.text, /sorry, order 10234569 is late.*Saturday, 9 May 2026/);

		const cancel = await ask(s, "cancel order 10234567");
		assert.equal(cancel.answer.intent, "cancel_order");
		assert.match(cancel.answer.text, /10234567 has been sent already/);

		const refund = await ask(s, "where is my refund for order 10234572?");
		assert.equal(refund.answer.intent, "track_refund");
		assert.match(refund.answer.text, /under way: €49\.90.*Monday, 11 May 2026/);

		const metrics = await stack.daemon.metrics();
		assert.equal(metrics['answerd_lookups_total{source="order",result="found"}'], 4);
		assert.equal(metrics['answerd_lookup_breaker_open{source="order"}'], 0);
		assert.equal(metrics.answerd_lookups_under_way, 0);
	});

	test("the number that was asked for is looked up", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		seed(stack, "10234568", { status: "processing", eta: "2026-05-06" });
		const s = await stack.shopper();
		const first = await ask(s, "where is my order");
		assert.match(first.answer.text, /order number/);
		const second = await ask(s, "10234568");
		assert.match(second.answer.text, /10234568 is being packed/);
	});

	test("an unknown number is asked for once more, then a person comes", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		const s = await stack.shopper();
		const first = await ask(s, "where is my order 99999999?");
		assert.match(first.answer.text, /cannot find 99999999/);
		assert.equal(first.answer.id, `${first.m.id}.a`);
		const second = await ask(s, "sorry, it is 88888888");
		assert.match(second.answer.text, /cannot find 88888888 either/);
		const state = await s.state("queued");
		assert.equal(state.reason, "unknown_number");
	});

	test("an unknown number and then a known one is answered", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		seed(stack, "10234570", { status: "delivered", delivered: "2026-05-04" });
		const s = await stack.shopper();
		await ask(s, "where is my order 99999999?");
		const second = await ask(s, "10234570");
		assert.match(second.answer.text, /10234570 was delivered on Monday, 4 May 2026/);
	});

	test("in line the answer is still given, with an agent nothing is said", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		seed(stack, "10234567", { status: "shipped" });
		const s = await stack.waiting(null);
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /10234567 is on its way/);
		const desk = await stack.desk("maria");
		desk.send({ type: "claim", id: "c1", conversation: s.conversation });
		await s.state("assigned");
		const from = s.frames.length;
		const m = s.message("and where is order 10234567?");
		await m.stored;
		await sleep(300);
		assert.equal(s.frames.slice(from).find((f) => f.from === "bot"), undefined);
	});

	test("a key of another kind fails honestly, and a person comes", async (t) => {
		const stack = await Stack.start(t, { settings: { sources: REDIS_SOURCE } });
		stack.redis.cli("SET", "demo:order:10234567", "a string");
		const s = await stack.shopper();
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /cannot look that up/);
		assert.equal((await s.state("queued")).reason, "lookup_failed");
	});

	test("without the source the rules answer as if it were not there", async (t) => {
		const stack = await Stack.start(t);
		const s = await stack.shopper();
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /You can see where order 10234567 is/);
	});
});

describe("lookups over HTTP", () => {
	test("fields are picked out of the service's JSON", async (t) => {
		const shop = await service(t, { 10234567: { status: "shipped", delivery: { eta: "2026-05-06" } } });
		const stack = await Stack.start(t, { settings: httpSource(shop, { headers: ["Authorization: Bearer secret"] }) });
		const s = await stack.shopper();
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /10234567 is on its way and should arrive on Wednesday, 6 May 2026/);
		assert.equal(shop.asked.length, 1);
		assert.equal(shop.asked[0].method, "GET");
		assert.equal(shop.asked[0].url, "/orders/10234567");
		assert.equal(shop.asked[0].headers.authorization, "Bearer secret");
		assert.equal(shop.asked[0].headers.accept, "application/json");
		const again = await ask(s, "where is my order 55555555?");
		assert.match(again.answer.text, /cannot find 55555555/, "404");
	});

	test("a POST carries the slots in its body", async (t) => {
		const shop = await service(t, { any: { status: "processing" } });
		const settings = httpSource(shop, { url: `${shop.url}/find`, method: "POST", body: '{"order": {"id": "{order_id}"}}' });
		const stack = await Stack.start(t, { settings });
		const s = await stack.shopper();
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /10234567 is being packed/);
		assert.equal(shop.asked[0].method, "POST");
		assert.deepEqual(JSON.parse(shop.asked[0].body), { order: { id: "10234567" } });
		assert.equal(shop.asked[0].headers["content-type"], "application/json");
	});

	test("what was found is kept for as long as the source says", async (t) => {
		const shop = await service(t, { any: { status: "processing" } });
		const stack = await Stack.start(t, { settings: httpSource(shop, { cache: "1 h" }) });
		const a = await stack.shopper();
		const b = await stack.shopper();
		await ask(a, "where is my order 10234567?");
		const { answer } = await ask(b, "where is my order 10234567?");
		assert.match(answer.text, /being packed/);
		assert.equal(shop.asked.length, 1);
		await ask(b, "where is my order 10234568?");
		assert.equal(shop.asked.length, 2);
		const metrics = await stack.daemon.metrics();
		assert.equal(metrics['answerd_lookups_total{source="order",result="kept"}'], 1);
	});

	test("a slow service: typing, then an honest text and a person", async (t) => {
		const shop = await service(t, { any: () => {} });
		const stack = await Stack.start(t, { settings: httpSource(shop, { timeout: "1 s" }) });
		const s = await stack.shopper();
		const other = await stack.shopper();
		const from = s.frames.length;
		const m = s.message("where is my order 10234567?");
		await m.stored;
		const on = await s.expect({ type: "typing", on: true }, { from });
		assert.equal(on.from, "bot");
		/* Nobody else waits for it. */
		const { answer } = await ask(other, "how can I pay?");
		assert.equal(answer.intent, "check_payment_methods");
		const sorry = await botSays(s, from);
		assert.match(sorry.text, /cannot look that up/);
		const off = await s.expect({ type: "typing", on: false }, { from });
		assert.ok(off.cameMs <= sorry.cameMs);
		assert.equal((await s.state("queued")).reason, "lookup_failed");
		assert.equal(other.frames.find((f) => f.type === "typing"), undefined);
		const metrics = await stack.daemon.metrics();
		assert.equal(metrics['answerd_lookups_total{source="order",result="timed_out"}'], 1);
	});

	test("broken JSON, a wrong answer and an error fail honestly", async (t) => {
		const shop = await service(t, {
			11111111: (r) => r.end('{"status":'),
			22222222: { state: "shipped" },
			33333333: (r) => {
				r.writeHead(500);
				r.end("{}");
			},
			44444444: (r) => r.destroy(),
		});
		const stack = await Stack.start(t, { settings: httpSource(shop) });
		for (const number of ["11111111", "22222222", "33333333", "44444444"]) {
			const s = await stack.shopper();
			const { answer } = await ask(s, `where is my order ${number}?`);
			assert.match(answer.text, /cannot look that up/, number);
			assert.equal((await s.state("queued")).reason, "lookup_failed");
		}
		const log = stack.daemon.log;
		for (const why of ["not JSON", "none of the fields", "HTTP status 500"])
			assert.ok(log.includes(why), why);
		assert.ok(!log.includes("11111111"), "no number stands in the log");
	});

	test("a service that fails again and again is left alone for a while", async (t) => {
		const shop = await service(t, { any: (r) => r.destroy() });
		const stack = await Stack.start(t, { settings: httpSource(shop) });
		for (let i = 0; i < 7; i++) {
			const s = await stack.shopper();
			const { answer } = await ask(s, `where is my order 1000000${i}?`);
			assert.match(answer.text, /cannot look that up/);
		}
		assert.equal(shop.asked.length, 5);
		let metrics = await stack.daemon.metrics();
		assert.equal(metrics['answerd_lookups_total{source="order",result="failed"}'], 5);
		assert.equal(metrics['answerd_lookups_total{source="order",result="refused"}'], 2);
		assert.equal(metrics['answerd_lookup_breaker_open{source="order"}'], 1);
		/* It is well again: the first question after the pause tries it. */
		shop.orders.any = { status: "processing" };
		await sleep(10200);
		const s = await stack.shopper();
		const { answer } = await ask(s, "where is my order 10234567?");
		assert.match(answer.text, /being packed/);
		metrics = await stack.daemon.metrics();
		assert.equal(metrics['answerd_lookup_breaker_open{source="order"}'], 0);
	});

	test("a daemon that dies during a lookup leaves nobody waiting", async (t) => {
		const shop = await service(t, { any: () => {} });
		const stack = await Stack.start(t, { settings: httpSource(shop) });
		const s = await stack.shopper();
		const m = s.message("where is my order 10234567?");
		await m.stored;
		await until(() => shop.asked.length === 1, "the service is asked");
		await stack.daemon.kill9();
		const { visitor, conversation, epoch } = s.resume;
		const daemon = await stack.another();
		const again = await stack.shopper({ daemon, hello: { visitor, conversation, epoch, since: 0 } });
		const answer = await again.expect((f) => f.id === `${m.id}.a`);
		assert.match(answer.text, /cannot look that up/);
		assert.equal((await again.state("queued")).reason, "lookup_failed");
		assert.equal(again.frames.filter((f) => f.type === "message" && f.from === "shopper").length +
			again.welcome.events.filter((e) => e.from === "shopper").length, 1);
	});

	test("a stop waits for a lookup that is about to be answered", async (t) => {
		let answer;
		const asked = new Promise((resolve) => {
			answer = resolve;
		});
		const shop = await service(t, { any: (r) => answer(r) });
		const stack = await Stack.start(t, { settings: httpSource(shop) });
		const s = await stack.shopper();
		const m = s.message("where is my order 10234567?");
		await m.stored;
		const response = await asked;
		stack.daemon.child.kill("SIGTERM");
		await sleep(200);
		response.end(JSON.stringify({ status: "processing" }));
		const said = await s.expect((f) => f.id === `${m.id}.a`);
		assert.match(said.text, /being packed/);
		await stack.daemon.child.wait();
		stack.daemon.expectedDead = true;
	});
});

describe("sources in the configuration", () => {
	const check = (sources) => {
		const dir = tempDir();
		const file = path.join(dir, "answerd.yaml");
		fs.writeFileSync(file, `intents: ${path.join(root, "intents")}\nsources:\n${sources}`);
		const run = spawnSync(path.join(build, "answerd"), ["--config", file, "--check"], { encoding: "utf8", cwd: root });
		fs.rmSync(dir, { recursive: true });
		return { status: run.status, text: run.stdout + run.stderr };
	};

	test("--check names every mistake with its place", () => {
		const { status, text } = check("  order:\n    kind: redis\n    key: 'no slot'\n  stock:\n    kind: http\n    url: ftp://x/{id}\n    fields: {a: b}\n");
		assert.equal(status, 78);
		assert.match(text, /answerd\.yaml:5:10: error: "key" must not hold blanks/);
		assert.match(text, /answerd\.yaml:8:10: error: "url" must begin with https/);
		assert.match(text, /answerd\.yaml:9:17: error: "a" wants a JSON pointer/);
	});

	test("--check warns of rules whose source is not there", () => {
		const { status, text } = check("  stock:\n    kind: redis\n    key: 'stock:{order_id}'\n");
		assert.equal(status, 0);
		assert.match(text, /intents\/orders\.yaml:\d+:\d+: warning: no source "order" in the configuration, so track_order answers without it/);
	});

	test("the shipped rules are as good without any source", () => {
		const run = answerctl(["test", "-i", path.join(root, "intents")]);
		assert.equal(run.status, 0, run.stdout + run.stderr);
	});
});
