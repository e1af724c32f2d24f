// The connection that comes back, on a made-up clock and made-up sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../src/web/load.mjs";

const { Link, backoffMs } = await load("shared/link.ts");

function setUp(random = 0.5) {
	const world = { now: 0, timers: [], sockets: [], states: [], opened: 0, frames: [] };
	const env = {
		now: () => world.now,
		random: () => random,
		after(ms, f) {
			world.timers.push({ at: world.now + ms, f, id: world.timers.length + 1 });
			return world.timers.length;
		},
		cancel(id) {
			const t = world.timers[id - 1];
			if (t)
				t.f = null;
		},
		connect() {
			const socket = { readyState: 0, sent: [], send(d) {
				this.sent.push(JSON.parse(d));
			}, close(code) {
				this.closedWith = code;
				this.readyState = 3;
			} };
			world.sockets.push(socket);
			return socket;
		},
	};
	const link = new Link(env, {
		onopen: () => world.opened++,
		onframe: (f) => world.frames.push(f),
		onstate: (s, code) => world.states.push([s, code]),
	});
	world.link = link;
	world.last = () => world.sockets.at(-1);
	world.open = () => {
		world.last().readyState = 1;
		world.last().onopen();
		link.ready();
	};
	world.close = (code) => {
		world.last().readyState = 3;
		world.last().onclose({ code });
	};
	world.pass = (ms) => {
		const end = world.now + ms;
		for (;;) {
			const next = world.timers.filter((t) => t.f && t.at <= end).sort((a, b) => a.at - b.at)[0];
			if (!next)
				break;
			world.now = next.at;
			const f = next.f;
			next.f = null;
			f();
		}
		world.now = end;
	};
	return world;
}

test("it connects, says that it is open, and passes frames on but not pongs", () => {
	const w = setUp();
	w.link.start();
	w.open();
	w.last().onmessage({ data: '{"type":"message"}' });
	w.last().onmessage({ data: '{"type":"pong","at":1}' });
	w.last().onmessage({ data: "not json" });
	assert.equal(w.opened, 1);
	assert.deepEqual(w.frames, [{ type: "message" }]);
});

test("waits grow up to half a minute and are never the same for all", () => {
	for (let n = 0; n < 12; n++) {
		assert.ok(backoffMs(n, 0) >= 250);
		assert.ok(backoffMs(n, 1) <= 30_000);
		assert.ok(backoffMs(n, 0) < backoffMs(n, 1));
	}
	assert.ok(backoffMs(0, 1) <= 500);
});

test("a restart of the daemon is followed by a random wait of up to 2 s", () => {
	for (const code of [1012, 1001]) {
		const w = setUp(0.9);
		w.link.start();
		w.open();
		w.close(code);
		w.pass(1_700);
		assert.equal(w.sockets.length, 1);
		w.pass(200);
		assert.equal(w.sockets.length, 2);
	}
});

test("1008 and 4401 stop it until it is started again", () => {
	for (const code of [1008, 4401]) {
		const w = setUp();
		w.link.start();
		w.open();
		w.close(code);
		w.pass(600_000);
		assert.equal(w.sockets.length, 1);
		assert.deepEqual(w.states.at(-1), ["stopped", code]);
		w.link.nudge();
		assert.equal(w.sockets.length, 1);
		w.link.start();
		assert.equal(w.sockets.length, 2);
	}
});

test("no room: it comes back, but not soon", () => {
	const w = setUp(0);
	w.link.start();
	w.open();
	w.close(1013);
	w.pass(5_000);
	assert.equal(w.sockets.length, 1);
	w.pass(1_000);
	assert.equal(w.sockets.length, 2);
});

test("it pings every 20 s and hangs up when nothing comes for 10 s", () => {
	const w = setUp();
	w.link.start();
	w.open();
	w.pass(20_000);
	assert.deepEqual(w.last().sent.map((f) => f.type), ["ping"]);
	w.last().onmessage({ data: JSON.stringify({ type: "pong", at: w.last().sent[0].at }) });
	w.pass(20_000);
	assert.equal(w.sockets.length, 1);
	const first = w.last();
	w.pass(10_000);
	assert.equal(first.closedWith, 4000);
	w.pass(1_000);
	assert.equal(w.sockets.length, 2);
});

test("any frame counts as an answer, and a frame that wants one is a question", () => {
	const w = setUp();
	w.link.start();
	w.open();
	w.link.send({ type: "message" }, true);
	w.pass(9_000);
	w.last().onmessage({ data: '{"type":"typing"}' });
	w.pass(5_000);
	assert.equal(w.sockets.length, 1);
	w.link.send({ type: "message" }, true);
	w.pass(10_000);
	assert.equal(w.last().closedWith, 4000);
});

test("a nudge ends a wait at once, but two nudges are not two connections", () => {
	const w = setUp();
	w.link.start();
	w.open();
	w.pass(5_000);
	w.close(1006);
	w.link.nudge();
	w.link.nudge();
	w.pass(1);
	assert.equal(w.sockets.length, 2);
});

test("a nudge right after a try waits a moment, not the whole wait", () => {
	const w = setUp(1);
	w.link.start();
	for (let i = 0; i < 6; i++) {
		w.close(1006);
		w.pass(30_000);
	}
	const before = w.sockets.length;
	w.close(1006);
	w.link.nudge();
	w.pass(450);
	assert.equal(w.sockets.length, before + 1);
});

test("a connection that says nothing after it was opened is given up", () => {
	const w = setUp();
	w.link.start();
	w.last().readyState = 1;
	w.last().onopen();
	const first = w.last();
	w.pass(15_000);
	assert.equal(first.closedWith, 4000);
	w.pass(2_000);
	assert.ok(w.sockets.length > 1);
});

test("an old socket's late events change nothing", () => {
	const w = setUp();
	w.link.start();
	w.open();
	const old = w.last();
	w.link.restart();
	w.open();
	old.onmessage({ data: '{"type":"message"}' });
	old.onclose({ code: 4401 });
	assert.deepEqual(w.frames, []);
	assert.equal(w.link.state, "ready");
});
