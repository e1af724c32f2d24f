// What an agent is told before leaving with open chats, and that chats are
// given back before one is signed out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeStorage, load } from "../../src/web/load.mjs";

const { closingText, signOutText, unsentText } = await load("console/leave.ts");
const { Desk } = await load("console/desk.ts");
const { openStore } = await load("shared/store.ts");

test("what becomes of open chats is said in full sentences, and nothing where nothing is open", () => {
	assert.equal(signOutText(0, 0), "");
	assert.match(signOutText(1, 0), /^Your open chat goes back in line at once/);
	assert.match(signOutText(3, 0), /^3 open chats of yours go back/);
	assert.match(signOutText(3, 45), /back in line after 45 seconds/);
	assert.equal(unsentText(0), "");
	assert.match(unsentText(2), /^2 messages are not sent yet/);
	assert.equal(closingText(0, 0, 30), "");
	assert.match(closingText(1, 0, 30), /your open chat goes back in line after 30 seconds\. Come back before/);
	assert.match(closingText(2, 0, 600), /after 10 minutes/);
	assert.match(closingText(0, 1, 30), /^One message is not sent yet/);
	assert.match(closingText(2, 1, 30), /nothing changes\. One message/);
});

const item = (conversation) => ({ conversation, queue: "support", waited_s: 5, preview: "hi", visitor: {}, state: "assigned" });

function withChats(...mine) {
	const wire = { out: [], timers: [], send(f) {
		this.out.push(f);
		return true;
	}, after(ms, f) {
		this.timers.push(f);
	}, store: (agent) => openStore(() => new FakeStorage(), agent + ":") };
	const desk = new Desk(wire, () => undefined);
	desk.apply({ type: "welcome", agent: { name: "maria" }, lease_s: 45, queue: [], mine: mine.map(item), canned: [], outcomes: [] });
	let gone = 0;
	return { desk, wire, released: () => wire.out.filter((f) => f.type === "release"), leave: () => desk.giveAllBack(() => gone++), gone: () => gone };
}

test("all chats are given back before one is signed out", () => {
	const { desk, released, leave, gone } = withChats("c1", "c2");
	assert.equal(desk.leaseS, 45);
	leave();
	assert.deepEqual(released().map((f) => f.conversation), ["c1", "c2"]);
	assert.equal(gone(), 0, "not before they are");
	desk.apply({ type: "done", id: released()[0].id });
	assert.equal(gone(), 0);
	desk.apply({ type: "unassigned", conversation: "c2", why: "back in line" });
	assert.equal(gone(), 1);
	desk.apply({ type: "queue", items: [] });
	desk.offline();
	assert.equal(gone(), 1, "once");
});

test("one is signed out without chats at once, after a refusal in a while, and where the connection is lost", () => {
	const none = withChats();
	none.leave();
	assert.equal(none.gone(), 1);
	const refused = withChats("c1");
	refused.leave();
	refused.desk.apply({ type: "error", id: refused.released()[0].id, conversation: "c1", code: "not_now", message: "" });
	assert.equal(refused.gone(), 0);
	refused.wire.timers.forEach((f) => f());
	assert.equal(refused.gone(), 1);
	const lost = withChats("c1");
	lost.leave();
	lost.desk.offline();
	assert.equal(lost.gone(), 1);
	const away = withChats("c1");
	away.desk.offline();
	away.leave();
	assert.equal(away.gone(), 1);
	assert.deepEqual(away.released(), []);
});
