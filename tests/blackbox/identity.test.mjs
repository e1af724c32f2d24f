// Who signed in at the shop, and whose a chat is: browsers are shared, and a
// token stays in its browser. Nobody sees another customer's chat there, and
// nobody loses theirs.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Stack, until } from "./lib.mjs";
import { base64, hmac, jwt, secretFile, soon } from "./vouch.mjs";

const ada = { id: "customer-ada", hmac: hmac("customer-ada") };
const ben = { id: "customer-ben", hmac: hmac("customer-ben") };

const startStack = (t, settings = {}) => Stack.start(t, { settings: { identity_secret_file: secretFile(t), ...settings } });
const visitorOf = (stack, conversation) => stack.redis.cli("HGET", `answerd:conv:{${conversation}}`, "visitor");
const textsOf = (s) => s.frames.flatMap((f) => [f, ...(f.events ?? [])]).filter((f) => f.type === "message").map((f) => f.text);

/* The same browser on its next page: with the token that it was given last. */
const page = (stack, before, user, { daemon } = {}) =>
	stack.shopper({ daemon, hello: { ...before.resume, ...(user ? { user } : {}) } });

async function chat(stack, user, text) {
	const s = await stack.shopper({ hello: user ? { user } : {} });
	await (await s.say(text)).answer;
	return s;
}

function assertKept(now, before) {
	assert.equal(now.conversation, before.conversation);
	assert.equal(now.welcome.another, undefined);
	assert.equal(now.welcome.erased, undefined);
}

function assertAnother(now, ...before) {
	assert.equal(now.welcome.another, true);
	assert.equal(now.welcome.erased, true);
	for (const one of before) {
		assert.notEqual(now.conversation, one.conversation);
		assert.notEqual(now.visitor, one.visitor);
	}
}

function assertEmpty(now) {
	assert.deepEqual(now.welcome.events, []);
	assert.equal(now.welcome.seq, 0);
	assert.equal(now.welcome.state, "bot");
}

