// Who oversees takes a chat from the bot: it stands in no line, so the log
// alone says who was first, and the queue follows it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, sleep, until } from "./lib.mjs";
import { newId } from "./wire.mjs";

const SUPERVISOR = { args: ["--role", "supervisor"] };

/* A shopper who talks with the bot. */
async function talking(stack, options) {
	const s = await stack.shopper(options);
	await s.say("where is my order 12345678");
	return s;
}

function isSound(stack) {
	const check = answerctl(["check"], { daemon: stack.daemon });
	assert.equal(check.status, 0, check.stdout + check.stderr);
}

test("who oversees takes a chat from the bot, at another daemon; the shopper is told, the bot is silent, and it is theirs as any other", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "3 s" } } });
	const other = await stack.another();
	const s = await talking(stack);
	const { conversation } = s;
	const maria = await stack.desk("maria");
	const paula = await stack.desk("paula", { daemon: other, ...SUPERVISOR });
	const petra = await stack.desk("petra", SUPERVISOR);
	assert.match((await maria.claim(conversation).error).message, /waits for nobody/, "for who oversees alone");
	assert.match((await paula.ask({ type: "claim", conversation, queue: "support" }).error).message, /waits for nobody/, "in no queue");
	const claim = { type: "claim", conversation, id: newId("x") };
	assert.equal((await paula.ask(claim).done).conversation, conversation);
	assert.equal((await s.state("assigned")).agent, "paula");
	await s.expect((f) => f.type === "message" && f.from === "system" && f.text === "paula is with you now.");
	await paula.open(conversation);
	await paula.say(conversation, "a person").stored;
	await s.expect((f) => f.type === "message" && f.text === "a person");
	const from = s.mark;
	await s.message("what are your opening hours?").stored;
	assert.equal((await petra.claim(conversation).error).code, "taken");
	assert.equal((await paula.ask(claim).done).conversation, conversation, "the same again");
	/* For longer than a lease, and in the list of who comes back. */
	await sleep(5000);
	assert.deepEqual(s.frames.slice(from).filter((f) => f.type === "message" && f.from === "bot"), []);
	const again = await stack.desk("paula", { daemon: other });
	const item = again.welcome.mine.find((i) => i.conversation === conversation);
	assert.equal(item?.reason, "taken_over");
	assert.ok(item.waited_s < 600, `waits for ${item.waited_s} s`);
	isSound(stack);
	again.drop();
	paula.drop();
	await s.state("queued", { from });
	await maria.seesWaiting(conversation);
	await maria.take(conversation);
	await maria.ask({ type: "resolve", conversation, outcome: "solved" }).done;
	assert.match((await petra.claim(conversation).error).message, /waits for nobody/);
	isSound(stack);
	const report = JSON.parse(answerctl(["report", "--json"], { daemon: stack.daemon }).stdout);
	assert.equal(JSON.stringify(report).includes("taken_over"), true, JSON.stringify(report));
});

test("of two who take a chat from the bot at the same moment, at two daemons, one has it", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const paula = await stack.desk("paula", SUPERVISOR);
	const petra = await stack.desk("petra", { daemon: other, ...SUPERVISOR });
	const won = { paula: 0, petra: 0 };
	for (let i = 0; i < 40; i++) {
		const s = await talking(stack, { daemon: i % 2 ? other : stack.daemon });
		const { conversation } = s;
		const asks = [paula, petra];
		const [a, b] = i % 2 ? asks.map((d) => d.claim(conversation)) : asks.reverse().map((d) => d.claim(conversation)).reverse();
		const outcomes = [await a.any, await b.any];
		assert.deepEqual(outcomes.map((f) => f.code ?? f.type).sort(), ["done", "taken"], JSON.stringify(outcomes));
		const winner = outcomes[0].type === "done" ? "paula" : "petra";
		won[winner]++;
		assert.equal((await s.state("assigned")).agent, winner);
		await (winner === "paula" ? paula : petra).say(conversation, "mine").stored;
		assert.equal((await (winner === "paula" ? petra : paula).say(conversation, "not mine").error).code, "not_yours");
		assert.equal(s.of("state").length, 1);
		await s.fini();
	}
	t.diagnostic(`paula ${won.paula}, petra ${won.petra}`);
	isSound(stack);
});

test("a chat that is taken from the bot while it is handed over, claimed or left has one owner, or nobody", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const paula = await stack.desk("paula", { daemon: other, ...SUPERVISOR });
	const maria = await stack.desk("maria");
	const seen = {};
	for (let i = 0; i < 90; i++) {
		const s = await talking(stack);
		const { conversation } = s;
		/* A complaint goes to a queue of its own. */
		const deeds = [() => s.human(), () => s.message("this is a scandal, I want to complain about your service"), () => s.leave()];
		const later = async (ms, job) => (ms > 0 && await sleep(ms), job());
		const [deed, taken, claimed] = await Promise.all([
			later(i % 4, deeds[i % 3]),
			later(i % 5, () => paula.claim(conversation).any),
			i % 3 === 2 ? null : later(i % 7, () => maria.claim(conversation).any),
		]);
		await deed.stored;
		const got = [taken, claimed].filter((f) => f?.type === "done");
		const what = `${i % 3}: ${taken.code ?? taken.type} ${claimed?.code ?? claimed?.type}`;
		seen[what] = (seen[what] ?? 0) + 1;
		if (i % 3 < 2) {
			assert.equal(got.length, 1, JSON.stringify([taken, claimed]));
			const owner = taken.type === "done" ? paula : maria;
			await owner.say(conversation, "mine").stored;
			await owner.ask({ type: "resolve", conversation, outcome: "solved" }).done;
		}
		await s.state("closed");
		await s.fini();
	}
	t.diagnostic(JSON.stringify(seen));
	await sleep(1000);
	isSound(stack);
});

test("a chat that was taken from the bot by a daemon that died before it told the queue is claimed again when its agent opens it", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await talking(stack);
	const { conversation } = s;
	const paula = await stack.desk("paula", SUPERVISOR);
	await paula.claim(conversation).done;
	await s.state("assigned");
	paula.drop();
	/* As it would be. */
	const queue = (what) => `answerd:queue:{support}${what}`;
	await until(() => stack.redis.cli("ZSCORE", queue(":claimed"), conversation) !== "", "the claim");
	stack.redis.cli("ZREM", queue(":claimed"), conversation);
	stack.redis.cli("HDEL", queue(":info"), conversation);
	assert.notEqual(answerctl(["check"], { daemon: stack.daemon }).status, 0);
	const again = await stack.desk("paula", { daemon: other });
	await again.open(conversation);
	await until(() => answerctl(["check"], { daemon: other }).status === 0, "the queue follows");
	await again.expect((f) => f.type === "assigned" && f.item.conversation === conversation);
	await again.say(conversation, "still mine").stored;
});
