// What the console's rules page asks the daemon: what is loaded and what was
// wrong with it, what a sentence gets and why, what was not answered lately.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, answerctl, intents, tempDir, until } from "./lib.mjs";

async function cookieOf(stack, name = "maria") {
	const { password } = stack.addAgent(name);
	return (await stack.daemon.login(name, password)).cookie;
}

function tryIt(stack, cookie, body, headers = {}) {
	return stack.daemon.request("POST", "/api/match", {
		headers: { Cookie: cookie, Origin: stack.daemon.origin, "Content-Type": "application/json", ...headers },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

test("what is loaded is told, and what is wrong with the files since, place by place", async (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.cpSync(intents, dir, { recursive: true });
	const stack = await Stack.start(t, { settings: { intents: dir } });
	assert.equal((await stack.daemon.get("/api/rules")).status, 401);
	const headers = { Cookie: await cookieOf(stack) };
	const before = (await stack.daemon.get("/api/rules", { headers })).json;
	assert.ok(before.in_force && before.intents > 20 && before.errors === 0, JSON.stringify(before).slice(0, 300));
	assert.ok(["jit", "interpreter"].includes(before.engine));
	assert.ok(before.files.includes(path.join(dir, "orders.yaml")));
	assert.ok(Math.abs(before.loaded_ms - Date.now()) < 60000 && before.tried_ms >= before.loaded_ms);
	const broken = path.join(dir, "zz-broken.yaml");
	fs.writeFileSync(broken, "intents:\n  - name: pottery\n    patern: [x]\n    match: [pottery class]\n    answer: [On Tuesday.]\n");
	const after = await until(async () => {
		const now = (await stack.daemon.get("/api/rules", { headers })).json;
		return !now.in_force && now;
	}, "the broken file is found");
	assert.equal(after.version, before.version, "the old ones serve on");
	const finding = after.findings.find((f) => f.file === broken);
	assert.deepEqual([finding.level, finding.line, finding.col], ["error", 3, 5]);
	assert.match(finding.text, /"patern"/);
	fs.rmSync(broken);
	await until(async () => (await stack.daemon.get("/api/rules", { headers })).json.in_force, "mended");
});

test("a sentence gets what answerctl says, with the reasons", async (t) => {
	const stack = await Stack.start(t);
	const cookie = await cookieOf(stack);
	const text = "wher is my ordr 10234567, I want a refund";
	const answer = await tryIt(stack, cookie, { text });
	assert.equal(answer.status, 200, answer.body);
	const told = answer.json;
	const tool = JSON.parse(answerctl(["match", "-i", intents, "--json", text]).stdout);
	for (const key of ["outcome", "intent", "score", "runner_up", "answer", "rules"])
		assert.deepEqual(told[key], tool[key], key);
	assert.ok(told.entities.some((e) => e.name === "order_id" && e.value === "10234567"));
	assert.ok(told.winners.length > 0 && told.winners[0].intent === told.intent);
	assert.ok(told.normalised.includes("order"));
	assert.ok(told.evidence.some((e) => e.intent === told.intent && e.pieces.some((p) => p.weight > 0 && p.line > 0)));
	assert.ok(told.evidence.some((e) => e.pieces.some((p) => p.weight < 0)), "what speaks against");
	for (const e of told.evidence)
		assert.ok(Math.abs(e.total - e.pieces.reduce((n, p) => n + p.weight, 0)) < 0.005, "pieces add up");
	assert.equal((await tryIt(stack, cookie, { text: "qwertz uiop" })).json.outcome, "miss");
});

test("a hostile sentence is bounded, a stranger refused, and the loop goes on", async (t) => {
	const stack = await Stack.start(t, { settings: { limits: { text: 500 } } });
	const cookie = await cookieOf(stack);
	const refused = async (answer, status, like) => {
		const a = await answer;
		assert.equal(a.status, status, a.body);
		assert.match(a.headers["content-type"], /^application\/problem\+json/);
		if (like)
			assert.match(a.body, like);
	};
	await refused(tryIt(stack, cookie, { text: "x".repeat(501) }), 400, /limits\.text/);
	await refused(tryIt(stack, cookie, { text: "" }), 400);
	await refused(tryIt(stack, cookie, { text: 7 }), 400);
	await refused(tryIt(stack, cookie, "{\"text\":"), 400);
	await refused(tryIt(stack, cookie, "[".repeat(60000)), 400);
	await refused(tryIt(stack, cookie, { text: "hi", locale: "x".repeat(40) }), 400);
	await refused(stack.daemon.request("POST", "/api/match", { body: "{\"text\":\"hi\"}" }), 401);
	await refused(stack.daemon.request("POST", "/api/match", { headers: { Cookie: cookie }, body: "{\"text\":\"hi\"}" }), 403);
	await refused(tryIt(stack, cookie, { text: "hi" }, { Origin: "https://elsewhere.example" }), 403);
	await refused(stack.daemon.get("/api/match", { headers: { Cookie: cookie } }), 405);
	for (const text of ["a".repeat(500), "order ".repeat(83), "\u0000ﷺ\u202e<>", "🧨".repeat(500), "(".repeat(500)]) {
		const answer = await tryIt(stack, cookie, { text });
		assert.ok([200, 400].includes(answer.status), answer.body);
	}
	const limit = await until(async () => {
		const all = await Promise.all(Array.from({ length: 30 }, () => tryIt(stack, cookie, { text: "hi" })));
		return all.find((a) => a.status === 429);
	}, "so many a minute and no more");
	assert.match(limit.headers["content-type"], /problem/);
	assert.ok(limit.headers["retry-after"] >= 1 && limit.headers["retry-after"] <= 60);
	assert.equal((await stack.shopper()).welcome.state, "bot");
});

test("what was not answered lately is told, the newest first, masked", async (t) => {
	const stack = await Stack.start(t);
	const headers = { Cookie: await cookieOf(stack) };
	assert.equal((await stack.daemon.get("/api/unanswered")).status, 401);
	assert.deepEqual((await stack.daemon.get("/api/unanswered", { headers })).json.samples, []);
	for (const text of ["zebrafinch one", "zebrafinch 4711 jane@example.com"])
		await (await stack.shopper()).say(text);
	const { samples } = await until(async () => {
		const { json } = await stack.daemon.get("/api/unanswered", { headers });
		return json.samples.length === 2 && json;
	}, "both are noted");
	assert.match(samples[0].text, /^zebrafinch #### \*+$/);
	assert.equal(samples[1].text, "zebrafinch one");
	assert.ok(Math.abs(samples[0].at - Date.now()) < 60000);
	assert.equal(samples[0].conversation, undefined, "whose it is, is not told");
});
