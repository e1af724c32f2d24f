// Announcements: published at one daemon or with the tool, shown by all, gone
// when they are over or their time has come, and known while Redis is away.
// And who is signed in, as the console asks it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, sleep, until } from "./lib.mjs";

const shown = (s, like, options) => s.expect((f) => f.type === "announcement" && Object.entries(like).every(([k, v]) => f[k] === v), { what: `announcement ${JSON.stringify(like)}`, ...options });

function announce(daemon, args) {
	const run = answerctl(["announce", ...args], { daemon });
	assert.equal(run.status, 0, run.stderr);
	return /^announcement (\S+)/.exec(run.stdout)[1];
}

function listed(daemon) {
	const run = answerctl(["announce", "--list", "--json"], { daemon });
	assert.equal(run.status, 0, run.stderr);
	return run.stdout.split("\n").filter(Boolean).map((l) => JSON.parse(l));
}

function post(daemon, body, headers) {
	return daemon.request("POST", "/api/announcements", {
		headers: { "Content-Type": "application/json", ...headers },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

/* A tool's token of an agent with these roles. */
function bearer(stack, name, roles) {
	stack.addAgent(name, { args: roles.flatMap((r) => ["--role", r]) });
	const run = answerctl(["agent", "token", name], { daemon: stack.daemon });
	assert.equal(run.status, 0, run.stderr);
	return { Authorization: `Bearer ${run.stdout.trim()}` };
}

test("what the tool announces reaches the shoppers of every daemon at once, and its end too", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const here = await stack.shopper();
	const there = await stack.shopper({ daemon: other });
	assert.deepEqual(here.welcome.announcements, []);
	const id = announce(stack.daemon, ["Our phone lines are down.", "--level", "warning"]);
	const began = Date.now();
	for (const s of [here, there]) {
		const f = await shown(s, { id });
		assert.deepEqual({ ...f }, { type: "announcement", id, text: "Our phone lines are down.", level: "warning", until: null, over: false });
	}
	assert.ok(Date.now() - began < 10000, "not by polling, which is due 15 s after the start");
	const late = await stack.shopper({ daemon: other });
	assert.deepEqual(late.welcome.announcements.map((a) => [a.id, a.text, a.level, a.over]), [[id, "Our phone lines are down.", "warning", false]]);
	assert.deepEqual(listed(stack.daemon).map((a) => [a.id, a.level]), [[id, "warning"]]);
	const over = answerctl(["announce", "--over", id], { daemon: stack.daemon });
	assert.equal(over.status, 0, over.stderr);
	for (const s of [here, there, late])
		await shown(s, { id, over: true });
	assert.deepEqual(listed(stack.daemon), []);
	assert.deepEqual((await stack.shopper()).welcome.announcements, []);
	const again = answerctl(["announce", "--over", id], { daemon: stack.daemon });
	assert.equal(again.status, 1);
	assert.match(again.stderr, /no announcement/);
	await sleep(300);
	for (const s of [here, there])
		assert.equal(s.of("announcement").length, 2, "each told once");
});

test("an announcement ends by itself when its time has come", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const id = announce(stack.daemon, ["Back in a moment", "--until", "+6s"]);
	const f = await shown(s, { id, over: false });
	assert.ok(Math.abs(f.until - Date.now()) < 30000);
	await shown(s, { id, over: true });
	assert.ok(Date.now() >= f.until - 50, "not before its time");
	assert.deepEqual((await stack.shopper()).welcome.announcements, []);
	assert.deepEqual(listed(stack.daemon), []);
});

test("the tool refuses what is no announcement, and says why", async (t) => {
	const stack = await Stack.start(t, { settings: { shop: { timezone: "Europe/Berlin" } } });
	const refused = (args, status, why) => {
		const run = answerctl(["announce", ...args], { daemon: stack.daemon });
		assert.equal(run.status, status, run.stdout + run.stderr);
		assert.match(run.stderr, why);
	};
	refused([], 64, /TEXT/);
	refused(["x", "--list"], 64, /TEXT/);
	refused(["two", "words"], 64, /quotes/);
	refused(["  "], 64, /empty/);
	refused(["x".repeat(501)], 64, /500/);
	refused(["x", "--level", "loud"], 64, /info or warning/);
	refused(["x", "--until", "tomorrow"], 64, /\+2h/);
	refused(["x", "--until", "2020-01-01T00:00Z"], 64, /past/);
	refused(["x", "--untill", "+2h"], 64, /untill/);
	refused(["x", "--until"], 64, /until/);
	assert.deepEqual(listed(stack.daemon), []);
	announce(stack.daemon, ["Closed", "--until=2026-11-30T18:00+01:00"].map((a) => a.replace("2026", String(new Date().getUTCFullYear() + 1))));
	assert.equal(listed(stack.daemon)[0].until, Date.UTC(new Date().getUTCFullYear() + 1, 10, 30, 17, 0));
	const table = answerctl(["announce", "--list"], { daemon: stack.daemon }).stdout;
	assert.match(table, /-11-30 18:00 {2}Closed/, "in the shop's time");
	for (let i = 1; i < 16; i++)
		announce(stack.daemon, ["--", `-number ${i}`]);
	refused(["one more"], 1, /16/);
	assert.deepEqual(listed(stack.daemon).slice(1).map((a) => a.text), Array.from({ length: 15 }, (x, i) => `-number ${i + 1}`), "as they were published");
});

test("over HTTP only an admin announces, with a cookie from the own origin or a token", async (t) => {
	const stack = await Stack.start(t);
	const { daemon } = stack;
	const s = await stack.shopper();
	const admin = bearer(stack, "boss", ["agent", "admin"]);
	const made = await post(daemon, { text: "Free delivery today", level: "info", until: Date.now() + 60000 }, admin);
	assert.equal(made.status, 201, made.body);
	const { id } = made.json;
	const f = await shown(s, { id });
	assert.equal(f.text, "Free delivery today");
	const missing = await post(daemon, { id: "nobody", over: true }, admin);
	assert.equal(missing.status, 404);
	assert.equal(missing.headers["content-type"].split(";")[0], "application/problem+json");
	const ended = await post(daemon, { id, over: true }, admin);
	assert.equal(ended.status, 200, ended.body);
	await shown(s, { id, over: true });
	const refused = async (status, body, headers) => {
		const reply = await post(daemon, body, headers);
		assert.equal(reply.status, status, reply.body);
		assert.equal(reply.headers["content-type"].split(";")[0], "application/problem+json");
	};
	const text = { text: "not to be seen" };
	await refused(401, text, {});
	await refused(401, text, { Authorization: "Bearer made-up" });
	await refused(403, text, bearer(stack, "maria", ["agent"]));
	await refused(400, "{", admin);
	await refused(400, { text: "" }, admin);
	await refused(400, { text: "x", level: "loud" }, admin);
	await refused(400, { text: "x", until: "soon" }, admin);
	await refused(400, { text: "x", until: 1000 }, admin);
	await refused(400, { over: true, id: "no dots.here" }, admin);
	const { password } = stack.addAgent("boss");
	const { cookie } = await daemon.login("boss", password);
	await refused(403, text, { Cookie: cookie });
	await refused(403, text, { Cookie: cookie, Origin: "https://evil.example" });
	assert.equal((await daemon.get("/api/announcements", { headers: admin })).status, 405);
	const own = await post(daemon, { text: "By the console", until: "+1h" }, { Cookie: cookie, Origin: daemon.origin });
	assert.equal(own.status, 201, own.body);
	const last = await shown(s, { id: own.json.id });
	assert.ok(Math.abs(last.until - Date.now() - 3600000) < 60000);
	assert.equal(s.of("announcement").some((a) => a.text === "not to be seen"), false);
	assert.match(stack.redis.cli("XRANGE", "answerd:audit", "-", "+"), /boss[\s\S]*announce/);
});

test("while Redis is away the ones last known run on, and what came meanwhile is told after", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const kept = announce(stack.daemon, ["A kept one"]);
	await shown(s, { id: kept });
	const admin = bearer(stack, "boss", ["admin"]);
	stack.redis.pause();
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "Redis is away");
	const late = await stack.shopper();
	assert.deepEqual(late.welcome.announcements.map((a) => a.id), [kept]);
	assert.equal((await post(stack.daemon, { text: "x" }, admin)).status, 503);
	stack.redis.resume();
	await until(async () => (await stack.daemon.get("/readyz")).status === 200, "Redis is back");
	// Written by hand, without a ring: it is found all the same.
	stack.redis.cli("HSET", "answerd:announcements", "by-hand", JSON.stringify({ text: "By hand", level: "info", until: null, at: 1 }), "rubbish", "{", "a.b", "{\"text\":\"x\"}", "odd", "{\"over\":true,\"id\":\"odd\"}");
	await shown(s, { id: "by-hand" });
	assert.equal(s.of("announcement").filter((f) => f.id === kept).length, 1, "told once");
	stack.redis.cli("HDEL", "answerd:announcements", "by-hand");
	stack.redis.cli("PUBLISH", "answerd:bell:news", "announcements");
	await shown(s, { id: "by-hand", over: true });
	assert.deepEqual(s.of("announcement").map((f) => f.id), [kept, "by-hand", "by-hand"]);
});

