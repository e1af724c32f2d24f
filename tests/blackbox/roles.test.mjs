// What an agent may not do and a supervisor may: looking into conversations of
// queues that one does not serve, and what is for overseers alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, until } from "./lib.mjs";

const TWO = { settings: { agents: { queues: ["support", "vip"] } } };

test("a conversation of a queue that one does not serve is neither opened nor noted in, here and on another daemon", async (t) => {
	const stack = await Stack.start(t, TWO);
	const other = await stack.another();
	const shopper = await stack.waiting();
	const { conversation } = shopper.welcome;
	for (const daemon of [stack.daemon, other]) {
		const otto = await stack.desk("otto", { args: ["--queue", "vip"], daemon });
		const opened = await otto.ask({ type: "open", conversation }).error;
		assert.equal(opened.code, "not_yours");
		assert.match(opened.message, /queue/);
		const noted = await otto.ask({ type: "note", conversation, text: "I was here" }).error;
		assert.equal(noted.code, "not_yours");
		assert.deepEqual(otto.log(conversation), []);
	}
	const maria = await stack.desk("maria", { args: ["--queue", "support"], daemon: other });
	const log = await maria.open(conversation);
	assert.equal(log.some((e) => e.type === "note"), false, "nothing was left in it");
	await maria.ask({ type: "note", conversation, text: "mine to note in" }).stored;
	assert.equal((await maria.ask({ type: "open", conversation: "no-such-conversation" }).error).code, "no_such_conversation");
});

test("what is with the bot is open to every agent", async (t) => {
	const stack = await Stack.start(t, TWO);
	const otto = await stack.desk("otto", { args: ["--queue", "vip"] });
	const shopper = await stack.shopper();
	await shopper.say("how can I pay?");
	const log = await otto.open(shopper.welcome.conversation);
	assert.equal(log[0].text, "how can I pay?");
});

test("who serves all queues serves as many as the configuration may name", async (t) => {
	const many = (name) => Array.from({ length: 63 }, (_, i) => `${name}${i}`);
	const queues = [...many("q"), "support"], outcomes = [...many("o"), "solved"];
	const stack = await Stack.start(t, { settings: { agents: { queues, outcomes } } });
	const maria = await stack.desk("maria");
	assert.deepEqual(maria.welcome.agent.queues, queues);
	assert.deepEqual(maria.welcome.outcomes, outcomes);
	const named = await stack.desk("paul", { args: [...queues.flatMap((q) => ["--queue", q]), "--role", "supervisor"] });
	assert.deepEqual(named.welcome.agent.queues, queues);
	const shopper = await stack.waiting();
	assert.equal((await maria.claim().done).conversation, shopper.welcome.conversation);
});

test("a supervisor looks into every queue, and takes by name out of any", async (t) => {
	const stack = await Stack.start(t, TWO);
	const sue = await stack.desk("sue", { args: ["--queue", "vip", "--role", "supervisor"] });
	const shopper = await stack.waiting();
	const { conversation } = shopper.welcome;
	const log = await sue.open(conversation);
	assert.ok(log.some((e) => e.type === "state" && e.state === "queued"));
	assert.equal((await sue.claim().error).code, "not_now", "the next is of one's own queues");
	assert.equal((await sue.claim(conversation).done).conversation, conversation);
	await shopper.state("assigned");
});

test("who gives a chat to a queue that they do not serve sees it go, and no more of it", async (t) => {
	const stack = await Stack.start(t, TWO);
	const maria = await stack.desk("maria", { args: ["--queue", "support"] });
	const shopper = await stack.waiting();
	const { conversation } = shopper.welcome;
	await maria.take(conversation);
	await maria.ask({ type: "transfer", conversation, queue: "vip" }).done;
	await maria.event(conversation, (e) => e.type === "state" && e.state === "queued" && e.reason === "transferred");
	const said = shopper.message("is somebody there?");
	await said.stored;
	assert.equal((await maria.ask({ type: "open", conversation }).error).code, "not_yours");
	assert.equal(maria.log(conversation).some((e) => e.text === "is somebody there?"), false);
	const told = maria.frames.filter((f) => f.type === "error" && f.id === undefined);
	assert.deepEqual(told.map((f) => [f.code, f.conversation]), [["not_yours", conversation]]);
});