describe("one daemon", () => {
	const scope = { after: (fn) => scope.ends.push(fn), ends: [] };
	let stack;

	before(async () => {
		stack = await startStack(scope);
	});
	after(async () => {
		for (const end of scope.ends.reverse())
			await end();
	});

	test("the shop's word for who a user is: a right hmac or JWT passes, a wrong one closes with 4401", async () => {
		for (const user of [
			{ id: "c-17", name: "Ada", email: "ada@shop.example", hmac: hmac("c-17") },
			{ jwt: jwt({ sub: "c-18", exp: soon(), name: "Ben" }) },
			{ jwt: jwt({ sub: "c-18", exp: soon(), nbf: soon() - 3700, iat: soon(), other: [1, { a: 2 }] }, { header: { alg: "HS256", typ: "jwt" } }) },
		]) {
			const s = await stack.shopper({ hello: { user } });
			await (await s.say("hello")).answer;
		}
		const unsigned = await stack.shopper({ hello: { user: { id: "c-17", name: "Ada" } } });
		await unsigned.human().stored;
		const desk = await stack.desk("lena");
		assert.equal((await desk.seesWaiting(unsigned.conversation)).visitor.verified, false, "nobody vouches for this one");
		await unsigned.leave().stored;
		for (const [why, user] of Object.entries({
			"hmac of another id": { id: "c-17", hmac: hmac("c-99") },
			"other secret": { jwt: jwt({ sub: "c-18", exp: soon() }, { secret: "guess" }) },
			"over": { jwt: jwt({ sub: "c-18", exp: soon() - 7200 }) },
			"not yet": { jwt: jwt({ sub: "c-18", exp: soon() + 7200, nbf: soon() }) },
			"no end": { jwt: jwt({ sub: "c-18" }) },
			"no subject": { jwt: jwt({ exp: soon() }) },
			"an empty subject": { jwt: jwt({ sub: "", exp: soon() }) },
			"algorithm none": { jwt: `${base64({ alg: "none" })}.${base64({ sub: "c-18", exp: soon() })}.` },
			"not a JWT": { jwt: "abc" },
		})) {
			const s = await stack.shopper({ greet: false });
			s.send({ type: "hello", user });
			const f = await s.expect("error");
			assert.equal(f.code, "bad_identity", why);
			assert.equal((await s.closed).code, 4401, why);
		}
	});

	test("the next customer in a browser sees nothing of the one before, and each gets theirs back", async () => {
		const first = await chat(stack, ada, "where is my parcel for Elm Street");
		const second = await page(stack, first, ben);
		assertAnother(second, first);
		assertEmpty(second);
		await (await second.say("how can I pay?")).answer;
		assert.ok(!textsOf(second).some((x) => x.includes("Elm Street")));
		assertKept(await page(stack, second, ben), second);
		const back = await page(stack, second, ada);
		assert.equal(back.conversation, first.conversation);
		assert.equal(back.welcome.another, true, "what is on the screen is Ben's");
		assert.ok(textsOf(back).some((x) => x.includes("Elm Street")));
		assert.ok(!textsOf(back).some((x) => x.includes("how can I pay")));
		const again = await page(stack, back, ben);
		assert.equal(again.conversation, second.conversation);
		assertKept(await page(stack, again, ben), again);
	});

	test("who was nobody and signs in keeps the chat, which is theirs from then on", async () => {
		const s = await chat(stack, null, "do you ship to Norway");
		const in_ = await page(stack, s, ada);
		assertKept(in_, s);
		assert.equal(in_.welcome.events.length, 0, "all of it is known");
		const key = `answerd:visitor:{${visitorOf(stack, s.conversation)}}`;
		assert.match(stack.redis.cli("HGET", key, "owner"), /^[A-Za-z0-9_-]{22}$/);
		assert.ok(!stack.redis.cli("HGETALL", key).includes("ada"));
		assertAnother(await page(stack, in_, ben), in_);
		// The token of before says nothing of her, and is not taken either.
		assertAnother(await page(stack, s, ben), s);
		assertKept(await page(stack, s, ada), s);
		// As the shop has it in a JWT she is the same.
		assertKept(await page(stack, in_, { jwt: jwt({ sub: ada.id, exp: soon() }) }), s);
	});

	test("who has signed out is nobody, and has the chat again when they sign in", async () => {
		const s = await chat(stack, ada, "where is my parcel for Oak Street");
		for (const user of [null, { id: ada.id, name: "Ada" }]) {
			const out = await page(stack, s, user);
			assertAnother(out, s);
			assertEmpty(out);
			const next = await page(stack, out, user);
			assertKept(next, out);
			const back = await page(stack, next, ada);
			assert.equal(back.conversation, s.conversation);
			assert.ok(textsOf(back).some((x) => x.includes("Oak Street")));
			assertKept(await page(stack, back, ada), s);
		}
	});

	test("what was said signed out is the chat that is kept, by whoever signs in first", async () => {
		const s = await chat(stack, ada, "where is my parcel");
		const out = await page(stack, s, null);
		await (await out.say("how can I pay?")).answer;
		const back = await page(stack, out, ada);
		assertKept(back, out);
		assertAnother(await page(stack, back, ben), out, s);
	});

	test("a family with one tablet: each is back, also after signing out", async () => {
		const people = [ada, ben, { id: "carl", hmac: hmac("carl") }];
		const chats = [];
		let last = await stack.shopper();
		for (const user of people) {
			last = await page(stack, last, user);
			await (await last.say("how can I pay?")).answer;
			chats.push(last.conversation);
			last = await page(stack, last, null);
			assertEmpty(last);
		}
		assert.equal(new Set(chats).size, people.length);
		for (const i of [0, 1, 2, 1, 0]) {
			last = await page(stack, last, people[i]);
			assert.equal(last.conversation, chats[i]);
			last = await page(stack, last, null);
			assertEmpty(last);
		}
	});

	test("a client that knows nothing of it sends again what was not stored, and goes on", async () => {
		const first = await chat(stack, ada, "where is my parcel");
		const s = await stack.shopper({ greet: false });
		s.claimed = { ...first.resume, user: ben };
		s.send({ type: "hello", ...first.resume, user: ben });
		const m = s.message("how can I pay?");
		await m.stored;
		assert.notEqual(s.conversation, first.conversation);
		assert.equal(s.since >= 1, true);
		const log = await stack.shopper({ hello: { visitor: first.visitor, user: ada } });
		assert.ok(!log.welcome.events.some((e) => e.id === m.id));
	});

	test("an open page that is nobody's does not go on in what has become somebody's", async () => {
		const s = await chat(stack, null, "where is my parcel");
		const in_ = await page(stack, s, ada);
		await in_.leave().stored;
		await (await in_.say("and for Pine Street?")).answer;
		const from = s.mark;
		const m = s.message("hello");
		const welcome = await s.expect((f) => f.type === "welcome" && f.another, { from });
		await m.stored;
		assert.notEqual(welcome.conversation, in_.conversation);
		assert.ok(!textsOf(s).some((x) => x.includes("Pine Street")));
		assert.ok(!textsOf(in_).some((x) => x === "hello"));
	});
});

