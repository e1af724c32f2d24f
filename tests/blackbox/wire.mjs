// The two kinds of client, as the protocol's page has them. Each writes down
// every frame in both directions and holds the daemon to the promises on every
// frame that comes: an acknowledgement for each frame sent and before anything
// that speaks of it, seqs strictly ascending without a gap, `stored` once and
// the same again for a repeat. What breaks a promise is thrown by fini() (and
// by the next wait), whatever the test itself looks at.

import assert from "node:assert/strict";
import WebSocket from "ws";

/* For a machine that stands still; what is tested never takes it. */
const WAIT_MS = 60000;
let counter = 0;

/* Ids that no other test uses. */
export function newId(prefix = "m") {
	counter++;
	return `${prefix}${process.pid.toString(36)}-${Date.now().toString(36)}-${counter}`;
}

export class Client {
	constructor(url, protocol, { headers = {}, ws = {} } = {}) {
		this.frames = []; /* came, in order */
		this.sent = [];
		this.broken = []; /* promises */
		this.waits = new Set();
		this.acked = new Map(); /* id: how often */
		this.refused = new Map(); /* id: error code */
		this.sends = new Map(); /* id: how often */
		this.socket = new WebSocket(url, protocol, { headers, perMessageDeflate: false, ...ws });
		this.opened = new Promise((resolve, reject) => {
			this.socket.on("open", resolve);
			this.socket.on("unexpected-response", (request, reply) => {
				let body = "";
				reply.on("data", (part) => {
					body += part;
				});
				reply.on("end", () => {
					const error = new Error(`HTTP ${reply.statusCode}: ${body}`);
					error.status = reply.statusCode;
					error.headers = reply.headers;
					error.body = body;
					reject(error);
				});
				reply.on("error", reject);
			});
			this.socket.on("error", reject);
		});
		this.opened.catch(() => {});
		this.closed = new Promise((resolve) => {
			this.socket.on("close", (code, reason) => {
				this.closeCode = code;
				resolve({ code, reason: reason.toString() });
				this.wake();
			});
		});
		this.socket.on("message", (data, isBinary) => this.came(data, isBinary));
	}

	came(data, isBinary) {
		if (isBinary)
			return this.breach("a binary frame came");
		let frame;
		try {
			frame = JSON.parse(data.toString("utf8"));
		} catch (e) {
			return this.breach(`not JSON: ${data.toString("utf8").slice(0, 200)}`);
		}
		if (typeof frame.type !== "string")
			this.breach(`a frame without type: ${JSON.stringify(frame)}`);
		Object.defineProperty(frame, "cameMs", { value: performance.now() });
		this.frames.push(frame);
		this.account(frame);
		this.wake();
	}

	breach(what) {
		this.broken.push(what);
		this.wake();
	}

	/* Promise 1, for both kinds. */
	account(frame) {
		if (frame.type === "ack") {
			this.acked.set(frame.id, (this.acked.get(frame.id) ?? 0) + 1);
			if (!this.sends.has(frame.id))
				this.breach(`ack of ${frame.id}, never sent`);
			else if (this.acked.get(frame.id) > this.sends.get(frame.id))
				this.breach(`${frame.id} acknowledged more often than sent`);
			if (!Number.isInteger(frame.at))
				this.breach(`ack without time: ${JSON.stringify(frame)}`);
		}
		if (frame.type === "error" && frame.id !== undefined)
			this.refused.set(frame.id, frame.code);
		const about = frame.type === "message" ? frame.reply_to : ["stored", "done"].includes(frame.type) ? frame.id : undefined;
		/* `isShared`: the test sends the same id by another connection, too,
		 * whose outcome may come first. */
		if (about !== undefined && !this.isShared && this.sends.has(about) && !this.acked.has(about))
			this.breach(`${frame.type} of ${about} before its ack`);
		this.inOrder(frame);
	}

	inOrder() {}

	wake() {
		for (const wait of [...this.waits])
			wait();
	}

	raw(text) {
		this.socket.send(text);
	}

	send(frame) {
		if (frame.id !== undefined)
			this.sends.set(frame.id, (this.sends.get(frame.id) ?? 0) + 1);
		this.sent.push(frame);
		this.socket.send(JSON.stringify(frame));
	}

