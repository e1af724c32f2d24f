// Full disks, for real where a small file system can be mounted; spools that
// somebody has cut off or scribbled into.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { Redis, Stack, sleep, tempDir, until } from "../blackbox/lib.mjs";
import { open } from "./scale.mjs";
import { diceOf } from "./people.mjs";

/* A file system of its own, or undefined: mounting takes root. */
function smallDisk(t, megabytes) {
	const dir = tempDir();
	const run = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "answerd-faults", dir], { encoding: "utf8" });
	t.after(() => {
		if (run.status === 0)
			spawnSync("umount", ["-l", dir]);
		fs.rmSync(dir, { recursive: true, force: true });
	});
	return run.status === 0 ? dir : undefined;
}

/* Until nothing goes in any more. */
function fill(dir) {
	const fd = fs.openSync(path.join(dir, "filler"), "a");
	for (const size of [65536, 4096, 512])
		for (;;)
			try {
				fs.writeSync(fd, Buffer.alloc(size));
			} catch (e) {
				if (e.code !== "ENOSPC")
					throw e;
				break;
			}
	fs.closeSync(fd);
}

const empty = (dir) => fs.rmSync(path.join(dir, "filler"));
const SKIPPED = { skipped: "mounting a small file system takes root", faults: [] };

/* The first daemon's spool: chats go on, and with room again it is taken up. */
export async function spoolFull(t, how) {
	const disk = smallDisk(t, 16);
	if (!disk)
		return SKIPPED;
	const shop = await open(t, how, { of: (i) => (i === 0 ? { state_dir: disk } : {}) });
	shop.load();
	await sleep(1500);
	const metric = async (name) => (await shop.stack.daemon.metrics())[`answerd_${name}`];
	const from = performance.now();
	fill(disk);
	await until(async () => await metric("spool_failing") === 1, "the daemon says that its disk is full");
	await sleep(how.brief ? 1500 : 10000);
	const w = await shop.windowHeard(from);
	if (w.acked < w.written || w.answered === 0)
		shop.faults.push(`meanwhile ${w.written} written, ${w.acked} acked, ${w.answered} answered`);
	empty(disk);
	await until(async () => await metric("spool_failing") === 0, "the spool is taken up again");
	await sleep(1000);
	return shop.finish();
}

/* Redis' append-only file: MISCONF, until there is room. */
export async function redisFull(t, how) {
	const disk = smallDisk(t, 24);
	if (!disk)
		return SKIPPED;
	const redis = await Redis.start({ dir: disk });
	t.after(() => redis.fini());
	const shop = await open(t, how, { redis });
	shop.load();
	await sleep(1500);
	fill(disk);
	await until(() => /MISCONF/.test(redis.cli("SET", "probe", "1")), "Redis refuses to write");
	await sleep(how.brief ? 2000 : 10000);
	empty(disk);
	await until(() => redis.cli("SET", "probe", "1") === "OK", "Redis writes again");
	await sleep(1000);
	return shop.finish();
}

const PAGE = 4096;

/* Some bits of one page of the spool or its log are turned, or one of them is
 * cut off at a page. Gives what was done; undefined where there was nothing. */
function harm(dir, dice) {
	const files = ["spool.db", "spool.db-wal"].map((f) => path.join(dir, f)).filter((f) => fs.existsSync(f) && fs.statSync(f).size > 0);
	if (!files.length)
		return undefined;
	const file = files[Math.floor(dice() * files.length)];
	const pages = Math.ceil(fs.statSync(file).size / PAGE);
	const at = Math.floor(dice() * pages) * PAGE;
	if (dice() < 0.4) {
		fs.truncateSync(file, at);
		return `${path.basename(file)} cut off at page ${at / PAGE} of ${pages}`;
	}
	const fd = fs.openSync(file, "r+");
	const page = Buffer.alloc(PAGE);
	const n = fs.readSync(fd, page, 0, PAGE, at);
	for (let i = 0; i < 8; i++)
		page[Math.floor(dice() * n)] ^= 1 << Math.floor(dice() * 8);
	fs.writeSync(fd, page, 0, n, at);
	fs.closeSync(fd);
	return `8 bits of page ${at / PAGE} of ${pages} of ${path.basename(file)} turned`;
}