test("six hundred connections are all told, each once, those who go meanwhile do no harm", async (t) => {
	const stack = await Stack.start(t);
	const many = [];
	for (let i = 0; i < 600; i += 50)
		many.push(...await Promise.all(Array.from({ length: 50 }, () => stack.shopper())));
	const id = announce(stack.daemon, ["To everybody"]);
	for (const s of many.splice(100, 50))
		s.drop();
	const fresh = await stack.shopper();
	await Promise.all(many.map((s) => shown(s, { id })));
	answerctl(["announce", "--over", id], { daemon: stack.daemon });
	await Promise.all([...many, fresh].map((s) => shown(s, { id, over: true })));
	for (const s of many)
		assert.deepEqual(s.of("announcement").map((f) => f.over), [false, true]);
	const metrics = await stack.daemon.metrics();
	assert.ok(metrics.answerd_announcement_frames_total >= 1101, JSON.stringify(metrics));
});

test("who is signed in is told to the own pages only", async (t) => {
	const stack = await Stack.start(t);
	const { daemon } = stack;
	const { password } = stack.addAgent("maria", { args: ["--display", "Maria P."] });
	const ask = (headers = {}, query = "") => daemon.get("/api/session" + query, { headers });
	const nobody = await ask();
	assert.equal(nobody.status, 401);
	assert.equal(nobody.headers["content-type"].split(";")[0], "application/problem+json");
	const quiet = await ask({}, "?quiet");
	assert.equal(quiet.status, 200);
	assert.deepEqual(quiet.json, { name: null, display: null });
	assert.equal((await ask({ Cookie: "answerd=made-up" })).status, 401);
	assert.equal((await ask({ Cookie: "answerd=made-up" }, "?quiet")).json.name, null);
	const { cookie } = await daemon.login("maria", password);
	const known = await ask({ Cookie: cookie });
	assert.equal(known.status, 200);
	assert.deepEqual(known.json, { name: "maria", display: "Maria P." });
	assert.equal((await ask({ Cookie: cookie, Origin: daemon.origin }, "?quiet")).json.name, "maria");
	assert.equal((await ask({ Cookie: cookie, Origin: "https://evil.example" })).status, 401);
	assert.equal((await ask({ Cookie: cookie, Origin: "https://evil.example" }, "?quiet")).status, 401);
	await daemon.request("POST", "/api/logout", { headers: { Cookie: cookie, Origin: daemon.origin } });
	assert.equal((await ask({ Cookie: cookie })).status, 401);
});