	/* The first frame from `from` on that `like` (a type, an object to be
	 * matched, or a function) fits. Waits for it. */
	expect(like, { from = 0, ms = WAIT_MS, what } = {}) {
		const fits = typeof like === "function" ? like
			: typeof like === "string" ? (f) => f.type === like
				: (f) => Object.entries(like).every(([key, value]) => f[key] === value);
		const name = what ?? (typeof like === "function" ? like.toString() : JSON.stringify(like));
		let at = from;
		return new Promise((resolve, reject) => {
			const finish = (settle, value) => {
				this.waits.delete(look);
				clearTimeout(timer);
				settle(value);
			};
			const look = () => {
				for (; at < this.frames.length; at++)
					if (fits(this.frames[at]))
						return finish(resolve, this.frames[at]);
				if (this.broken.length)
					return finish(reject, new Error(`promise broken: ${this.broken.join("; ")}\n${this.tail()}`));
				if (this.closeCode !== undefined)
					return finish(reject, new Error(`closed (${this.closeCode}) while waiting for ${name}\n${this.tail()}`));
			};
			const timer = setTimeout(() => finish(reject, new Error(`not in ${ms} ms: ${name}\n${this.tail()}`)), ms);
			this.waits.add(look);
			look();
		});
	}

	/* From here on: for expect's `from`. */
	get mark() {
		return this.frames.length;
	}

	tail() {
		return "last frames:\n" + this.frames.slice(-12).map((f) => "  " + JSON.stringify(f).slice(0, 300)).join("\n");
	}

	of(type) {
		return this.frames.filter((f) => f.type === type);
	}

	close(code = 1000) {
		this.socket.close(code);
		return this.closed;
	}

	/* As a pulled cable: no close frame. */
	drop() {
		this.socket.terminate();
		return this.closed;
	}

	/* Every frame with an id that was well formed has its ack, once each. */
	check() {
		assert.deepEqual(this.broken, [], "promises of the protocol");
		if (!this.shutEarly)
			for (const [id, times] of this.sends)
				if (!this.refused.has(id))
					assert.equal(this.acked.get(id) ?? 0, times, `acks of ${id}\n${this.tail()}`);
	}

	async fini() {
		const open = this.closeCode === undefined;
		if (open) {
			this.socket.terminate();
			await this.closed;
		}
		this.check();
	}
}

const LOGGED = new Set(["message", "state", "ask_feedback", "skip", "note", "feedback"]);

/* Promise 3 for one log: feed it what carries a seq. */
class Order {
	constructor(since, broken) {
		this.last = since;
		this.broken = broken;
		this.stored = new Map(); /* id: seq */
	}

	logged(frame) {
		if (frame.seq !== this.last + 1)
			this.broken(`seq ${frame.seq} after ${this.last}: ${JSON.stringify(frame).slice(0, 200)}`);
		this.last = Math.max(this.last, frame.seq);
		if (frame.id !== undefined)
			this.stored.set(frame.id, frame.seq);
	}

	/* In the place of the event, or again for a repeat. */
	kept(frame) {
		const known = this.stored.get(frame.id);
		if (known !== undefined && known !== frame.seq)
			this.broken(`${frame.id} stored as ${known} and as ${frame.seq}`);
		if (frame.seq > this.last + 1)
			this.broken(`stored ${frame.seq} after ${this.last}`);
		this.stored.set(frame.id, frame.seq);
		this.last = Math.max(this.last, frame.seq);
	}
}

export class Shopper extends Client {
	static async connect(daemon, { hello = {}, ws, headers, greet = true } = {}) {
		const shopper = new Shopper(daemon.url("/chat"), "answerd.chat.v1", { ws, headers });
		shopper.daemon = daemon;
		await shopper.opened;
		if (greet)
			await shopper.hello(hello);
		return shopper;
	}

	async hello(fields = {}) {
		const from = this.mark;
		this.claimed = fields;
		this.send({ type: "hello", ...fields });
		this.welcome = await this.expect("welcome", { from });
		return this.welcome;
	}

