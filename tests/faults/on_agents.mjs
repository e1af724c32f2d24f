// Agents vanish, race for a chat, and write too late.

import { Redis, Stack, sleep, until } from "../blackbox/lib.mjs";
import { Desk } from "../blackbox/wire.mjs";
import { Relay } from "./relay.mjs";
import { LIMITS, each, walk } from "./shop.mjs";

const line = (redis) => redis.cli("ZRANGE", "answerd:queue:{support}", "0", "-1").split("\n").filter(Boolean);
const conversation = (s) => s.conversation;
const names = (list) => list.map((s) => s.conversation).join();

/* The end of each: nothing at odds in Redis. */
async function verdict(stack, f) {
	const odd = await walk(stack.daemon);
	return { sent: f.sent, acked: f.sent, stored: f.sent, lost: 0, doubled: 0, misordered: 0, foreign: 0, stuck: odd.length, ...f, faults: [...f.faults, ...odd] };
}

/* Two agents of whom each has a third of those who wait. One vanishes for
 * good, the other's browser is back within the grace, at another daemon. */
export async function gone(t, how) {
	const graceMs = how.brief ? 8000 : 30000;
	const stack = await Stack.start(t, { settings: { limits: LIMITS, agents: { lease: `${graceMs} ms` } } });
	const other = await stack.another();
	const faults = [];
	const gone = await stack.desk("gone");
	const keeper = await stack.desk("keeper", { daemon: other });
	const shoppers = [];
	for (let i = 0; i < (how.brief ? 6 : 30); i++)
		shoppers.push(await stack.waiting("where is my refund", { daemon: i % 2 ? other : stack.daemon }));
	const third = shoppers.length / 3;
	const [lost, kept, rest] = [0, 1, 2].map((i) => shoppers.slice(i * third, (i + 1) * third));
	const order = line(stack.redis).join();
	if (order !== names(shoppers))
		faults.push("the line is not in the order of asking");
	for (const [desk, list] of [[gone, lost], [keeper, kept]])
		for (const s of list) {
			await desk.take(s.conversation);
			await s.state("assigned");
			s.at = s.mark;
		}
	/* A password takes its time: who comes back has signed in before. */
	const { cookie } = await stack.daemon.login("keeper", stack.agents.get("keeper").password);
	const from = performance.now();
	gone.drop();
	keeper.drop();
	await sleep(graceMs / 4);
	const again = stack.keep(await Desk.connect(stack.daemon, { cookie }));
	const mine = again.welcome.mine.map(conversation).sort().join();
	if (mine !== kept.map(conversation).sort().join())
		faults.push(`who came back in time has ${again.welcome.mine.length} of ${kept.length} chats`);
	const back = await Promise.all(lost.map(async (s) => {
		await s.state("queued", { from: s.at, ms: graceMs + 60000 });
		return performance.now() - from;
	}));
	const told = await Promise.all(lost.map((s) => s.expect("waiting", { from: s.at }).then((f) => f.position, () => 0)));
	if (told.some((position) => !position))
		faults.push(`not told their place in line: ${told}`);
	if (line(stack.redis).join() !== names([...lost, ...rest]))
		faults.push("not at their old places in line");
	if (Math.min(...back) < graceMs * 0.6)
		faults.push(`taken back after ${Math.min(...back)} ms`);
	/* Longer than lease and reaping: the keeper's stay where they are. */
	await sleep(graceMs / 2 + 2000);
	for (const s of kept) {
		if (s.frames.slice(s.at).some((f) => f.type === "state"))
			faults.push(`${s.conversation} did not stay with who came back`);
		await again.say(s.conversation, "Here I am again.").stored;
		await s.expect((f) => f.from === "agent" && f.text === "Here I am again.");
	}
	/* Who takes the next one gets those who waited longest. */
	const next = await stack.desk("next", { daemon: other });
	for (const s of [...lost, ...rest]) {
		const { conversation: got } = await next.claim().done;
		if (got !== s.conversation)
			faults.push("the next in line was another one");
		await next.open(got);
		await next.say(got, "Sorry for the wait.").stored;
		await next.ask({ type: "resolve", conversation: got, outcome: next.welcome.outcomes[0] }).done;
	}
	for (const s of kept)
		await again.ask({ type: "resolve", conversation: s.conversation, outcome: next.welcome.outcomes[0] }).done;
	await until(() => shoppers.every((s) => s.of("state").at(-1)?.state === "closed"), "all are served");
	return verdict(stack, { sent: shoppers.length * 2 + shoppers.length, faults, back_in_line_s: `${(Math.min(...back) / 1000).toFixed(1)}-${(Math.max(...back) / 1000).toFixed(1)}` });
}

