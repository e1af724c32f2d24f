// A primary that dies, or that nobody but its clients can reach any more. A
// client that believes Redis's OK writes beside the shop: what it loses is the
// measure of the fault.

import { sleep, until } from "../blackbox/lib.mjs";
import { RedisSet } from "./redis_set.mjs";
import { Bare } from "./resp.mjs";
import { open } from "./scale.mjs";

async function begin(t, how) {
	const set = await RedisSet.start(t);
	const shop = await open(t, how, { redis: set });
	const bare = new Bare(() => set.whereBare());
	t.after(() => {
		bare.isOver = true;
	});
	shop.load();
	await sleep(how.brief ? 1500 : 5000);
	return { set, shop, bare };
}

function primaryOf(set) {
	return until(async () => {
		const p = await set.primary();
		return await set.isPrimary(p) && p;
	}, "there is one primary");
}

/* What the spools hold is in the log of a primary that was called just now. */
async function caughtUp(shop) {
	await sleep(3000); /* until the daemons have heard of it */
	for (const daemon of shop.stack.daemons)
		await until(async () => (await daemon.get("/readyz")).status === 200 &&
			(await daemon.metrics()).answerd_spool_waiting_rows === 0, "the spool is replayed", 30000);
}

async function finish({ set, shop, bare }, mayRefuse = []) {
	const primary = await primaryOf(set);
	const beside = await bare.fini({ must: (...args) => primary.call(...args) });
	/* On a machine that stands still the Sentinels may have called another one
	 * since: what follows it may be behind. */
	const place = async () => {
		const p = await primaryOf(set);
		if (p !== primary)
			await caughtUp(shop);
		return { path: p.socket };
	};
	const f = await shop.finish({ place, mayRefuse });
	return Object.assign(f, { bare_acked: beside.acked, bare_lost: beside.lost });
}

/* `times` in a row; the one that died comes back as a replica. */
export async function failover(t, how) {
	const all = await begin(t, how);
	const { set } = all;
	for (let i = 0; i < (how.brief ? 1 : 2); i++) {
		const old = await set.primary();
		await old.kill9();
		await until(async () => {
			const p = await set.primary();
			return p !== old && set.isPrimary(p);
		}, "another primary");
		await sleep(how.brief ? 1500 : 5000);
		if (how.brief)
			break;
		await set.rejoin(old);
		await sleep(6000); /* the Sentinels fail over once in 4 s */
	}
	return finish(all);
}

/* The primary and its clients on one side, replicas and Sentinels on the
 * other: one of those becomes the primary, and all that this one has taken
 * meanwhile is gone when the cable is whole again. */
export async function cutOff(t, how) {
	const all = await begin(t, how);
	const { set, shop } = all;
	const old = await set.primary();
	set.cutFromOutside();
	await until(async () => {
		const p = await set.primary();
		return p !== old && set.isPrimary(p);
	}, "another primary on the other side");
	await sleep(how.brief ? 1000 : 7000);
	const stored = shop.people.flatMap((p) => p.sent).filter((m) => m.stored).length;
	set.mend();
	await until(async () => await set.isPrimary(old) === false, "the old one follows", 60000);
	await sleep(3000);
	/* A chat that was taken on the lost side can be taken by another agent until
	 * its daemon's spool says so; what the first one writes then is refused. */
	const f = await finish(all, ["not_yours"]);
	if (f.bare_lost === 0)
		f.faults.push("the fault did not take: a bare client has lost nothing");
	return Object.assign(f, { stored_before_mended: stored });
}
