// The agents' side of the wire: signing in, the queue, who has a chat and who
// has not, and what each side sees of the other.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Stack, answerctl, sleep, until } from "./lib.mjs";
import { Desk } from "./wire.mjs";

describe("desk", () => {
	const scope = { after: (fn) => scope.ends.push(fn), ends: [] };
	let stack;

	before(async () => {
		stack = await Stack.start(scope);
	});
	after(async () => {
		for (const end of scope.ends.reverse())
			await end();
	});

	test("without a sign-in the desk is 401, with a foreign origin 403", async () => {
		const { daemon } = stack;
		await assert.rejects(Desk.connect(daemon, {}), (e) => e.status === 401);
		await assert.rejects(Desk.connect(daemon, { cookie: "answerd_session=made-up" }), (e) => e.status === 401);
		await assert.rejects(Desk.connect(daemon, { bearer: "made-up", origin: null }), (e) => e.status === 401);
		const { password } = stack.addAgent("maria");
		const { cookie } = await daemon.login("maria", password);
		await assert.rejects(Desk.connect(daemon, { cookie, origin: "https://evil.example" }), (e) => e.status === 403);
	});

	test("sign-in: a wrong password and an unknown name look the same, the cookie is guarded", async () => {
		const { daemon } = stack;
		const { password } = stack.addAgent("maria");
		const wrong = await daemon.login("maria", "not it");
		const unknown = await daemon.login("nobody", "not it");
		assert.equal(wrong.status, 401);
		assert.equal(unknown.status, 401);
		assert.equal(wrong.headers["content-type"].split(";")[0], "application/problem+json");
		assert.equal(wrong.json.detail, unknown.json.detail);
		assert.equal(wrong.cookie, undefined);
		const good = await daemon.login("maria", password);
		assert.ok([200, 204].includes(good.status));
		const set = good.headers["set-cookie"][0];
		assert.match(set, /HttpOnly/i);
		assert.match(set, /SameSite=Strict/i);
		const foreign = await daemon.login("maria", password, { Origin: "https://evil.example" });
		assert.equal(foreign.status, 403);
		const bad = await daemon.request("POST", "/api/login", { headers: { Origin: daemon.origin, "Content-Type": "application/json" }, body: "{" });
		assert.equal(bad.status, 400);
	});

	test("signing out ends the session for new connections", async () => {
		const { daemon } = stack;
		const { password } = stack.addAgent("maria");
		const { cookie } = await daemon.login("maria", password);
		const desk = stack.keep(await Desk.connect(daemon, { cookie }));
		await desk.close();
		const out = await daemon.request("POST", "/api/logout", { headers: { Cookie: cookie, Origin: daemon.origin } });
		assert.ok([200, 204].includes(out.status));
		await assert.rejects(Desk.connect(daemon, { cookie }), (e) => e.status === 401);
	});

	test("a tool signs in with a bearer token", async () => {
		stack.addAgent("maria");
		const run = answerctl(["agent", "token", "maria"], { daemon: stack.daemon });
		assert.equal(run.status, 0, run.stderr);
		const token = run.stdout.trim().split(/\s+/).at(-1);
		const desk = stack.keep(await Desk.connect(stack.daemon, { bearer: token, origin: null }));
		assert.equal(desk.welcome.agent.name, "maria");
		stack.keep(await Desk.connect(stack.daemon, { headers: { authorization: `bearer ${token}` }, origin: null }));
	});

	test("the welcome says who one is and what there is", async () => {
		const desk = await stack.desk("maria");
		const { agent } = desk.welcome;
		assert.equal(agent.name, "maria");
		assert.ok(agent.display.length > 0);
		assert.ok(Array.isArray(agent.roles) && Array.isArray(agent.queues) && agent.queues.length > 0);
		assert.ok(Array.isArray(desk.welcome.mine));
		assert.ok(desk.welcome.outcomes.length > 0);
		assert.match(desk.welcome.presence, /^(online|away)$/);
	});

	test("who is handed over stands in the queue with reason, wait, and a preview", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting("where is my parcel, it is late", { hello: { page: "https://shop.example/cart", locale: "en-GB" } });
		const item = await desk.seesWaiting(s.conversation);
		for (const key of ["conversation", "queue", "priority", "reason", "intent", "kind", "waited_s", "preview", "visitor", "page", "locale", "state", "agent"])
			assert.ok(key in item, `item without ${key}: ${JSON.stringify(item)}`);
		assert.ok(item.reason.length > 0);
		assert.match(item.preview, /where is my parcel/);
		assert.equal(item.page, "https://shop.example/cart");
		assert.equal(item.locale, "en-GB");
		assert.equal(item.state, "queued");
		assert.equal(item.agent, null);
		assert.ok(item.waited_s >= 0 && item.waited_s < 60);
		assert.equal(item.visitor.verified, false);
		const late = await stack.desk("maria");
		assert.ok(late.welcome.queue.some((i) => i.conversation === s.conversation), "and in the next welcome");
		await s.leave().stored;
	});

	test("who waits is listed with what was said last, at the same place", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.shopper();
		s.human();
		await s.state("queued");
		const before = await desk.seesWaiting(s.conversation);
		assert.equal(before.preview, "");
		const next = await stack.waiting();
		await s.message("the glaze of my bowl has a crack").stored;
		const { items } = await desk.expect((f) => f.type === "queue" && f.items.some((i) => i.conversation === s.conversation && i.preview === "the glaze of my bowl has a crack"), { what: "the last words in the queue" });
		const place = (c) => items.findIndex((i) => i.conversation === c.conversation);
		assert.ok(place(s) < place(next));
		await s.leave().stored;
		await next.leave().stored;
	});

	test("an agent takes a chat, reads all that was said, writes, and resolves it", async () => {
		const before = await stack.daemon.metrics();
		const desk = await stack.desk("maria");
		const s = await stack.waiting("I want a refund for order 12345678");
		const tab = await stack.desk("maria"); // the same agent, once more
		const c = desk.claim(s.conversation);
		assert.equal((await c.done).conversation, s.conversation);
		const assigned = await s.state("assigned");
		assert.ok(assigned.agent.length > 0, "the shopper is told by whom");
		const told = await tab.expect((f) => f.type === "assigned" && f.item.conversation === s.conversation);
		assert.equal(told.item.agent, "maria");
		const log = await desk.open(s.conversation);
		assert.equal(log[0].text, "I want a refund for order 12345678");
		assert.equal(log[1].from, "bot");
		assert.ok(log.some((e) => e.type === "state" && e.state === "queued"));
		assert.ok(log.some((e) => e.type === "state" && e.state === "assigned"));
		// Both talk, and the bot is silent.
		const hi = desk.say(s.conversation, "Hello, I am looking into it.");
		await hi.stored;
		const seen = await s.expect((f) => f.type === "message" && f.id === hi.id || f.text === "Hello, I am looking into it.");
		assert.equal(seen.from, "agent");
		assert.ok(seen.name.length > 0);
		const reply = s.message("where is my order?");
		await reply.stored;
		await desk.event(s.conversation, (e) => e.id === reply.id && e.text === "where is my order?");
		await sleep(200);
		assert.equal(s.frames.some((f) => f.from === "bot" && f.reply_to === reply.id), false, "the bot talks over nobody");
		// Resolved, and asked for feedback.
		const r = desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] });
		await r.done;
		await s.state("closed");
		const ask = await s.expect((f) => f.type === "ask_feedback" && f.kind === "csat");
		await s.feedback(ask.id, 5, { comment: "kind" }).stored;
		const rated = await desk.event(s.conversation, (e) => e.type === "feedback");
		assert.equal(rated.event.score, 5);
		const again = await stack.desk("maria");
		assert.equal(again.welcome.mine.some((i) => i.conversation === s.conversation), false);
		const after = await stack.daemon.metrics();
		for (const name of ["answerd_handed_over_total", "answerd_closed_total"])
			assert.equal(after[name], before[name] + 1, name);
	});

	test("an outcome that is not one of the shop's is refused", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.take(s.conversation);
		const r = desk.ask({ type: "resolve", conversation: s.conversation, outcome: "made_up" });
		assert.match((await r.error).code, /bad_frame|not_now/);
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("claim without a name gives the one that waits longest", async () => {
		const desk = await stack.desk("nina");
		const one = await stack.waiting("first in line");
		const two = await stack.waiting("second in line");
		await desk.seesWaiting(two.conversation);
		assert.equal((await desk.claim().done).conversation, one.conversation);
		assert.equal((await desk.claim().done).conversation, two.conversation);
		const none = await desk.claim().any;
		assert.equal(none.type, "error", JSON.stringify(none));
		for (const s of [one, two])
			await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("two agents take the same chat ten times: one wins, the other is told", async () => {
		const maria = await stack.desk("maria");
		const paul = await stack.desk("paul");
		for (let i = 0; i < 10; i++) {
			const s = await stack.waiting(null);
			const outcomes = await Promise.all((i % 2 ? [maria, paul] : [paul, maria]).map((d) => d.claim(s.conversation).any));
			assert.deepEqual(outcomes.map((o) => o.type).sort(), ["done", "error"], JSON.stringify(outcomes));
			assert.equal(outcomes.find((o) => o.type === "error").code, "taken");
			const won = maria.of("done").some((d) => d.conversation === s.conversation) ? maria : paul;
			await s.state("assigned");
			assert.equal(s.of("state").filter((f) => f.state === "assigned").length, 1);
			await won.ask({ type: "resolve", conversation: s.conversation, outcome: won.welcome.outcomes[0] }).done;
		}
	});

	test("who does not have the chat cannot write in it, resolve it or give it back", async () => {
		const maria = await stack.desk("maria");
		const paul = await stack.desk("paul");
		const s = await stack.waiting();
		assert.match((await maria.say(s.conversation, "not mine yet").error).code, /not_yours|not_now/);
		await maria.take(s.conversation);
		for (const frame of [
			{ type: "message", text: "from the side" },
			{ type: "release" },
			{ type: "resolve", outcome: paul.welcome.outcomes[0] },
			{ type: "transfer", queue: paul.welcome.agent.queues[0] },
		])
			assert.equal((await paul.ask({ ...frame, conversation: s.conversation }).error).code, "not_yours", frame.type);
		const log = await paul.open(s.conversation);
		assert.equal(log.some((e) => e.text === "from the side"), false);
		await maria.ask({ type: "resolve", conversation: s.conversation, outcome: maria.welcome.outcomes[0] }).done;
	});

	test("a conversation that there is not, and a frame with a mistake, are named", async () => {
		const desk = await stack.desk("maria");
		for (const frame of [{ type: "open" }, { type: "claim" }, { type: "message", text: "x" }, { type: "note", text: "x" }, { type: "resolve", outcome: desk.welcome.outcomes[0] }]) {
			const { code, message } = await desk.ask({ ...frame, conversation: "no-such-one" }).error;
			assert.equal(code, "no_such_conversation", frame.type);
			assert.equal(message, "there is no such conversation", frame.type);
		}
		const from = desk.mark;
		desk.raw('{"type":"message","id":"zz","conversation":"c"}');
		const f = await desk.expect("error", { from });
		assert.equal(f.code, "bad_frame");
		assert.match(f.message, /text/);
		desk.send({ type: "ping", at: 7 });
		assert.equal((await desk.expect("pong")).at, 7);
	});

	test("an agent's id with other words is refused, whether or not the chat is open there", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.seesWaiting(s.conversation);
		await desk.claim(s.conversation).done;
		for (const type of ["message", "note"]) {
			const frame = { type, id: `reused-${type}`, conversation: s.conversation, text: "these words" };
			const { seq } = await desk.ask(frame).stored;
			assert.equal((await desk.ask(frame).stored).seq, seq, type);
			const refused = await desk.ask({ ...frame, text: "other words" }).error;
			assert.equal(refused.code, "id_reused", type);
		}
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("what is sent in one go under one id is told apart by its conversation, and refused where it is another thing", async () => {
		const desk = await stack.desk("maria");
		const [one, two] = [await stack.waiting(), await stack.waiting()].map((s) => s.conversation);
		for (const conversation of [one, two])
			await desk.seesWaiting(conversation);
		for (const type of ["claim", "message", "note", "resolve"]) {
			const { mark } = desk;
			for (const conversation of [one, two])
				desk.send({ type, id: `both-${type}`, conversation, text: "hello", outcome: desk.welcome.outcomes[0] });
			for (const conversation of [one, two])
				await desk.expect((f) => ["done", "stored"].includes(f.type) && f.id === `both-${type}` && f.conversation === conversation, { from: mark, what: `${type} in ${conversation}` });
		}
		const { mark } = desk;
		const note = { type: "note", id: "one-id", conversation: one, text: "hello" };
		for (const frame of [note, note, { ...note, text: "other words" }, { ...note, type: "open" }])
			desk.send(frame);
		await desk.expect((f) => f.type === "stored" && f.id === "one-id", { from: mark });
		desk.send({ type: "ping", at: 1 });
		await desk.expect("pong", { from: mark });
		assert.deepEqual(desk.frames.slice(mark).filter((f) => f.type === "error").map((f) => f.code), ["id_reused", "id_reused"]);
	});

	test("a chat that is opened several times in one go answers each", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		const { conversation } = s;
		const all = [0, 2, 1].map((since) => desk.ask({ type: "open", conversation, since }));
		for (const one of all)
			await one.done;
		/* The last counts: from there, without a gap. */
		const last = desk.frames.findIndex((f) => f.type === "ack" && f.id === all[2].id);
		assert.equal(desk.frames.slice(last).find((f) => f.type === "event").event.seq, 2);
		/* Their ids are free again. */
		await desk.ask({ type: "open", id: all[0].id, conversation }).done;
		await s.leave().stored;
	});

	test("a note is in the agents' log and never reaches the shopper", async () => {
		const maria = await stack.desk("maria");
		const s = await stack.waiting();
		await maria.take(s.conversation);
		const before = s.since;
		const n = maria.ask({ type: "note", conversation: s.conversation, text: "this one is a regular, be nice" });
		const { seq } = await n.stored;
		const skip = await s.expect((f) => f.type === "skip" && f.seq === seq);
		assert.ok(skip.seq > before);
		assert.equal(JSON.stringify(s.frames).includes("regular"), false);
		const paul = await stack.desk("paul");
		const log = await paul.open(s.conversation);
		assert.equal(log.find((e) => e.seq === seq).type, "note");
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(JSON.stringify(look.welcome).includes("regular"), false);
		await maria.ask({ type: "resolve", conversation: s.conversation, outcome: maria.welcome.outcomes[0] }).done;
	});

	test("typing and read marks go both ways and are not logged", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.take(s.conversation);
		await s.state("assigned");
		const { since } = s;
		s.send({ type: "typing", on: true });
		await desk.expect((f) => f.type === "typing" && f.conversation === s.conversation && f.on === true);
		desk.send({ type: "typing", conversation: s.conversation, on: true });
		const t = await s.expect((f) => f.type === "typing" && f.on === true && f.from !== "bot");
		assert.equal(t.from, "agent");
		desk.send({ type: "read", conversation: s.conversation, upto: since });
		const r = await s.expect("read");
		assert.deepEqual([r.by, r.upto], ["agent", since]);
		s.send({ type: "read", upto: since });
		await desk.expect((f) => f.type === "read" && f.conversation === s.conversation && f.upto === since);
		assert.equal(s.since, since);
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("typing and read marks reach the shopper on another daemon also of who has not opened the chat", async () => {
		const other = await stack.another();
		const desk = await stack.desk("maria", { daemon: other });
		const s = await stack.waiting();
		await desk.seesWaiting(s.conversation);
		await desk.claim(s.conversation).done;
		await s.state("assigned");
		desk.send({ type: "typing", conversation: s.conversation, on: true });
		await s.expect((f) => f.type === "typing" && f.from === "agent" && f.on === true);
		desk.send({ type: "read", conversation: s.conversation, upto: 1 });
		assert.equal((await s.expect("read")).upto, 1);
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("the agent sees whether the shopper is there", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.take(s.conversation);
		await desk.expect((f) => f.type === "shopper" && f.conversation === s.conversation && f.present === true);
		const from = desk.mark;
		await s.close();
		await desk.expect((f) => f.type === "shopper" && f.conversation === s.conversation && f.present === false, { from });
		await stack.shopper({ hello: s.resume });
		await desk.expect((f) => f.type === "shopper" && f.conversation === s.conversation && f.present === true, { from });
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("a chat that is given back stands at its old place in line", async () => {
		const desk = await stack.desk("olga");
		const one = await stack.waiting("the first of three");
		const two = await stack.waiting("the second of three");
		await desk.seesWaiting(two.conversation);
		await desk.take(one.conversation);
		await one.state("assigned");
		const from = one.mark;
		await desk.ask({ type: "release", conversation: one.conversation }).done;
		await one.state("queued", { from });
		assert.equal((await one.expect("waiting", { from })).position, 1);
		assert.equal((await desk.claim().done).conversation, one.conversation);
		await desk.claim(two.conversation).done;
		for (const s of [one, two])
			await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("a chat goes to another agent, or to a queue, with a note", async () => {
		const maria = await stack.desk("maria");
		const paul = await stack.desk("paul");
		const s = await stack.waiting();
		await maria.take(s.conversation);
		const from = paul.mark;
		await maria.ask({ type: "transfer", conversation: s.conversation, agent: "paul", note: "knows refunds" }).done;
		await paul.expect((f) => f.type === "assigned" && f.item.conversation === s.conversation, { from });
		assert.equal((await maria.say(s.conversation, "too late").error).code, "not_yours");
		await paul.open(s.conversation);
		assert.ok(paul.log(s.conversation).some((e) => e.type === "note" && e.text === "knows refunds"));
		await paul.say(s.conversation, "I go on from here.").stored;
		await s.expect((f) => f.from === "agent" && f.text === "I go on from here.");
		assert.equal(s.of("state").filter((f) => f.state === "assigned").length, 2);
		const q = paul.mark;
		await paul.ask({ type: "transfer", conversation: s.conversation, queue: paul.welcome.agent.queues[0] }).done;
		await s.state("queued", { from: s.frames.indexOf(s.of("state").at(-1)) });
		await paul.seesWaiting(s.conversation, { from: q });
		assert.match((await paul.ask({ type: "transfer", conversation: s.conversation, agent: "nobody" }).error).code, /./);
		await s.leave().stored;
	});

	test("a frame of an agent that is sent again is stored once", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.take(s.conversation);
		const m = desk.say(s.conversation, "only once");
		const first = await m.stored;
		const from = desk.mark;
		desk.say(s.conversation, "only once", { id: m.id });
		const again = await desk.expect((f) => f.type === "stored" && f.id === m.id, { from });
		assert.equal(again.seq, first.seq);
		const look = await stack.shopper({ hello: { visitor: s.visitor } });
		assert.equal(look.welcome.events.filter((e) => e.text === "only once").length, 1);
		const other = desk.say(s.conversation, "another text", { id: m.id });
		assert.equal((await desk.expect((f) => f.type === "error" && f.id === other.id, { from })).code, "id_reused");
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("open with since sends only what came after, close ends it", async () => {
		const desk = await stack.desk("maria");
		const s = await stack.waiting();
		await desk.claim(s.conversation).done;
		await s.state("assigned");
		const { since } = s;
		const log = await desk.open(s.conversation, since - 1);
		assert.deepEqual(log.map((e) => e.seq), [since]);
		await desk.ask({ type: "close", conversation: s.conversation }).done;
		const from = desk.mark;
		await s.say("nobody looks");
		await sleep(200);
		assert.equal(desk.frames.slice(from).some((f) => f.type === "event"), false);
		await desk.ask({ type: "resolve", conversation: s.conversation, outcome: desk.welcome.outcomes[0] }).done;
	});

	test("presence is of the agent, over all connections", async () => {
		const one = await stack.desk("maria");
		await one.ask({ type: "presence", status: "away", reason: "lunch" }).done;
		const two = await stack.desk("maria");
		assert.equal(two.welcome.presence, "away");
		await two.ask({ type: "presence", status: "online" }).done;
		const three = await stack.desk("maria");
		assert.equal(three.welcome.presence, "online");
		assert.equal((await one.ask({ type: "presence", status: "asleep" }).any).code, "bad_frame");
	});

	test("an agent can be given another password, and the old one is over", async () => {
		stack.addAgent("rosa");
		const run = answerctl(["agent", "passwd", "rosa", "--password-stdin"], { daemon: stack.daemon, input: "a new one for rosa\n" });
		assert.equal(run.status, 0, run.stderr);
		assert.equal((await stack.daemon.login("rosa", "pass-rosa-word")).status, 401);
		assert.equal((await stack.daemon.login("rosa", "a new one for rosa")).status, 200);
		const stored = stack.redis.cli("HGETALL", "answerd:agent:{rosa}");
		assert.match(stored, /\$argon2id\$/);
		assert.equal(stored.includes("a new one for rosa"), false);
	});
});

test("behind TLS the cookie is this host's alone, and no other is looked at", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { cookie_secure: true } } });
	const { daemon } = stack;
	const { password } = stack.addAgent("maria");
	const { cookie, headers } = await daemon.login("maria", password);
	const set = headers["set-cookie"][0];
	assert.match(set, /^__Host-answerd=[\w-]{20,}; /);
	assert.match(set, /; Secure/);
	assert.match(set, /; Path=\/;/);
	assert.doesNotMatch(set, /Domain/i);
	const desk = stack.keep(await Desk.connect(daemon, { cookie }));
	assert.equal(desk.welcome.agent.name, "maria");
	const planted = cookie.replace("__Host-", "");
	await assert.rejects(Desk.connect(daemon, { cookie: planted }), (e) => e.status === 401);
	const out = await daemon.request("POST", "/api/logout", { headers: { Cookie: cookie, Origin: daemon.origin } });
	assert.match(out.headers["set-cookie"][0], /^__Host-answerd=; .*Max-Age=0; Secure/);
	await assert.rejects(Desk.connect(daemon, { cookie }), (e) => e.status === 401);
});

test("the metrics tell how many wait, and how long whoever waits longest has", async (t) => {
	const stack = await Stack.start(t);
	const other = await stack.another();
	const waits = async (daemon = stack.daemon) => {
		const m = await daemon.metrics();
		return [m.answerd_queue_waiting, m.answerd_queue_longest_wait_seconds];
	};
	assert.deepEqual(await waits(), [0, 0]);
	const began = Date.now();
	const first = await stack.waiting(null);
	const queued = Date.now();
	await sleep(1500);
	const second = await stack.waiting(null, { daemon: other });
	await until(async () => (await waits())[0] === 2, "both are counted");
	const asked = Date.now();
	const [, longest] = await waits();
	const [, there] = await waits(other);
	assert.ok(longest >= (asked - queued) / 1000 - 0.01 && longest <= (Date.now() - began) / 1000, `${longest}`);
	assert.ok(there === 0 || there >= 1.4, `${there}`);
	const maria = await stack.desk("maria");
	await maria.take(first.conversation);
	await until(async () => (await waits())[0] === 1, "one is taken");
	assert.ok((await waits())[1] <= (Date.now() - queued - 1400) / 1000);
	await maria.take(second.conversation);
	await until(async () => (await waits())[0] === 0, "the other one, too");
	assert.equal((await waits())[1], 0);
});
