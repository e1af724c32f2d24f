// Clocks that jump by an hour and a day, forward and back, while all of them
// talk: of one daemon, then of all. libfaketime changes what the wall clock
// says; what counts time since the start goes on, as on a machine whose clock
// was set. Then of Redis (tests/programs/clock.c), which decides how long a
// lease is, and when a sign-in ends.

import fs from "node:fs";
import path from "node:path";
import { Redis, build, sleep, tempDir, until } from "../blackbox/lib.mjs";
import { open } from "./scale.mjs";

const LIBRARY = "faketime/libfaketime.so.1";

function library() {
	for (const dir of fs.readdirSync("/usr/lib"))
		if (fs.existsSync(path.join("/usr/lib", dir, LIBRARY)))
			return path.join("/usr/lib", dir, LIBRARY);
	return undefined;
}

/* The wall clock of each daemon is a file with how far it is off. */
function clocks(t) {
	const preload = library();
	if (!preload)
		throw new Error("libfaketime is missing: make setup");
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const file = (i) => path.join(dir, `clock${i}`);
	const set = (i, to) => fs.writeFileSync(file(i), `${to}\n`);
	return {
		set,
		env: (i) => {
			set(i, "+0");
			return { LD_PRELOAD: preload, FAKETIME_TIMESTAMP_FILE: file(i), FAKETIME_NO_CACHE: "1", DONT_FAKE_MONOTONIC: "1" };
		},
	};
}

const closes = (shop) => shop.people.reduce((n, p) => n + Object.values(p.closes).reduce((a, b) => a + b, 0), 0);

/* What a chat's patience ended, which is a matter of minutes. */
function early(shop) {
	const ended = shop.stack.daemons.map((d) => d.log).join("").match(/state=\S+ .*reason=(idle|agent_silent)/g) ?? [];
	return ended.length ? [`${ended.length} chats ended before their time, as ${ended[0]}`] : [];
}

export async function jumps(t, how) {
	const clock = clocks(t);
	const shop = await open(t, how, { env: clock.env });
	const { daemons } = shop.stack;
	shop.load();
	await sleep(how.brief ? 2000 : 5000);
	const all = daemons.map((d, i) => i);
	const ahead = () => Math.max(...shop.people.map((p) => p.aheadMs ?? 0)) / 1000;
	for (const [which, to] of [[[0], "+3600"], [[0], "+86400"], [[0], "+0"], [all, "+3600"], [all, "+86400"], [all, "-3600"], [all, "+0"]]) {
		for (const i of which)
			clock.set(i, to);
		await sleep(how.brief ? 1500 : 6000);
		if (which === all && to === "+86400")
			await until(() => ahead() > 86000, "an ack says so").catch(() => shop.faults.push(`the fault did not take: the clock was ${ahead()} s ahead`));
	}
	const closed = closes(shop);
	const f = await shop.finish();
	const taken = shop.agents.reduce((n, a) => n + a.taken, 0);
	f.faults.push(...early(shop));
	if (closed)
		f.faults.push(`${closed} connections were closed`);
	if (taken)
		f.faults.push(`agents who were there lost ${taken} chats`);
	return f;
}

/* A lease that Redis has seen run out is over: agents may lose chats, and get
 * others. All else holds. */
export async function redisJumps(t, how) {
	const dir = tempDir();
	const file = path.join(dir, "clock");
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const offset = Buffer.alloc(8);
	const set = (seconds) => {
		offset.writeBigInt64LE(BigInt(seconds));
		fs.writeFileSync(file, offset, { flag: fs.existsSync(file) ? "r+" : "w" });
	};
	set(0);
	const redis = await Redis.start({ env: { LD_PRELOAD: path.join(build, "tests", "clock.so"), CLOCK_FILE: file } });
	t.after(() => redis.fini());
	const shop = await open(t, how, { redis });
	shop.load();
	await sleep(how.brief ? 2000 : 5000);
	for (const to of [3600, 86400, -3600, 0]) {
		set(to);
		await sleep(how.brief ? 1500 : 6000);
		const ahead = Number(redis.cli("TIME").split("\n")[0]) - Date.now() / 1000;
		if (Math.abs(ahead - to) > 10)
			shop.faults.push(`the fault did not take: the clock was ${ahead} s ahead, not ${to}`);
	}
	const closed = closes(shop);
	const f = await shop.finish({ mayRefuse: ["not_now", "not_yours"] });
	f.faults.push(...early(shop));
	if (closed)
		f.faults.push(`${closed} connections were closed`);
	return Object.assign(f, { chats_taken: shop.agents.reduce((n, a) => n + a.taken, 0) });
}
