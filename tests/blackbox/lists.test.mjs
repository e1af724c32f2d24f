// The desk's lists beyond the queue (frame `list`): what is with the bot, what
// is closed, all of it, and the other conversations of one visitor; and that
// `done` of `open` names the log's epoch.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "./lib.mjs";

async function list(desk, what, more = {}) {
	const asked = desk.ask({ type: "list", what, ...more });
	await asked.done;
	const answer = desk.frames.findLast((f) => f.type === "list" && f.id === asked.id);
	assert.equal(answer.what, what);
	return answer.items;
}
const ids = (items) => items.map((i) => i.conversation);

test("a conversation is in the list of its state and in no other", async (t) => {
	const stack = await Stack.start(t);
	const desk = await stack.desk("maria");
	const shopper = await stack.shopper();
	await shopper.say("how can I pay?");
	const { conversation } = shopper.welcome;
	await until(async () => ids(await list(desk, "bot")).includes(conversation), "with the bot");
	const [item] = await list(desk, "bot");
	assert.equal(item.state, "bot");
	assert.equal(item.preview, "how can I pay?");
	assert.equal(typeof item.waited_s, "number");
	await shopper.human().stored;
	await shopper.state("queued");
	await until(async () => !ids(await list(desk, "bot")).includes(conversation), "no longer with the bot");
	await desk.ask({ type: "claim", conversation }).done;
	await desk.ask({ type: "resolve", conversation, outcome: desk.welcome.outcomes[0] }).done;
	await until(async () => ids(await list(desk, "closed")).includes(conversation), "closed");
	assert.deepEqual(ids(await list(desk, "all")).filter((c) => c === conversation), [conversation], "once in all");
	assert.equal((await list(desk, "all")).find((i) => i.conversation === conversation).state, "closed");
	// And how it was rated afterwards.
	const own = async () => (await list(desk, "closed")).find((i) => i.conversation === conversation);
	assert.equal((await own()).rating, undefined);
	const ask = await shopper.expect((f) => f.type === "ask_feedback" && f.kind === "csat");
	await shopper.feedback(ask.id, 4).stored;
	await until(async () => (await own()).rating !== undefined, "rated");
	assert.deepEqual((await own()).rating, { kind: "csat", score: 4 });
});

test("a list is searched by what was said, whatever the case, and by an order number", async (t) => {
	const stack = await Stack.start(t);
	const desk = await stack.desk("maria");
	const one = await stack.shopper();
	const two = await stack.shopper();
	await one.say("Where is my order 98765432?");
	await two.say("how can I pay?");
	await until(async () => (await list(desk, "all")).length === 2, "both are there");
	assert.deepEqual(ids(await list(desk, "all", { search: "98765432" })), [one.welcome.conversation]);
	assert.deepEqual(ids(await list(desk, "all", { search: " HOW CAN " })), [two.welcome.conversation]);
	assert.deepEqual(await list(desk, "all", { search: "no such words" }), []);
});

test("an agent who does not serve a queue does not see it in the lists, a supervisor does", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { queues: ["support", "vip"] } } });
	const other = await stack.desk("otto", { args: ["--queue", "vip"] });
	const supervisor = await stack.desk("sue", { args: ["--queue", "vip", "--role", "supervisor"] });
	const shopper = await stack.waiting();
	const { conversation } = shopper.welcome;
	await until(async () => ids(await list(supervisor, "all")).includes(conversation), "the supervisor sees it");
	assert.deepEqual(await list(other, "all"), []);
});

test("one visitor's other conversations are listed to who has one of them open", async (t) => {
	const stack = await Stack.start(t);
	const desk = await stack.desk("maria");
	const first = await stack.shopper();
	const stranger = await stack.shopper();
	await first.say("how can I pay?");
	await stranger.say("how can I pay?");
	const before = first.welcome.conversation;
	await first.leave().stored;
	await first.say("and where is my parcel?");
	const now = first.welcome.conversation;
	assert.notEqual(now, before);
	const refused = await desk.ask({ type: "list", what: "visitor", conversation: before }).error;
	assert.equal(refused.code, "not_now");
	await desk.open(before);
	await until(async () => (await list(desk, "visitor", { conversation: before })).length === 2, "both are listed");
	assert.deepEqual(ids(await list(desk, "visitor", { conversation: before })), [now, before], "the newest first, and no stranger's");
});

test("a list that there is not is refused, and so is one without a name", async (t) => {
	const stack = await Stack.start(t);
	const desk = await stack.desk("maria");
	const refused = await desk.ask({ type: "list", what: "secrets" }).error;
	assert.equal(refused.code, "bad_frame");
	assert.match(refused.message, /bot, all, closed, visitor/);
});

test("what an open has caught up with is named by its epoch, and only that", async (t) => {
	const stack = await Stack.start(t);
	const desk = await stack.desk("maria");
	const shopper = await stack.waiting();
	const { conversation, epoch } = shopper.welcome;
	const opened = desk.ask({ type: "open", conversation });
	assert.equal((await opened.done).epoch, epoch);
	const closed = desk.ask({ type: "close", conversation });
	assert.equal((await closed.done).epoch, undefined);
});
