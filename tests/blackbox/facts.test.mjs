// What an agent is told of a shopper beside the log (frames `context` in,
// `facts` out): the page where they are by now, their cart, what a data source
// told, the slots; live, and over two daemons.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, tempDir } from "./lib.mjs";

const facts = (desk, conversation, fits, what) => desk.expect((f) => f.type === "facts" && f.conversation === conversation && fits(f), { what });

test("facts come with the log and follow the shopper, on one daemon and over two", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	for (const daemon of [stack.daemon, other]) {
		const s = await stack.shopper({ hello: { page: "https://shop.example/start", locale: "de-AT", user: { id: "u1", name: "Ida", email: "ida@example.org" } } });
		const { conversation } = s.welcome;
		s.send({ type: "context", page: "https://shop.example/cart", cart: [{ name: "Kettle", quantity: 2, price: "39.90" }] });
		await s.human().stored;
		await s.state("queued");
		const desk = await stack.desk("maria", { daemon });
		await desk.claim(conversation).done;
		await desk.ask({ type: "open", conversation, facts: true }).done;
		const first = await facts(desk, conversation, (f) => f.cart !== null && f.reason !== null, "the cart");
		assert.equal(first.page, "https://shop.example/cart");
		assert.deepEqual(first.cart, [{ name: "Kettle", quantity: 2, price: "39.90" }]);
		assert.equal(first.locale, "de-AT");
		assert.equal(first.visitor.name, "Ida");
		assert.equal(first.visitor.email, "ida@example.org");
		assert.equal(first.visitor.verified, false);
		s.send({ type: "context", page: "https://shop.example/pay", cart: "2 kettles \"red\"" });
		const second = await facts(desk, conversation, (f) => f.page.endsWith("/pay"), "the next page");
		assert.equal(second.cart, "2 kettles \"red\"");
		/* What it does not name stays. */
		s.send({ type: "context", page: "https://shop.example/done" });
		assert.equal((await facts(desk, conversation, (f) => f.page.endsWith("/done"), "one more")).cart, "2 kettles \"red\"");
		desk.socket.close();
	}
});

test("facts tell what a source found, the slots, and of a chat with the bot too", async (t) => {
	const stack = await Stack.start(t, { settings: { sources: { order: { kind: "redis", key: "demo:order:{order_id}" } } } });
	stack.redis.cli("HSET", "demo:order:10234567", "status", "shipped", "carrier", "Parcel Post");
	const other = await stack.another();
	const s = await stack.shopper({ hello: { page: "https://shop.example/start" } });
	const { conversation } = s.welcome;
	const asked = s.message("where is my order 10234567?");
	await s.expect((f) => f.type === "message" && f.from === "bot" && f.text.includes("Parcel Post"));
	await s.expect((f) => f.type === "stored" && f.id === `${asked.id}.a`);
	const desk = await stack.desk("maria", { daemon: other, args: ["--role", "supervisor"] });
	await desk.ask({ type: "open", conversation, facts: true }).done;
	const told = await facts(desk, conversation, (f) => f.found !== null && f.page !== null, "the order");
	assert.equal(told.found["order.status"], "shipped");
	assert.equal(told.found["order.carrier"], "Parcel Post");
	assert.equal(told.slots.order_id, "10234567");
	assert.equal(told.page, "https://shop.example/start");
	assert.equal(told.intent, "track_order");
});

test("facts of a chat in line tell how often the bot had not understood", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	await (await s.say("xyzzy plugh")).answer;
	s.message("frotz ozmoo");
	await s.state("queued");
	const desk = await stack.desk("maria");
	await desk.ask({ type: "open", conversation: s.conversation, facts: true }).done;
	const told = await facts(desk, s.conversation, () => true, "facts");
	assert.equal(told.reason, "not_understood");
	assert.equal(told.misses, 2);
	await desk.take(s.conversation);
	await facts(desk, s.conversation, (f) => f.reason === "claimed" && f.misses === 2, "them still");
});

test("who opens a chat anew keeps the facts that were asked for, until they say otherwise", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.shopper();
	const { conversation } = s;
	await s.human().stored;
	const desk = await stack.desk("maria"), other = await stack.desk("lena");
	await other.ask({ type: "open", conversation, facts: true }).done;
	await desk.ask({ type: "open", conversation, facts: true }).done;
	/* One that does not say, sent while they are being read, too. */
	s.send({ type: "context", page: "https://shop.example/one" });
	await desk.ask({ type: "open", conversation }).done;
	await facts(desk, conversation, (f) => f.page?.endsWith("/one"), "the page that came meanwhile");
	s.send({ type: "context", page: "https://shop.example/two" });
	await facts(desk, conversation, (f) => f.page?.endsWith("/two"), "the page after");
	const { mark } = desk, from = other.mark;
	await desk.ask({ type: "open", conversation, facts: false }).done;
	await other.expect((f) => f.type === "facts" && f.open.length === 1, { from, what: "maria looks no more" });
	s.send({ type: "context", page: "https://shop.example/three" });
	await facts(other, conversation, (f) => f.page?.endsWith("/three"), "the last page");
	assert.ok(!desk.frames.slice(mark).some((f) => f.type === "facts" && f.page?.endsWith("/three")), "who does not want them gets none");
});

