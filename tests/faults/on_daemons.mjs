// Daemons die, restart in turn, share the work; rules are loaded again.

import fs from "node:fs";
import { intents, sleep } from "../blackbox/lib.mjs";
import { open } from "./scale.mjs";

/* A limit that only a machine of one's own can be held to. */
function within(shop, how, figures, ms) {
	if (!how.brief && figures.reconnect_p99_ms >= ms)
		figures.faults.push(`reconnect p99 is ${figures.reconnect_p99_ms} ms`);
	return figures;
}

/* Who is back is shown chats for a moment that they have just closed. */
const mayRefuse = ["not_now"];

export async function killed(t, how) {
	const shop = await open(t, how);
	shop.load();
	await sleep(1000);
	for (let i = 0; i < (how.brief ? 4 : 20); i++) {
		const next = sleep(how.brief ? 1500 : 3000);
		await shop.kill(i % shop.stack.daemons.length);
		await next;
	}
	return within(shop, how, await shop.finish({ mayRefuse }), 4000);
}

/* SIGTERM to one after the other; whoever hears 1012 is back elsewhere. */
export async function rolling(t, how) {
	const shop = await open(t, how);
	shop.load();
	await sleep(1000);
	for (let i = 0; i < (how.brief ? 1 : 3) * shop.stack.daemons.length; i++) {
		const at = i % shop.stack.daemons.length;
		shop.stack.daemons[at].isLeaving = true;
		await shop.kill(at, { signal: "SIGTERM" });
		await sleep(1500);
	}
	const f = await shop.finish({ mayRefuse });
	const closes = shop.people.map((p) => p.closes);
	const told = closes.reduce((n, c) => n + (c[1012] ?? 0), 0);
	const all = closes.reduce((n, c) => n + Object.values(c).reduce((a, b) => a + b, 0), 0);
	if (told === 0)
		f.faults.push("nobody was closed with 1012");
	if (!how.brief && all > told + all * 0.01)
		f.faults.push(`${all - told} of ${all} connections ended otherwise than with 1012: ${JSON.stringify(closes.find((c) => Object.keys(c).some((k) => k !== "1012")))}`);
	return within(shop, how, Object.assign(f, { closed_1012: told }), 4000);
}

/* All shoppers at one daemon, all agents at the second; the third has whoever
 * looks: finish() reads there as shopper and as agent. */
export async function three(t, how) {
	const shop = await open(t, how, { size: { daemons: 3 }, places: { shoppers: [0], agents: [1] } });
	shop.load();
	await sleep(how.brief ? 4000 : 20000);
	const { stack } = shop;
	stack.daemon = stack.daemons[2];
	const f = await shop.finish();
	const heard = shop.agents.reduce((n, a) => n + a.sent.length, 0);
	if (heard === 0)
		f.faults.push("no agent wrote");
	const [shoppers, agents] = await Promise.all([0, 1].map(async (i) => (await stack.daemons[i].metrics())));
	if (shoppers.answerd_agents_connected !== 0 || agents.answerd_agents_connected !== shop.agents.length || agents.answerd_websockets !== shop.agents.length)
		f.faults.push("they are not where they should be");
	return Object.assign(f, { agents_wrote: heard });
}

export async function rulesReloaded(t, how) {
	const dir = fs.mkdtempSync("/tmp/answerd-rules-");
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.cpSync(intents, dir, { recursive: true });
	const shop = await open(t, how, { settings: { intents: dir } });
	shop.load();
	await sleep(500);
	for (let i = 0; i < (how.brief ? 20 : 100); i++) {
		fs.writeFileSync(`${dir}/extra.yaml`, i % 2 ? "intents: [\n" : "\n");
		for (const d of shop.stack.daemons)
			d.child.kill("SIGHUP");
		await sleep(how.brief ? 150 : 250);
	}
	const dropped = shop.people.reduce((n, p) => n + Object.values(p.closes).reduce((a, b) => a + b, 0), 0);
	const f = await shop.finish();
	if (dropped > 0)
		f.faults.push(`${dropped} connections dropped`);
	const bad = shop.stack.daemons.filter((d) => !/extra\.yaml/.test(d.log));
	if (bad.length)
		f.faults.push(`${bad.length} daemons did not name the broken file`);
	return f;
}

