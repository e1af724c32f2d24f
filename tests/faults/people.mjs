// Shoppers and agents as PROTOCOL.md asks a client to be: an outbox that is
// sent again in order after a reconnect, back-off with jitter, since and epoch
// in the hello, reset, busy and rate_limited as written there. Each keeps the
// ledger of its own messages. They come back to any daemon that is up.

import WebSocket from "ws";
import { sleep } from "../blackbox/lib.mjs";

const QUESTIONS = ["what does delivery cost", "how long does delivery take", "what payment methods do you take", "how do I return something",
	"can I change my address", "where is my refund", "I forgot my password", "do you deliver to France", "how do I cancel an order", "I want an invoice",
	"how do I open an account", "what is your phone number"];
/* A chat that an agent has is over after so many answers, more or less. */
const ANSWERS = 6;

/* The line to one of `where()`'s daemons, kept up. */
class Line {
	constructor(where, dice) {
		this.where = where;
		this.dice = dice;
		this.box = []; /* not stored yet, in order */
		this.sent = []; /* the ledger */
		this.byId = new Map();
		this.asks = new Map(); /* what has no message in it, until it is done */
		this.places = 0;
		this.foreign = [];
		this.away = []; /* ms of each reconnect */
		this.tries = 0;
		this.resets = 0;
		this.closes = {};
		this.isOver = false;
	}

	start() {
		if (this.isOver)
			return;
		const addresses = this.where();
		const address = addresses[Math.floor(this.dice() * addresses.length)];
		const { path, protocol, headers, localAddress } = this.way(address);
		this.isReady = false;
		const socket = new WebSocket(`ws://${address}${path}`, protocol, { headers, localAddress, perMessageDeflate: false, handshakeTimeout: 5000 });
		this.socket = socket;
		socket.on("open", () => this.greet());
		socket.on("message", (data) => {
			if (socket === this.socket)
				this.came(JSON.parse(data.toString()));
		});
		socket.on("error", () => {});
		socket.on("close", (code) => this.lost(code));
	}

	/* Told to come back: at a time of one's own within 2 s. */
	waitMs(code) {
		if (code === 1012)
			return this.dice() * 2000;
		return Math.min(100 * 2 ** this.tries++, 2000) * (0.5 + this.dice() / 2);
	}

	lost(code) {
		this.closes[code] = (this.closes[code] ?? 0) + 1;
		if (this.isReady)
			this.goneAt = performance.now();
		this.goneAt ??= performance.now();
		this.isReady = false;
		this.isHeld = false;
		if (this.isOver)
			return;
		setTimeout(() => this.start(), this.waitMs(code));
	}

	/* Welcome came: all that is not stored goes again. */
	ready() {
		this.isReady = true;
		this.tries = 0;
		if (this.goneAt !== undefined)
			this.away.push(performance.now() - this.goneAt);
		this.goneAt = undefined;
		this.flush();
	}

	put(frame) {
		if (this.socket.readyState === WebSocket.OPEN)
			this.socket.send(JSON.stringify(frame));
	}

	post(frame, entry) {
		entry.frame = frame;
		entry.place = this.places++;
		this.sent.push(entry);
		this.byId.set(entry.id, entry);
		this.box.push(entry);
		if (this.isReady && !this.isHeld) {
			entry.at = performance.now();
			this.put(frame);
		}
	}

	/* In the order in which it was written, messages and all else. */
	flush() {
		const all = [...this.box, ...this.asks.values()].sort((a, b) => a.place - b.place);
		for (const { frame } of all)
			this.put(frame);
	}