	inOrder(frame) {
		if (frame.type === "welcome")
			return this.welcomed(frame);
		if (frame.type === "reset") {
			this.resets = (this.resets ?? 0) + 1;
			this.epoch = frame.epoch;
			this.order = new Order(0, (w) => this.breach(w));
			return;
		}
		if (frame.seq === undefined || frame.type === "read")
			return;
		if (this.order === undefined)
			return this.breach(`${frame.type} before the welcome`);
		if (frame.type === "stored")
			this.order.kept(frame);
		else if (LOGGED.has(frame.type)) {
			if (["note", "feedback"].includes(frame.type))
				this.breach(`a ${frame.type} reached the shopper`);
			this.order.logged(frame);
		} else
			this.breach(`an unknown frame with a seq: ${JSON.stringify(frame)}`);
	}

	welcomed(frame) {
		for (const key of ["visitor", "conversation", "epoch", "state", "seq", "events", "more", "announcements", "limits", "shop", "degraded"])
			if (frame[key] === undefined)
				this.breach(`welcome without ${key}`);
		const c = this.claimed ?? {};
		const resumed = this.order === undefined && c.conversation === frame.conversation && c.epoch === frame.epoch;
		this.order = new Order(resumed ? c.since ?? 0 : 0, (w) => this.breach(w));
		this.visitor = frame.visitor;
		this.conversation = frame.conversation;
		this.epoch = frame.epoch;
		if ((frame.events ?? []).length > 100)
			this.breach(`welcome with ${frame.events.length} events`);
		for (const event of frame.events ?? [])
			this.order.logged(event);
		if (frame.more === false && !frame.degraded && this.order.last !== frame.seq)
			this.breach(`welcome says seq ${frame.seq}, its events end at ${this.order.last}`);
		this.welcome = frame;
	}

	get since() {
		return this.order.last;
	}

	/* What a hello needs to go on where this one is. */
	get resume() {
		return { visitor: this.visitor, conversation: this.conversation, epoch: this.epoch, since: this.since };
	}

	message(text, fields = {}) {
		return this.posted({ type: "message", text, ...fields });
	}

	human(fields = {}) {
		return this.posted({ type: "human", ...fields });
	}

	choose(value, fields = {}) {
		return this.posted({ type: "choose", value, ...fields });
	}

	contact(fields) {
		return this.posted({ type: "contact", ...fields });
	}

	leave(fields = {}) {
		return this.posted({ type: "leave", ...fields });
	}

	feedback(ask, score, fields = {}) {
		return this.posted({ type: "feedback", ask, score, ...fields });
	}

	posted(frame) {
		const client = this;
		const id = frame.id ?? newId();
		const from = this.mark;
		this.send({ ...frame, id });
		const one = (fits, what) => client.expect(fits, { from, what });
		return {
			id,
			from,
			get ack() {
				return one((f) => f.type === "ack" && f.id === id, `ack of ${id}`);
			},
			get stored() {
				return one((f) => f.type === "stored" && f.id === id, `stored of ${id}`);
			},
			get error() {
				return one((f) => f.type === "error" && f.id === id, `error of ${id}`);
			},
			get answer() {
				return one((f) => f.type === "message" && f.from === "bot" && f.reply_to === id, `answer to ${id}`);
			},
		};
	}

	/* Says it and waits until it is stored; gives the bot's answer or none. */
	async say(text, fields) {
		const m = this.message(text, fields);
		await m.ack;
		m.stored_ = await m.stored;
		return m;
	}

	/* The state frame of this state, from now or before. */
	state(name, options) {
		return this.expect((f) => f.type === "state" && f.state === name, { what: `state ${name}`, ...options });
	}
}

export class Desk extends Client {
	static async connect(daemon, { cookie, bearer, headers = {}, greet = true, origin = daemon.origin, ws } = {}) {
		const all = { ...headers };
		if (cookie)
			all.Cookie = cookie;
		if (bearer)
			all.Authorization = `Bearer ${bearer}`;
		if (origin)
			all.Origin = origin;
		const desk = new Desk(daemon.url("/desk"), "answerd.desk.v1", { headers: all, ws });
		desk.daemon = daemon;
		await desk.opened;
		if (greet)
			await desk.hello();
		return desk;
	}