/* A daemon dies under load and its spool is harmed before it is back. Redis has
 * what was called stored, the shoppers have the rest: nothing may be missing. */
export async function spoolHarmed(t, how) {
	const shop = await open(t, how);
	const dice = diceOf(how.seed);
	const done = [];
	shop.load();
	await sleep(1000);
	for (let i = 0; i < (how.brief ? 4 : 30); i++) {
		await shop.kill(i % shop.stack.daemons.length, { damage: (dir) => done.push(harm(dir, dice)) });
		await sleep(how.brief ? 700 : 1000);
	}
	const logs = shop.stack.daemons.map((d) => d.log).join("");
	const f = await shop.finish({ mayRefuse: ["not_now"] }); /* as where a daemon is killed */
	if (!done.some(Boolean))
		f.faults.push("there was nothing to harm");
	return Object.assign(f, { harmed: done.filter(Boolean).length, said: (logs.match(/spool/gi) ?? []).length });
}

/* The same where Redis was away and its shoppers have left: the spool alone has
 * what they wrote. It starts, keeps what is whole and says what is not. */
export async function spoolAloneHarmed(t, how) {
	const f = { sent: 0, stored: 0, faults: [] };
	let kept = 0, told = 0, rounds = 0;
	const dice = diceOf(how.seed);
	for (let i = 0; i < (how.brief ? 3 : 20); i++) {
		const jobs = [];
		try {
			const one = await aloneOnce({ after: (job) => jobs.unshift(job) }, dice, f.faults);
			rounds += one.what ? 1 : 0;
			f.sent += one.sent;
			kept += one.kept;
			told += one.told ? 1 : 0;
			/* A log whose end is cut off is one that ended there. */
			if (one.kept < one.sent && !one.told && !/wal cut off/.test(one.what))
				f.faults.push(`${one.what}: ${one.sent - one.kept} of ${one.sent} are gone and nobody says so\n${one.log}`);
		} finally {
			for (const job of jobs)
				await job();
		}
	}
	return { ...f, acked: f.sent, stored: kept, lost: 0, doubled: 0, misordered: 0, foreign: 0, stuck: 0, harmed: rounds, said: told };
}

async function aloneOnce(t, dice, faults) {
	const stack = await Stack.start(t);
	const shoppers = await Promise.all(Array.from({ length: 10 }, () => stack.shopper()));
	await Promise.all(shoppers.map((s) => s.say("what does delivery cost")));
	await stack.redis.kill9();
	await until(async () => (await stack.daemon.get("/readyz")).status !== 200, "Redis is missed");
	const ids = [];
	for (let i = 0; i < 10; i++)
		for (const s of shoppers) {
			const m = s.message("how can I pay");
			await m.ack;
			ids.push(m.id);
		}
	await stack.daemon.spooled();
	for (const s of shoppers)
		await s.drop();
	await stack.daemon.kill9();
	const what = harm(stack.stateDir(0), dice);
	await stack.redis.up();
	stack.daemons.length = 0;
	const fresh = await stack.another({ state: 0 });
	stack.daemon = fresh;
	await until(async () => (await fresh.metrics()).answerd_spool_waiting_rows === 0, "all that it has is stored");
	const there = new Set();
	for (const key of stack.redis.cli("KEYS", "answerd:conv:*:log").split("\n").filter(Boolean)) {
		const list = JSON.parse(stack.redis.cli("--json", "XRANGE", key, "-", "+")).map(([seq, fields]) => ({ seq: parseInt(seq, 10), id: fields[fields.indexOf("id") + 1] }));
		list.forEach((e, i) => {
			there.add(e.id);
			if (e.seq !== i + 1)
				faults.push(`${what}: ${key} has a gap at ${i + 1}`);
		});
	}
	const said = fresh.log.split("\n").filter((l) => /spool/.test(l) && /(warn|error)/.test(l));
	return { what, sent: ids.length, kept: ids.filter((id) => there.has(id)).length, told: said.length > 0, log: fresh.log.slice(0, 1500) };
}