	/* What both kinds have; true: it was that. */
	common(f) {
		const entry = this.byId.get(f.id);
		const isKnown = entry !== undefined || this.asks.has(f.id);
		if (f.type === "ack" && entry) {
			this.aheadMs = Math.max(this.aheadMs ?? 0, f.at - Date.now());
			if (entry.at !== undefined)
				entry.ackMs ??= performance.now() - entry.at;
			entry.acked = true;
			return true;
		}
		if (f.type === "error" && isKnown && ["busy", "rate_limited"].includes(f.code)) {
			/* Nothing newer until this one comes again. */
			if (!this.isHeld) {
				this.isHeld = true;
				const { socket } = this;
				setTimeout(() => {
					if (socket !== this.socket)
						return;
					this.isHeld = false;
					this.flush();
				}, f.retry_ms ?? 500);
			}
			return true;
		}
		if (f.type === "error" && entry) {
			entry.refused = f.code;
			this.settle(entry);
			return true;
		}
		if (f.type === "error" || f.type === "done")
			this.asks.delete(f.id);
		return false;
	}

	ask(frame) {
		this.asks.set(frame.id, { frame, place: this.places++ });
		if (this.isReady && !this.isHeld)
			this.put(frame);
	}

	settle(entry) {
		const at = this.box.indexOf(entry);
		if (at >= 0)
			this.box.splice(at, 1);
	}

	stop() {
		this.isOver = true;
		this.socket?.terminate();
	}
}

export class Customer extends Line {
	constructor(n, where, dice) {
		super(where, dice);
		this.n = n;
		this.sender = `s${n}`;
		this.since = 0;
	}

	way() {
		return { path: "/chat", protocol: "answerd.chat.v1", localAddress: `127.0.${1 + this.n % 200}.${1 + Math.floor(this.n / 200) % 200}` };
	}

	greet() {
		this.put({ type: "hello", ...(this.visitor ? { visitor: this.visitor, conversation: this.conversation, epoch: this.epoch, since: this.since } : {}) });
	}

	came(f) {
		if (f.type === "welcome")
			return this.welcomed(f);
		if (f.type === "reset") {
			this.resets++;
			this.epoch = f.epoch;
			this.since = 0;
			return;
		}
		if (this.common(f))
			return;
		if (f.type === "stored")
			this.stored(f);
		if (f.seq !== undefined && f.type !== "read")
			this.since = Math.max(this.since, f.seq);
		this.event(f);
	}

	welcomed(f) {
		const same = f.conversation === this.conversation && f.epoch === this.epoch;
		if (!same)
			this.since = 0;
		Object.assign(this, { visitor: f.visitor, conversation: f.conversation, epoch: f.epoch, state: f.state });
		for (const e of f.events) {
			this.since = Math.max(this.since, e.seq);
			this.event(e);
		}
		this.ready();
	}

	stored(f) {
		const entry = this.byId.get(f.id);
		if (!entry)
			return;
		Object.assign(entry, { stored: true, seq: f.seq, epoch: this.epoch, conversation: this.conversation });
		this.settle(entry);
	}

	event(f) {
		if (f.type === "state")
			this.state = f.state;
		if (f.type !== "message")
			return;
		if (f.from === "shopper" && !this.byId.has(f.id))
			this.foreign.push(`${this.sender} was shown ${f.id}`);
		if (f.from === "bot" && f.reply_to) {
			if (!this.byId.has(f.reply_to))
				this.foreign.push(`${this.sender} was shown an answer to ${f.reply_to}`);
			const asked = this.byId.get(f.reply_to);
			if (asked?.at !== undefined)
				asked.answerMs ??= performance.now() - asked.at;
		}
	}

	say(text = QUESTIONS[Math.floor(this.dice() * QUESTIONS.length)]) {
		const id = `c${this.n}-${this.sent.length}`;
		this.post({ type: "message", id, text }, { sender: this.sender, id, text });
		return id;
	}

	/* The log has a button's text for it: looked at by id alone. */
	human() {
		const id = `c${this.n}-${this.sent.length}`;
		this.post({ type: "human", id }, { sender: this.sender, id, text: "I would like to talk to a person." });
		return id;
	}
}