	async hello() {
		const from = this.mark;
		this.send({ type: "hello" });
		this.welcome = await this.expect("welcome", { from });
		for (const key of ["agent", "presence", "queue", "mine", "canned", "outcomes"])
			assert.notEqual(this.welcome[key], undefined, `welcome without ${key}`);
		return this.welcome;
	}

	/* What was under way when it was asked for comes before the ack. */
	turn(frame) {
		const asked = this.asked?.get(frame.id);
		if (asked === undefined)
			return;
		this.asked.delete(frame.id);
		if (asked.type === "open")
			this.orders.set(asked.conversation, new Order(asked.since ?? 0, (w) => this.breach(w)));
		else
			this.orders.delete(asked.conversation);
	}

	inOrder(frame) {
		this.orders ??= new Map();
		if (frame.type === "ack")
			this.turn(frame);
		const order = this.orders.get(frame.conversation);
		if (frame.type === "event") {
			if (!Number.isInteger(frame.event?.seq))
				return this.breach(`event without seq: ${JSON.stringify(frame)}`);
			if (order === undefined)
				return this.breach(`event of ${frame.conversation}, which is not open`);
			order.logged(frame.event);
		} else if (frame.type === "stored") {
			/* Its id is the sender's own, which the shopper may have used. */
			order?.kept({ ...frame, id: `own:${frame.id}` });
		} else if (frame.type === "reset") {
			this.orders.set(frame.conversation, new Order(0, (w) => this.breach(w)));
		}
	}

	/* Sends it with an id; what comes of it. */
	ask(frame) {
		const client = this;
		const id = frame.id ?? newId("x");
		const from = this.mark;
		if (frame.type === "open" || frame.type === "close")
			(this.asked ??= new Map()).set(id, frame);
		this.send({ ...frame, id });
		const one = (fits, what) => client.expect(fits, { from, what });
		return {
			id,
			from,
			get ack() {
				return one((f) => f.type === "ack" && f.id === id, `ack of ${frame.type}`);
			},
			get done() {
				return client.settled(id, "done", from, frame.type);
			},
			get stored() {
				return client.settled(id, "stored", from, frame.type);
			},
			get error() {
				return client.settled(id, "error", from, frame.type);
			},
			get any() {
				return one((f) => ["done", "stored", "error"].includes(f.type) && f.id === id, `outcome of ${frame.type}`);
			},
		};
	}

	/* The outcome, which must be of this type: a wrong one fails at once. */
	async settled(id, type, from, name) {
		const f = await this.expect((g) => ["done", "stored", "error"].includes(g.type) && g.id === id, { from, what: `${type} of ${name}` });
		assert.equal(f.type, type, `${name}: ${JSON.stringify(f)}`);
		return f;
	}

	claim(conversation) {
		return this.ask({ type: "claim", ...(conversation ? { conversation } : {}) });
	}

	/* Takes it and opens it: what an agent does first. */
	async take(conversation) {
		const done = await this.claim(conversation).done;
		await this.open(done.conversation);
		return done.conversation;
	}

	async open(conversation, since) {
		const o = this.ask({ type: "open", conversation, ...(since === undefined ? {} : { since }) });
		await o.done;
		return this.log(conversation);
	}

	/* The events of it that came, in order. */
	log(conversation) {
		return this.frames.filter((f) => f.type === "event" && f.conversation === conversation).map((f) => f.event);
	}

	event(conversation, fits, options = {}) {
		return this.expect((f) => f.type === "event" && f.conversation === conversation && fits(f.event), { what: `event in ${conversation}: ${fits}`, ...options });
	}

	say(conversation, text, fields = {}) {
		return this.ask({ type: "message", conversation, text, ...fields });
	}

	/* In the list of those who wait, by a frame or by the welcome. */
	async seesWaiting(conversation, options = {}) {
		const has = (items) => (items ?? []).find((i) => i.conversation === conversation);
		const f = await this.expect((g) => (g.type === "queue" && has(g.items)) || (g.type === "welcome" && has(g.queue)), { what: `${conversation} in the queue`, ...options });
		return has(f.items) ?? has(f.queue);
	}

	async seesNotWaiting(conversation, options = {}) {
		return this.expect((f) => f.type === "queue" && !f.items.some((i) => i.conversation === conversation), { what: `${conversation} not in the queue`, ...options });
	}
}