test("what is stored of an owner is exported, and erased with all else", async (t) => {
	const stack = await startStack(t);
	const s = await chat(stack, ada, "where is my parcel");
	stack.addAgent("root", { args: ["--role", "admin"] });
	const { cookie } = await stack.daemon.login("root", "pass-root-word");
	const headers = { Cookie: cookie, Origin: stack.daemon.origin };
	const visitor = visitorOf(stack, s.conversation);
	const key = `answerd:visitor:{${visitor}}`;
	const out = await stack.daemon.get(`/api/visitors/${visitor}`, { headers });
	assert.equal(out.json.owner, stack.redis.cli("HGET", key, "owner"));
	assert.equal((await stack.daemon.request("DELETE", `/api/visitors/${visitor}`, { headers })).status, 200);
	assert.equal(stack.redis.cli("HKEYS", key), "tombstone");
});

test("what is erased for its age leaves no owner either", async (t) => {
	const stack = await startStack(t, { conversation: { keep_closed: "1 s" } });
	const s = await chat(stack, ada, "where is my parcel");
	const key = `answerd:visitor:{${visitorOf(stack, s.conversation)}}`;
	assert.ok(stack.redis.cli("HGET", key, "owner"));
	await s.leave().stored;
	await s.drop();
	await until(() => stack.redis.cli("EXISTS", key) === "0", "nothing is left of the visitor");
});

test("on whichever daemon, and whoever is first", async (t) => {
	const stack = await startStack(t);
	const other = await stack.another();
	const s = await chat(stack, null, "where is my parcel");
	const both = await Promise.all([page(stack, s, ada), page(stack, s, ben, { daemon: other })]);
	const kept = both.filter((x) => x.conversation === s.conversation);
	assert.equal(kept.length, 1, "one of them");
	const loser = both.find((x) => x !== kept[0]);
	assertAnother(loser, s);
	assertEmpty(loser);
	const [winner, late] = kept[0] === both[0] ? [ada, ben] : [ben, ada];
	assertKept(await page(stack, s, winner, { daemon: other }), s);
	assertAnother(await page(stack, kept[0], late, { daemon: other }), s);
	assertAnother(await page(stack, s, null, { daemon: other }), s);
});

test("while Redis is away the owner keeps the chat, and nobody else gets it", async (t) => {
	const stack = await startStack(t);
	const s = await chat(stack, ada, "where is my parcel for Elm Street");
	const unowned = await chat(stack, null, "do you ship to Norway");
	const fresh = await chat(stack, null, "how can I pay?");
	await stack.redis.stop();
	await until(async () => (await stack.daemon.get("/readyz")).status === 503, "Redis is away");
	const owner = await page(stack, s, ada);
	assertKept(owner, s);
	const next = await page(stack, s, ben);
	assertAnother(next, s);
	const out = await page(stack, s, null);
	assertAnother(out, s);
	assertEmpty(out);
	// Whose this one is cannot be looked up: it may be Ada's by now.
	const doubtful = await page(stack, unowned, ben);
	assert.notEqual(doubtful.conversation, unowned.conversation);
	assert.equal(doubtful.welcome.erased, true);
	assert.equal(doubtful.welcome.another, undefined, "nobody says that it is");
	const nobody = await page(stack, fresh, null);
	assertKept(nobody, fresh);
	const back = await page(stack, next, ada);
	assert.equal(back.conversation, s.conversation);
	const first = await stack.shopper({ hello: { user: ben } });
	const posts = [owner, next, doubtful, nobody, first].map((c) => c.message("hello"));
	await stack.redis.up();
	for (const p of posts)
		await p.stored;
	for (const one of [next, doubtful, first])
		assert.match(stack.redis.cli("HGET", `answerd:visitor:{${visitorOf(stack, one.conversation)}}`, "owner"), /./);
	assertAnother(await page(stack, next, ada), next);
	assertKept(await page(stack, owner, ada), s);
	assertKept(await page(stack, nobody, null), fresh);
});