/* Two agents at two daemons, the same chat, at once, again and again. */
export async function race(t, how) {
	const stack = await Stack.start(t, { settings: { limits: LIMITS, conversation: { agent_reply: "1 h" } } });
	const other = await stack.another();
	const rounds = how.brief ? 8 : 50;
	const shoppers = await Promise.all(Array.from({ length: how.brief ? 10 : 20 }, (x, i) => stack.waiting("where is my refund", { daemon: i % 2 ? other : stack.daemon })));
	/* Several pairs: there is a rate for what one connection may ask. */
	const pairs = [];
	for (let i = 0; i < (how.brief ? 1 : 10); i++)
		pairs.push([await stack.desk(`maria${i}`), await stack.desk(`paul${i}`, { daemon: other })]);
	const faults = [];
	const wins = [0, 0];
	let doubly = 0, none = 0;
	await each(shoppers, 10, async (s) => {
		const desks = pairs[shoppers.indexOf(s) % pairs.length];
		for (let i = 0; i < rounds; i++) {
			const claims = desks.map((d) => d.claim(s.conversation));
			const got = await Promise.all(claims.map((c) => c.any));
			const won = got.findIndex((f) => f.type === "done");
			doubly += got.every((f) => f.type === "done") ? 1 : 0;
			none += won < 0 ? 1 : 0;
			if (won < 0)
				faults.push(`nobody got it: ${JSON.stringify(got)}`);
			if (got.filter((f) => f.type === "done").length !== 1)
				return; /* whose is it to give back? */
			wins[won]++;
			const loser = got[1 - won];
			if (loser.type !== "error" || !["taken", "not_now"].includes(loser.code))
				faults.push(`the other heard ${JSON.stringify(loser)}`);
			await desks[won].ask({ type: "release", conversation: s.conversation }).done;
		}
	});
	const reader = await stack.desk("reader");
	let assigned = 0;
	for (const s of shoppers) {
		const states = (await reader.open(s.conversation, 0)).filter((e) => e.type === "state").map((e) => e.state);
		await reader.ask({ type: "close", conversation: s.conversation }).done;
		assigned += states.filter((x) => x === "assigned").length;
		if (states.some((x, i) => x === "assigned" && states[i + 1] !== "queued"))
			faults.push(`${s.conversation}: ${states.join(" ")}`);
	}
	const asked = shoppers.length * rounds;
	if (assigned !== asked)
		faults.push(`${asked} times taken, ${assigned} times in the logs`);
	const f = await verdict(stack, { sent: asked, doubled: doubly, faults, won: wins.join("/"), by_none: none });
	return { ...f, stuck: f.stuck + none, faults: doubly ? [...f.faults, `${doubly} times taken by both`] : f.faults };
}

/* The daemon of the first owner is cut off from Redis until another agent has
 * the chat. What the first one wrote meanwhile is refused, and said to be. */
export async function late(t, how) {
	const redis = await Redis.start({ tcp: true });
	t.after(() => redis.fini());
	const relay = await Relay.start(redis.port);
	t.after(() => relay.fini());
	const stack = await Stack.start(t, { redis, first: { redis: { url: `redis://127.0.0.1:${relay.port}/0` } }, settings: { limits: LIMITS, agents: { lease: "5 s" } } });
	const other = await stack.another();
	const faults = [];
	let refused = 0, foreign = 0;
	const shoppers = await Promise.all(Array.from({ length: how.brief ? 5 : 20 }, () => stack.waiting("where is my refund", { daemon: other })));
	stack.addAgent("first", { daemon: other });
	const first = await stack.desk("first");
	for (const s of shoppers) {
		await first.take(s.conversation);
		await s.state("assigned");
		s.at = s.mark;
	}
	relay.cut();
	const early = shoppers.map((s) => first.say(s.conversation, "written before it was lost"));
	await Promise.all(shoppers.map((s) => s.state("queued", { from: s.at })));
	const second = await stack.desk("second", { daemon: other });
	for (const s of shoppers) {
		await second.take(s.conversation);
		await second.say(s.conversation, "I have taken over.").stored;
	}
	const after = shoppers.map((s) => first.say(s.conversation, "written after it was lost"));
	relay.mend();
	for (const said of [...early, ...after]) {
		const f = await first.expect((g) => g.id === said.id && ["stored", "error"].includes(g.type), { what: "what became of a late word" });
		refused += f.type === "error" ? 1 : 0;
		if (f.type !== "error" || f.code !== "not_yours")
			faults.push(`a late word: ${JSON.stringify(f)}`);
	}
	for (const s of shoppers) {
		await second.say(s.conversation, "Anything else?").stored;
		const log = await second.open(s.conversation, 0);
		foreign += log.filter((e) => /was lost/.test(e.text ?? "")).length;
		if (s.frames.some((f) => /was lost/.test(f.text ?? "")))
			faults.push("the shopper was shown a late word");
	}
	if (foreign)
		faults.push(`${foreign} late words in the logs`);
	return verdict(stack, { sent: early.length + after.length, stored: 0, foreign, faults, refused });
}