export class Agent extends Line {
	constructor(name, cookie, where, dice) {
		super(where, dice);
		this.name = name;
		this.cookie = cookie;
		this.sender = `a:${name}`;
		this.chats = new Map(); /* conversation: highest seq */
		this.open = new Set(); /* on this connection */
		this.left = new Set(); /* resolved on this connection */
		this.taken = 0; /* chats lost to another's hand or to the line */
		this.asked = 0;
		this.seen = new Set();
	}

	way(address) {
		return { path: "/desk", protocol: "answerd.desk.v1", headers: { Cookie: this.cookie, Origin: `http://${address}` } };
	}

	greet() {
		this.put({ type: "hello" });
	}

	came(f) {
		if (f.type === "welcome") {
			for (const list of [this.asks, this.open, this.left])
				list.clear();
			for (const item of f.mine)
				this.look(item.conversation);
			[this.outcome] = f.outcomes;
			this.ready();
			return;
		}
		if (this.common(f))
			return;
		if (f.type === "assigned" || (f.type === "done" && f.conversation && /^claim/.test(f.id)))
			return this.look(f.item?.conversation ?? f.conversation);
		if (f.type === "reset" && this.chats.has(f.conversation))
			this.chats.set(f.conversation, 0);
		if (f.type === "unassigned") {
			this.taken += this.chats.has(f.conversation) && f.why !== "closed" ? 1 : 0;
			this.drop(f.conversation);
		}
		if (f.type === "stored")
			this.stored(f);
		if (f.type === "event")
			this.event(f);
	}

	drop(conversation) {
		this.chats.delete(conversation);
		this.open.delete(conversation);
	}

	/* A chat that is being resolved may be told as assigned once more. */
	look(conversation) {
		if (this.open.has(conversation) || this.left.has(conversation))
			return;
		this.open.add(conversation);
		const since = this.chats.get(conversation) ?? 0;
		this.chats.set(conversation, since);
		this.ask({ type: "open", id: `open${++this.asked}`, conversation, since });
	}

	claim() {
		if (this.isReady && !this.isResting && this.chats.size + this.asks.size < 5)
			this.ask({ type: "claim", id: `claim${++this.asked}` });
	}

	stored(f) {
		const entry = this.byId.get(f.id);
		if (!entry)
			return;
		Object.assign(entry, { stored: true, seq: f.seq });
		this.settle(entry);
	}

	event({ conversation, event: e }) {
		if (!this.chats.has(conversation) || this.isResting)
			return;
		this.chats.set(conversation, Math.max(this.chats.get(conversation), e.seq));
		/* One answer to each message of a shopper, however often it is shown. */
		if (e.type !== "message" || e.from !== "shopper" || this.seen.has(e.id))
			return;
		this.seen.add(e.id);
		const id = `${this.name}-${this.sent.length}`;
		this.post({ type: "message", id, conversation, text: `as to ${e.id}` }, { sender: this.sender, id, text: `as to ${e.id}`, conversation });
		if (this.dice() < 1 / ANSWERS) {
			this.ask({ type: "resolve", id: `resolve${++this.asked}`, conversation, outcome: this.outcome });
			this.drop(conversation);
			this.left.add(conversation);
		}
	}
}

/* 0 to 1, the same for the same seed. */
export function diceOf(seed) {
	let s = seed >>> 0 || 1;
	return () => {
		s ^= s << 13;
		s >>>= 0;
		s ^= s >>> 17;
		s ^= s << 5;
		s >>>= 0;
		return s / 4294967296;
	};
}

/* Until nobody has anything in the outbox or is away; who still has after
 * `ms` is named. */
export async function settled(people, ms) {
	const end = Date.now() + ms;
	const open = () => people.filter((p) => !p.isOver && (p.box.length > 0 || !p.isReady));
	while (open().length > 0 && Date.now() < end)
		await sleep(100);
	return open().map((p) => `${p.sender} ${p.isReady ? "" : "is not connected, "}has ${p.box.length} not stored (${p.box[0]?.id})`);
}