test("who came with an old token while Redis was away is shown nothing when it is back", async (t) => {
	const stack = await startStack(t);
	const s = await chat(stack, null, "where is my parcel");
	const in_ = await page(stack, s, ada);
	await (await in_.say("and for Elm Street?")).answer;
	await in_.drop();
	await s.drop();
	await stack.daemon.kill9();
	stack.daemon.expectedDead = true;
	await stack.redis.stop();
	const other = await stack.another({ state: 0, ready: false });
	const old = await page(stack, s, null, { daemon: other });
	assert.equal(old.conversation, s.conversation);
	const m = old.message("hello");
	await m.ack;
	const from = old.mark;
	await stack.redis.up();
	const welcome = await old.expect("welcome", { from });
	assert.equal(welcome.another, true);
	assert.deepEqual(welcome.events, []);
	await m.stored;
	assert.ok(!textsOf(old).some((x) => x.includes("Elm Street")));
});

test("whoever is somebody new because the token is another's counts as one of their address", async (t) => {
	const stack = await startStack(t, { limits: { visitors_per_hour: 3 } });
	const shopper = stack.shopper.bind(stack);
	stack.shopper = (options) => shopper({ ...options, headers: { "X-Forwarded-For": "203.0.113.1" } });
	const guest = await chat(stack, null, "hello");
	const before = { ...guest.resume };
	const in_ = await page(stack, guest, ada);
	await (await in_.say("where is my parcel")).answer;
	const refused = async (resume) => {
		const s = await stack.shopper({ greet: false });
		s.send({ type: "hello", ...resume });
		await s.expect({ type: "error", code: "rate_limited" });
		assert.equal((await s.closed).code, 1013);
		assert.deepEqual(s.of("welcome"), []);
	};
	/* By what the token says, and by what Redis says. */
	assertAnother(await page(stack, in_, ben), in_);
	assertAnother(await stack.shopper({ hello: before }), in_);
	await refused({ ...in_.resume, user: ben });
	await refused(before);
	assertKept(await page(stack, in_, ada), in_);
});

test("while a secret is changed nobody loses a chat, and afterwards only the new one is good", async (t) => {
	const stack = await startStack(t);
	const secret = path.join(stack.dir, "secret");
	const old = fs.readFileSync(secret, "utf8");
	const fresh = crypto.randomBytes(32).toString("hex") + "\n";
	const guest = await chat(stack, null, "hello");
	const in_ = await chat(stack, ada, "where is my parcel");
	const left = await chat(stack, ada, "hello again");
	const notes = await page(stack, left, ben); /* its token has Ada as who was here before */
	const fromThen = [guest, in_, left, notes].map((s) => ({ resume: s.resume, conversation: s.conversation }));
	fs.writeFileSync(secret, old + fresh); /* 1. all know the new one */
	const known = await stack.another();
	fs.writeFileSync(secret, fresh + old); /* 2. it signs */
	const signs = await stack.another();
	assertKept(await page(stack, fromThen[0], null, { daemon: signs }), guest);
	const now = await page(stack, fromThen[1], ada, { daemon: signs });
	assertKept(now, in_);
	await (await now.say("and now?")).answer;
	assertKept(await page(stack, now, ada, { daemon: known }), in_);
	assertKept(await page(stack, now, ada, { daemon: signs }), in_);
	const back = await page(stack, fromThen[3], ada, { daemon: signs });
	assert.equal(back.conversation, left.conversation);
	assertAnother(await page(stack, fromThen[1], ben, { daemon: signs }), in_);
	const guestNow = await page(stack, fromThen[0], null, { daemon: signs });
	fs.writeFileSync(secret, fresh); /* 3. the old one is no longer good */
	const last = await stack.another();
	assertKept(await page(stack, guestNow, null, { daemon: last }), guest);
	const forged = await page(stack, fromThen[0], null, { daemon: last });
	assert.equal(forged.of("error")[0].code, "bad_token");
});
