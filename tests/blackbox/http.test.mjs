// Plain HTTP on the daemon's port: pages, health, figures, and how mistakes
// are answered. The front's own traps stand in front.test.mjs.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Stack } from "./lib.mjs";

describe("http", () => {
	const scope = { after: (fn) => scope.ends.push(fn), ends: [] };
	let stack, daemon;

	before(async () => {
		stack = await Stack.start(scope);
		daemon = stack.daemon;
	});
	after(async () => {
		for (const end of scope.ends.reverse())
			await end();
	});

	test("health and readiness", async () => {
		assert.equal((await daemon.get("/healthz")).status, 200);
		assert.equal((await daemon.get("/readyz")).status, 200);
	});

	test("the widget, the demo shop and the console are served whole, with type, ETag and nosniff", async () => {
		for (const [target, type, has] of [
			["/widget.js", "text/javascript", "answerd"],
			["/widget/panel.js", "text/javascript", "answerd"],
			["/demo/", "text/html", "/widget.js"],
			["/console/", "text/html", "<script"],
		]) {
			const r = await daemon.get(target);
			assert.equal(r.status, 200, target);
			assert.ok(r.headers["content-type"].startsWith(type), `${target}: ${r.headers["content-type"]}`);
			assert.equal(r.headers["x-content-type-options"], "nosniff");
			assert.ok(r.headers.etag, target);
			assert.equal(Number(r.headers["content-length"]), Buffer.byteLength(r.body));
			assert.ok(r.body.includes(has), `${target} has no ${has}`);
			const again = await daemon.get(target, { headers: { "If-None-Match": r.headers.etag } });
			assert.equal(again.status, 304);
			assert.equal(again.body, "");
			const head = await daemon.request("HEAD", target);
			assert.equal(head.status, 200);
			assert.equal(head.body, "");
			assert.equal(head.headers["content-length"], r.headers["content-length"]);
		}
	});

	test("what the pages load is there", async () => {
		for (const page of ["/demo/", "/console/"]) {
			const { body } = await daemon.get(page);
			const parts = [...body.matchAll(/(?:src|href)="([^"#?]+)"/g)].map((m) => m[1]).filter((p) => !/^(https?:|data:|mailto:|tel:)/.test(p));
			assert.ok(parts.length > 0, page);
			for (const part of parts) {
				const target = new URL(part, `${daemon.origin}${page}`).pathname;
				assert.equal((await daemon.get(target)).status, 200, `${page} loads ${target}`);
			}
		}
	});

	test("the console comes under a policy without inline script, and in no frame", async () => {
		const r = await daemon.get("/console/");
		const csp = r.headers["content-security-policy"];
		assert.ok(csp, "a Content-Security-Policy");
		const scripts = /script-src ([^;]+)/.exec(csp)?.[1] ?? /default-src ([^;]+)/.exec(csp)[1];
		assert.doesNotMatch(scripts, /unsafe/);
		assert.match(csp, /frame-ancestors 'none'/);
		assert.doesNotMatch(r.body, /<script(?![^>]*\bsrc=)[^>]*>[^<]/, "no inline script");
	});

	test("the figures are Prometheus text and count", async () => {
		const r = await daemon.get("/metrics");
		assert.equal(r.status, 200);
		assert.match(r.headers["content-type"], /^text\/plain/);
		for (const line of r.body.trimEnd().split("\n"))
			assert.match(line, /^(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? -?[0-9.eE+-]+)$/);
		const before = await daemon.metrics();
		const name = Object.keys(before).find((k) => /messages_total$/.test(k));
		assert.ok(name, Object.keys(before).join());
		const s = await stack.shopper();
		await s.say("hello");
		assert.equal((await daemon.metrics())[name], before[name] + 1);
	});

	test("an unknown path is 404, a wrong method 405 with Allow, both problem+json", async () => {
		for (const target of ["/", "/nothing", "/console/nothing.js", "/widget.jsx", "/demo/../secret", "/api/nothing"]) {
			const r = await daemon.get(target);
			if (target === "/" && [301, 302, 303, 307, 308].includes(r.status))
				continue;
			assert.ok([400, 404].includes(r.status), `${target}: ${r.status}`);
			assert.equal(r.headers["content-type"].split(";")[0], "application/problem+json", target);
			assert.equal(r.json.status, r.status);
			assert.ok(r.json.title.length > 0);
		}
		for (const [method, target] of [["POST", "/healthz"], ["DELETE", "/widget.js"], ["GET", "/api/login"]]) {
			const r = await daemon.request(method, target);
			assert.equal(r.status, 405, `${method} ${target}`);
			assert.ok(r.headers.allow, `${method} ${target}`);
			assert.equal(r.headers["content-type"].split(";")[0], "application/problem+json");
		}
	});

	test("a WebSocket's path without the upgrade is an error that says so", async () => {
		for (const target of ["/chat", "/desk"]) {
			const r = await daemon.get(target);
			assert.ok(r.status >= 400 && r.status < 500, `${target}: ${r.status}`);
			assert.equal(r.headers["content-type"].split(";")[0], "application/problem+json");
		}
	});

	test("every answer closes its connection", async () => {
		for (const target of ["/healthz", "/nothing", "/widget.js"])
			assert.equal((await daemon.get(target)).headers.connection, "close");
	});

	test("a login that is not JSON, too large or without an Origin that is ours is refused", async () => {
		const post = (body, headers = {}) => daemon.request("POST", "/api/login", { headers: { "Content-Type": "application/json", Origin: daemon.origin, ...headers }, body });
		assert.equal((await post("name=x")).status, 400);
		assert.equal((await post('{"name":7}')).status, 400);
		assert.equal((await post("x".repeat(70000))).status, 413);
		assert.equal((await post('{"name":"a","password":"b"}', { Origin: "https://evil.example" })).status, 403);
	});
});