test("a chat that goes to a queue of others is closed for who had it open, also where a word of theirs was refused meanwhile", async (t) => {
	const stack = await Stack.start(t, TWO);
	const other = await stack.another();
	const maria = await stack.desk("maria", { args: ["--queue", "support"] });
	const rosa = await stack.desk("rosa", { args: ["--queue", "support"] });
	const sue = await stack.desk("sue", { args: ["--queue", "vip", "--role", "supervisor"], daemon: other });
	let refused = 0;
	for (let i = 0; i < 40 && refused < 3; i++) {
		const shopper = await stack.waiting();
		const { conversation } = shopper;
		await maria.take(conversation);
		await rosa.open(conversation);
		await sue.open(conversation);
		const mark = maria.mark;
		const moved = sue.ask({ type: "transfer", conversation, queue: "vip" });
		const word = await maria.say(conversation, "wait").any;
		await moved.done;
		for (const desk of [maria, rosa])
			assert.match((await desk.expect((f) => f.type === "error" && f.id === undefined && f.conversation === conversation)).message, /a queue that you do not serve/);
		const closed = maria.frames.findIndex((f, at) => at >= mark && f.type === "error" && f.id === undefined);
		refused += word.code === "not_yours" && maria.frames.indexOf(word) < closed;
		await shopper.message("is somebody there?").stored;
		await sue.event(conversation, (e) => e.text === "is somebody there?");
		for (const desk of [maria, rosa])
			assert.equal(desk.log(conversation).some((e) => e.text === "is somebody there?"), false);
	}
	t.diagnostic(`refused: ${refused}`);
	assert.ok(refused > 0, "a word was under way when it went");
});

test("who no longer serves a queue sees no more of what they have open of it", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { queues: ["support", "vip"], lease: "3 s" } } });
	const maria = await stack.desk("maria", { args: ["--queue", "support"] });
	const own = await stack.waiting();
	await maria.take(own.conversation);
	const shopper = await stack.waiting();
	const { conversation } = shopper;
	await maria.open(conversation);
	stack.redis.cli("HSET", "answerd:agent:{maria}", "queues", "vip");
	await maria.expect((f) => f.type === "error" && f.code === "not_yours" && f.id === undefined && f.conversation === conversation);
	await shopper.message("is somebody there?").stored;
	await own.message("still here?").stored;
	await maria.event(own.conversation, (e) => e.text === "still here?");
	assert.equal(maria.log(conversation).some((e) => e.text === "is somebody there?"), false);
});

test("announcements over HTTP are refused with 403 to agents and supervisors", async (t) => {
	const stack = await Stack.start(t);
	for (const [name, args] of [["maria", []], ["sue", ["--role", "supervisor"]]]) {
		stack.addAgent(name, { args });
		const token = answerctl(["agent", "token", name], { daemon: stack.daemon }).stdout.trim().split(/\s+/).at(-1);
		const answer = await stack.daemon.request("POST", "/api/announcements", {
			headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify({ text: "Sale!" }),
		});
		assert.equal(answer.status, 403);
		assert.equal(answer.headers["content-type"].split(";")[0], "application/problem+json");
	}
});

test("the report is for supervisors and admins, and counts what has happened today once", async (t) => {
	const stack = await Stack.start(t, { settings: { shop: { timezone: "Europe/Berlin" } } });
	const bearer = (name, args) => {
		stack.addAgent(name, { args });
		return answerctl(["agent", "token", name], { daemon: stack.daemon }).stdout.trim().split(/\s+/).at(-1);
	};
	const report = (token, query = "") => stack.daemon.request("GET", `/api/report${query}`, { headers: { Authorization: `Bearer ${token}` } });
	const sue = bearer("sue", ["--role", "supervisor"]);
	assert.equal((await stack.daemon.request("GET", "/api/report", {})).status, 401);
	const refused = await report(bearer("maria", []));
	assert.equal(refused.status, 403);
	assert.match(refused.json.detail, /supervisor/);
	for (const query of ["?from=yesterday", "?to=2026-13-01", "?from=2026-02-02&to=2026-02-01", "?from=2020-01-01&to=2026-01-01"])
		assert.equal((await report(sue, query)).status, 400, query);
	const desk = await stack.desk("maria");
	const shopper = await stack.waiting("how can I pay?");
	await desk.take(shopper.conversation);
	await desk.say(shopper.conversation, "Hello!").stored;
	await desk.ask({ type: "resolve", conversation: shopper.conversation, outcome: desk.welcome.outcomes[0] }).done;
	const ask = await shopper.expect((f) => f.type === "ask_feedback" && f.kind === "csat");
	await shopper.feedback(ask.id, 5).stored;
	const gone = await stack.waiting();
	await gone.leave().stored;
	/* The days of both sides of midnight. */
	const day = (ms) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Berlin" }).format(ms);
	const days = `?from=${day(Date.now() - 86400000)}&to=${day(Date.now() + 86400000)}`;
	let total;
	await until(async () => {
		total = (await report(sue, days)).json.total;
		return total.closed === 2 && total.ratings.csat.count === 1;
	}, "all is counted");
	assert.equal(total.conversations, 2);
	assert.equal(total.messages, 4);
	assert.equal(total.agent_messages, 1);
	assert.ok(total.bot.answered >= 1);
	assert.equal(total.handed_over, 2);
	assert.deepEqual(total.handed_over_because, { wants_person: 2 });
	assert.equal(total.waits.count, 1);
	assert.equal(total.first_replies.count, 1);
	assert.equal(total.abandoned, 1);
	assert.equal(total.resolved, 1);
	assert.equal(total.ratings.csat.mean, 5);
	const before = JSON.stringify(total);
	await stack.daemon.kill9();
	stack.daemon = await stack.another({ state: 0 });
	assert.equal(JSON.stringify((await report(sue, days)).json.total), before, "its next life counts nothing again out of its spool");
});
