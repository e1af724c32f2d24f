// The clients' checks of the promises, each shown to fail: a server that
// breaks one at a time, and the client must notice.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { Desk, Shopper } from "./wire.mjs";

const welcome = (fields = {}) => ({
	type: "welcome", visitor: "v", conversation: "c", epoch: "e", state: "bot", seq: 0, events: [], more: false,
	announcements: [], limits: {}, shop: {}, degraded: false, ...fields,
});
const message = (seq, fields = {}) => ({ type: "message", id: `b${seq}`, from: "bot", text: "x", at: 1, seq, ...fields });

/* A shopper whose server answers hello by `first` and a message by `then`. */
async function served(t, first, then) {
	const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
	await new Promise((resolve) => server.on("listening", resolve));
	t.after(() => server.close());
	server.on("connection", (socket) => {
		const send = (frames) => frames.forEach((f) => socket.send(typeof f === "string" ? f : JSON.stringify(f)));
		socket.on("message", (data) => {
			const frame = JSON.parse(data);
			send(frame.type === "hello" ? first : then(frame));
			socket.send(JSON.stringify({ type: "pong", at: 1 }));
		});
	});
	const daemon = { url: (p) => `ws://127.0.0.1:${server.address().port}${p}`, origin: "http://x" };
	const s = await Shopper.connect(daemon, { greet: false });
	s.send({ type: "hello" });
	await s.expect("pong").catch(() => {});
	if (then) {
		const from = s.mark;
		s.send({ type: "message", id: "m1", text: "hi" });
		await s.expect("pong", { from }).catch(() => {});
	}
	return s;
}

const good = [
	{ type: "ack", id: "m1", at: 1 },
	{ type: "message", id: "m1.a", from: "bot", reply_to: "m1", text: "y", at: 1 },
	{ type: "stored", id: "m1", seq: 1 },
	{ type: "stored", id: "m1.a", seq: 2 },
];

test("who keeps the promises is not blamed", async (t) => {
	const s = await served(t, [welcome()], () => good);
	await s.fini();
});

const wrongs = {
	"no ack": [good[2], /acks of m1|before its ack/],
	"stored before the ack": [[good[2], good[0]], /before its ack/],
	"an answer before the ack": [[good[1], good[0]], /before its ack/],
	"two acks": [[good[0], good[0]], /more often than sent/],
	"an ack of nothing": [[good[0], { type: "ack", id: "zz", at: 1 }], /never sent/],
	"an ack without a time": [[{ type: "ack", id: "m1" }], /without time/],
	"a gap": [[good[0], message(1), message(3)], /seq 3 after 1/],
	"a seq twice": [[good[0], message(1), message(1)], /seq 1 after 1/],
	"backwards": [[good[0], message(1), message(2), message(1)], /seq 1 after 2/],
	"stored in a gap": [[good[0], { type: "stored", id: "m1", seq: 4 }], /stored 4 after 0/],
	"stored with two seqs": [[good[0], good[2], message(2), { type: "stored", id: "m1", seq: 2 }], /stored as 1 and as 2/],
	"a note to the shopper": [[good[0], { type: "note", seq: 1, text: "secret", at: 1 }], /note reached the shopper/],
	"not JSON": [[good[0], "{"], /not JSON/],
};
for (const [name, [frames, blame]] of Object.entries(wrongs))
	test(`a server is caught that sends ${name}`, async (t) => {
		const s = await served(t, [welcome()], () => [frames].flat());
		await assert.rejects(s.fini(), blame);
	});

test("a welcome that lacks a field, or whose events do not end at its seq, is caught", async (t) => {
	const { limits, ...without } = welcome();
	await assert.rejects((await served(t, [without])).fini(), /without limits/);
	await assert.rejects((await served(t, [welcome({ seq: 2, events: [message(1)] })])).fini(), /says seq 2/);
	await assert.rejects((await served(t, [welcome({ seq: 2, events: [message(2)] })])).fini(), /seq 2 after 0/);
});

test("the desk's log with a gap, or of a conversation that is not open, is caught", async (t) => {
	const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
	await new Promise((resolve) => server.on("listening", resolve));
	t.after(() => server.close());
	const hello = { type: "welcome", agent: {}, presence: "online", queue: [], mine: [], canned: [], outcomes: [] };
	const event = (conversation, seq) => ({ type: "event", conversation, event: message(seq) });
	server.on("connection", (socket, request) => {
		socket.on("message", (data) => {
			const frame = JSON.parse(data);
			const frames = frame.type === "hello" ? [hello, ...(request.headers["x-case"] === "closed" ? [event("d", 1)] : [])]
				: [{ type: "ack", id: frame.id, at: 1 }, event("c", 1), event("c", 3), { type: "done", id: frame.id, conversation: "c" }];
			frames.forEach((f) => socket.send(JSON.stringify(f)));
		});
	});
	const daemon = { url: (p) => `ws://127.0.0.1:${server.address().port}${p}`, origin: "http://x" };
	const gap = await Desk.connect(daemon, {});
	await assert.rejects(gap.open("c"), /seq 3 after 1/);
	await assert.rejects(gap.fini(), /seq 3 after 1/);
	const closed = await Desk.connect(daemon, { headers: { "x-case": "closed" } }).catch((e) => e);
	if (closed instanceof Error)
		assert.match(closed.message, /not open/);
	else
		await assert.rejects(closed.fini(), /not open/);
});