test("a hash that the shop's tools wrote nonsense into breaks no frame; a cart of the wrong kind is refused and the rest goes on", async (t) => {
	const stack = await Stack.start(t);
	const s = await stack.waiting();
	stack.redis.cli("HSET", `answerd:context:{${s.conversation}}`, "cart", "{\"a\":", "found", "\"}}", "page", "x",
		"open:x", '-9223372036854775807 [{"name": "ghost", "display": "Ghost"}]', "open:y", " ");
	const desk = await stack.desk("maria");
	await desk.ask({ type: "open", conversation: s.conversation, facts: true }).done;
	const told = await facts(desk, s.conversation, () => true, "facts");
	assert.equal(told.cart, null);
	assert.equal(told.found, null);
	assert.ok(told.open.every((o) => o.name === "maria"));
	s.send({ type: "context", cart: 7 });
	assert.equal((await s.expect("error")).code, "bad_frame");
	s.send({ type: "context", cart: "3 cups" });
	assert.equal((await facts(desk, s.conversation, (f) => f.cart !== null, "the cart")).cart, "3 cups");
	/* Who did not ask for it is not told. */
	const rosa = await stack.desk("rosa");
	await rosa.ask({ type: "open", conversation: s.conversation }).done;
	const from = desk.frames.length;
	s.send({ type: "context", cart: "4 cups" });
	await desk.expect((f) => f.type === "facts" && f.cart === "4 cups", { from });
	s.send({ type: "typing", on: true });
	await rosa.expect("typing");
	assert.deepEqual(rosa.frames.filter((f) => f.type === "facts"), []);
});

test("who has a conversation open sees who else has, over two daemons, and that they have gone", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const s = await stack.waiting();
	const { conversation } = s;
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa", { daemon: other });
	const names = (f) => f.open.map((o) => o.name).sort().join();
	await maria.ask({ type: "open", conversation, facts: true }).done;
	await facts(maria, conversation, (f) => names(f) === "maria", "herself");
	await rosa.ask({ type: "open", conversation, facts: true }).done;
	await facts(rosa, conversation, (f) => names(f) === "maria,rosa", "both");
	await facts(maria, conversation, (f) => names(f) === "maria,rosa", "both");
	// Twice open is once shown.
	const again = await stack.desk("rosa", { daemon: other });
	await again.ask({ type: "open", conversation, facts: true }).done;
	await facts(again, conversation, (f) => names(f) === "maria,rosa", "each once");
	await again.ask({ type: "close", conversation }).done;
	const from = maria.frames.length;
	rosa.socket.terminate();
	await maria.expect((f) => f.type === "facts" && names(f) === "maria", { from, what: "rosa has gone" });
});

test("facts tell what the bot's rules came close to where it gave up, over two daemons, until it has an answer", async (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.writeFileSync(path.join(dir, "rules.yaml"), `language: en
intents:
  - {name: newsletter, about: The newsletter, match: [{phrase: newsletter, weight: 0.6}], answer: [Subscribe below.]}
  - {name: opening_hours, about: When we open, match: [opening hours], answer: [At nine.], examples: [opening hours]}
`);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const other = await stack.another();
	const desk = await stack.desk("maria", { daemon: other, args: ["--role", "supervisor"] });
	const s = await stack.shopper();
	const { conversation } = s.welcome;
	await s.say("opening hours");
	await desk.ask({ type: "open", conversation, facts: true }).done;
	assert.equal((await facts(desk, conversation, () => true, "facts")).considered, null, "it has an answer");
	await s.say("about the newsletter");
	await s.say("the newsletter, that one");
	await s.state("queued");
	const told = await facts(desk, conversation, (f) => f.reason === "not_understood", "why it gave up");
	assert.deepEqual(told.considered, [{ intent: "newsletter", score: 0.6 }]);
	assert.ok(!JSON.stringify(s.frames).includes("considered"), "not for shoppers");
});

test("who looked at a conversation on a daemon that died is not shown for longer than a lease and a little", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { lease: "2 s" } } });
	const other = await stack.another();
	const s = await stack.waiting();
	const maria = await stack.desk("maria");
	const rosa = await stack.desk("rosa", { daemon: other });
	for (const desk of [rosa, maria])
		await desk.ask({ type: "open", conversation: s.conversation, facts: true }).done;
	await facts(maria, s.conversation, (f) => f.open.length === 2, "both");
	await other.kill9();
	other.expectedDead = true;
	await facts(maria, s.conversation, (f) => f.open.length === 1 && f.open[0].name === "maria", "she is gone");
});
