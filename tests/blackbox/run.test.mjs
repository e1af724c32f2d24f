// `make run` as its user meets it: src/tools/run.sh with what was built. It
// says where to look, keeps what it made, stands beside another one, stops
// both of its children and says clearly why it does not start.

import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";
import { Child, build, freePort, intents, root, tempDir, until } from "./lib.mjs";

function config(dir) {
	const file = path.join(dir, "answerd.yaml.in");
	fs.writeFileSync(file, fs.readFileSync(path.join(root, "conf/answerd.yaml"), "utf8").replace(/^intents:.*/m, `intents: ${JSON.stringify(intents)}`));
	return file;
}

function run(t, dir, env) {
	const child = new Child("sh", ["src/tools/run.sh"], { cwd: root, env: { ...process.env, B: build, DATA: path.join(dir, "data"), CONFIG: config(dir), ...env } });
	t.after(async () => {
		child.kill("SIGTERM");
		await child.wait();
		fs.rmSync(dir, { recursive: true, force: true });
	});
	return child;
}

async function ready(child) {
	await until(() => !child.isAlive || child.lines.includes("answerd is ready"), "it is ready");
	assert.ok(child.isAlive, `it ended: ${child.lines}`);
	return {
		port: Number(/127\.0\.0\.1:(\d+)\/demo\//.exec(child.lines)[1]),
		password: /name demo, password (\S+)/.exec(child.lines)[1],
		lead: /name lead, password (\S+)/.exec(child.lines)[1],
	};
}

function login(port, password) {
	return new Promise((resolve, reject) => {
		const request = http.request({ host: "127.0.0.1", port, method: "POST", path: "/api/login", agent: false,
			headers: { "Content-Type": "application/json", Origin: `http://127.0.0.1:${port}` } }, (reply) => {
			reply.resume();
			reply.on("end", () => resolve(reply.statusCode));
		});
		request.on("error", reject);
		request.end(JSON.stringify({ name: "demo", password }));
	});
}

/* The status of the supervisors' figures for who signs in. */
async function report(port, name, password) {
	const origin = `http://127.0.0.1:${port}`;
	const { headers } = await fetch(`${origin}/api/login`, { method: "POST", headers: { Origin: origin }, body: JSON.stringify({ name, password }) });
	const reply = await fetch(`${origin}/api/report`, { headers: { Cookie: headers.get("set-cookie").split(";")[0] } });
	await reply.arrayBuffer();
	return reply.status;
}

/* Processes that name this directory in their arguments. */
function left(dir) {
	return fs.readdirSync("/proc").filter((p) => /^\d+$/.test(p)).filter((p) => {
		try {
			return fs.readFileSync(`/proc/${p}/cmdline`, "utf8").includes(dir);
		} catch {
			return false;
		}
	});
}

test("it says where to look, keeps its password, and Ctrl-C stops all of it and nothing else", async (t) => {
	const dir = tempDir();
	const other = tempDir();
	const one = run(t, dir, { PORT: String(await freePort()) });
	const first = await ready(one);
	assert.equal(await login(first.port, first.password), 200);
	assert.equal(await report(first.port, "demo", first.password), 403);
	assert.equal(await report(first.port, "lead", first.lead), 200, "a supervisor's");
	for (const file of ["console-password", "supervisor-password"])
		assert.equal(fs.statSync(path.join(dir, "data", file)).mode & 0o777, 0o600);
	// A second one beside it.
	const two = run(t, other, { PORT: String(await freePort()) });
	const second = await ready(two);
	assert.notEqual(second.port, first.port);
	assert.equal(await login(second.port, second.password), 200);
	// The same port or the same directory is refused, and disturbs nobody.
	const third = tempDir();
	const used = run(t, third, { PORT: String(first.port) });
	assert.notEqual((await used.ended).code, 0);
	assert.match(used.lines, new RegExp(`127\\.0\\.0\\.1:${first.port}.*in use`, "i"));
	const same = run(t, third, { PORT: String(await freePort()), DATA: path.join(dir, "data") });
	assert.notEqual((await same.ended).code, 0);
	assert.match(same.lines, /already runs/);
	assert.equal(await login(first.port, first.password), 200);

	one.kill("SIGINT");
	assert.equal((await one.wait()).code, 0, one.lines);
	assert.deepEqual(left(path.join(dir, "data")), [], "nothing of it is left");
	assert.equal(await login(second.port, second.password), 200, "the other one goes on");
	// Again: the same password, the same data.
	const again = run(t, dir, { PORT: String(first.port) });
	const then = await ready(again);
	assert.deepEqual([then.password, then.lead], [first.password, first.lead]);
	assert.equal(await login(first.port, first.password), 200);
});

test("a daemon or a Redis that ends by itself ends it, with the reason", async (t) => {
	for (const victim of ["answerd", "redis-server"]) {
		const dir = tempDir();
		const child = run(t, dir, { PORT: String(await freePort()) });
		await ready(child);
		const pid = left(path.join(dir, "data")).find((p) => fs.readFileSync(`/proc/${p}/cmdline`, "utf8").split(/[\0 ]/)[0].endsWith(victim));
		process.kill(Number(pid), "SIGKILL");
		const { code } = await child.wait();
		assert.notEqual(code, 0);
		assert.match(child.lines, new RegExp(`${victim} ended by itself`));
		await until(() => left(path.join(dir, "data")).length === 0, "nothing of it is left");
	}
});

test("a port in use by something that never answers does not keep it waiting", async (t) => {
	const mute = net.createServer().listen(0, "127.0.0.1");
	await new Promise((resolve) => mute.once("listening", resolve));
	t.after(() => mute.close());
	const child = run(t, tempDir(), { PORT: String(mute.address().port) });
	const { code } = await child.wait();
	assert.notEqual(code, 0);
	assert.match(child.lines, new RegExp(`127\\.0\\.0\\.1:${mute.address().port}.*in use`, "i"));
});

test("what keeps it from starting is said, and it ends with an error", async (t) => {
	const dir = tempDir();
	const fails = async (env, why) => {
		const child = run(t, dir, { PORT: String(await freePort()), ...env });
		const { code } = await child.wait();
		assert.ok(code > 0, child.lines);
		assert.match(child.lines, why);
	};
	await fails({ PORT: "many" }, /PORT=many is not a number/);
	await fails({ PORT: "70000" }, /between 1 and 65535/);
	await fails({ DATA: "/proc/nowhere" }, /cannot make the directory \/proc\/nowhere/);
	await fails({ CONFIG: path.join(dir, "none.yaml") }, /none\.yaml is not there/);
	await fails({ B: path.join(dir, "nothing-built") }, /run make first/);
	const bad = path.join(dir, "bad.yaml");
	fs.writeFileSync(bad, "listn: 127.0.0.1:0\n");
	await fails({ CONFIG: bad }, /bad\.yaml:1:1: .*listen/);
	// A Redis that cannot read its own data.
	const aof = path.join(dir, "broken/redis/appendonlydir");
	fs.mkdirSync(aof, { recursive: true });
	fs.writeFileSync(path.join(aof, "appendonly.aof.manifest"), "garbage\n");
	await fails({ DATA: path.join(dir, "broken") }, /redis-server did not start/);
	assert.deepEqual(left(dir), []);
});
