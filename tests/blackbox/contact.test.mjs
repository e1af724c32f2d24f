// A shopper leaves where to be answered (frame `contact`) and rates an answer that
// was not asked about: both beyond the protocol's page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack } from "./lib.mjs";

test("a contact is stored once, puts the shopper in line, and agents see it", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const { conversation } = s.welcome;
	assert.equal((await s.contact({ id: "k0", name: "Ann", email: "ann" }).error).code, "bad_frame");
	const fields = { id: "k1", name: "Ann", email: "ann@example.org", phone: "+49 30 123456", text: "After five, please." };
	const { seq } = await s.contact(fields).stored;
	await s.state("queued");
	await s.expect((f) => f.type === "message" && f.from === "system" && /get back to you/.test(f.text));
	/* Again, over a new connection: once. */
	s.drop();
	const again = await stack.shopper({ hello: s.resume });
	assert.equal((await again.contact(fields).stored).seq, seq);
	/* One that is refused changes nothing of what agents see. */
	assert.equal((await again.contact({ ...fields, name: "Bob", email: "bob@example.org", phone: "12345" }).error).code, "id_reused");
	await again.say("and one thing more");
	const desk = await stack.desk("maria");
	const [item] = desk.welcome.queue;
	assert.equal(item.conversation, conversation);
	assert.equal(item.reason, "contact");
	assert.equal(item.visitor.name, "Ann");
	await desk.claim(conversation).done;
	await desk.ask({ type: "open", conversation, facts: true }).done;
	const { visitor } = await desk.expect((f) => f.type === "facts" && f.visitor.phone !== null, { what: "the phone number" });
	assert.equal(visitor.email, "ann@example.org");
	assert.equal(visitor.phone, "+49 30 123456");
	assert.equal(visitor.name, "Ann");
	const said = desk.log(conversation).filter((e) => e.id === "k1");
	assert.equal(said.length, 1);
	assert.equal(said[0].from, "shopper");
	assert.equal(said[0].contact, true);
	assert.equal(said[0].text, "Ann\nann@example.org\n+49 30 123456\nAfter five, please.");
});

test("an answer says that it may be rated; a no offers a person", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const answer = await s.message("Which payment methods do you accept?").answer;
	assert.equal(answer.rate, true);
	await s.expect((f) => f.type === "stored" && f.id === answer.id);
	const rated = s.feedback(answer.id, 0);
	await rated.stored;
	const offer = await s.expect((f) => f.type === "message" && f.from === "bot" && f.reply_to === rated.id);
	assert.ok(offer.buttons.some((b) => b.value === "human"));
	assert.equal(offer.rate, undefined);
	assert.equal((await s.feedback(answer.id, 1).error).code, "not_now");
});
