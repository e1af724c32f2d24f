/*
 * The shopper's side of the protocol: what is known of the conversation, what
 * to say in `hello`, what of the outbox may leave, and what each frame changes.
 * It holds no socket and touches no page: frames go in through apply(), go out
 * through `wire.send`, and `changed` tells the view to look again.
 *
 * The three promises rest here: an entry leaves the outbox only when `stored`
 * or a refusal names its id; after a connection is lost all that is left goes
 * out again in order; the timeline drops what comes twice.
 */

import { isContact } from "./contact.ts";
import { markOf } from "./person.ts";
import { Outbox, type Entry } from "../shared/outbox.ts";
import { getJson, type Store } from "../shared/store.ts";
import { Timeline, keyOf, type Item } from "../shared/timeline.ts";
import { TEXT_LIMIT, clean, frames, int, length, list, str, type Frame } from "../shared/wire.ts";

export type ChatState = "bot" | "queued" | "assigned" | "closed";
export type MessageStatus = "queued" | "acked" | "stored" | "read" | "failed";

/* What the shop's page tells of itself; what is not named stays. */
export interface Context {
	page?: string;
	/* A line of text, or a list of {name, quantity, price}. */
	cart?: string | object;
}

/* Where to be answered, by whoever does not want to wait. */
export interface Contact {
	/* An e-mail address or a phone number. */
	reach: string;
	name: string;
	text: string;
}

export interface User {
	id?: string;
	name?: string;
	email?: string;
	hmac?: string;
	jwt?: string;
}

export interface Waiting {
	position: number;
	eta: [number, number] | null;
	stalled: boolean;
	unattended: boolean;
}

export interface Announcement {
	id: string;
	text: string;
	level: string;
	until: number;
}

export interface Wire {
	/* False when it cannot leave now. */
	send(frame: Frame, wantsAnswer?: boolean): boolean;
	/* Calls pump() then. */
	wakeAt(at: number): void;
}

interface Place {
	conversation: string;
	epoch: string;
	seq: number;
	state: ChatState;
}

const MAX_PAST = 400;
const MAX_ASKED = 40;
const RETRY_MS = 1_000;
/* What is on the screen as the shopper's words. */
const SPOKEN = new Set(["message", "choose", "human", "contact"]);
/* A context that says nothing. */
const NOTHING_TOLD = '{"type":"context"}';
const STATES = new Set(["bot", "queued", "assigned", "closed"]);

export class Session {
	readonly log = new Timeline();
	/* Earlier conversations of this page view. */
	past: Item[] = [];
	readonly failed = new Map<string, string>();
	readonly announcements = new Map<string, Announcement>();
	state: ChatState = "bot";
	agent = "";
	waiting: Waiting | null = null;
	typing = "";
	degraded = false;
	readUpto = 0;
	limit = TEXT_LIMIT;
	shop: Record<string, unknown> = {};
	welcomed = false;
	/* The rest of a long log is still coming, up to this seq. */
	catchingUp = 0;
	/* The shopper asked for a clean sheet; the next message opens a conversation. */
	fresh = false;
	locale = "";
	private context: Context = {};
	private told = NOTHING_TOLD;
	private user: User | null = null;
	/* What was here is somebody else's, and the shopper is to know. */
	wasForeign = false;
	private place: Place;
	/* The timeline holds this place's log, so `since` means something. */
	private filled = false;
	private kept = "";
	private seen = 0;
	/* The tab that leads stands in a log that we do not follow. */
	private astray = false;

	constructor(
		private readonly store: Store,
		readonly outbox: Outbox,
		private readonly wire: Wire,
		private readonly changed: (frame: Frame | null) => void,
	) {
		this.place = getJson<Place>(store, "conv") ?? { conversation: "", epoch: "", seq: 0, state: "bot" };
		this.seen = int(getJson(store, "seen"));
		this.sync();
	}

	hello(): Frame {
		const hello: Frame = { type: "hello" };
		const visitor = this.store.get("visitor");
		if (visitor)
			hello.visitor = visitor;
		if (visitor && this.place.conversation && this.place.epoch) {
			hello.conversation = this.place.conversation;
			hello.epoch = this.place.epoch;
			hello.since = this.filled ? this.log.high : 0;
		}
		if (this.locale)
			hello.locale = this.locale;
		if (this.context.page)
			hello.page = this.context.page;
		this.told = JSON.stringify({ type: "context", page: this.context.page });
		if (this.user)
			hello.user = this.user;
		return hello;
	}

	/* True: what is on the screen was for somebody else, and goes. */
	meet(user: User | null): boolean {
		const before = this.outbox.by;
		this.user = user;
		this.outbox.by = markOf(user);
		const other = before !== "" && before !== this.outbox.by;
		if (other)
			this.forget();
		this.sync();
		this.changed(null);
		return other;
	}

	/* What is kept in this browser is of somebody whom the page has not named. */
	get foreign(): boolean {
		return !["", this.outbox.by].includes(this.store.get("of") ?? "");
	}

	/* The connection is gone. */
	offline(): void {
		this.outbox.offline();
		this.welcomed = false;
		this.typing = "";
		this.changed(null);
	}

	/* Where the shopper is by now, and what is in the cart. */
	look(context: Context): void {
		this.context = { page: context.page ?? this.context.page, cart: context.cart ?? this.context.cart };
		this.tellContext();
	}

	private tellContext(): void {
		const frame: Frame = { type: "context", ...this.context };
		const text = JSON.stringify(frame);
		if (this.welcomed && text !== this.told && this.wire.send(frame))
			this.told = text;
	}

	say(text: string): boolean {
		const cleaned = clean(text);
		if (cleaned === "" || length(cleaned) > this.limit)
			return false;
		return this.enqueue({ type: "message", text: cleaned });
	}

	choose(value: string, label: string): boolean {
		return this.enqueue({ type: "choose", value }, label);
	}

	/* `label` is what the shopper is seen to say. */
	human(label: string): boolean {
		return this.pendingOf("human") || this.enqueue({ type: "human" }, label);
	}

	/* Shown as the daemon logs it. */
	leaveContact({ name, reach, text }: Contact): boolean {
		const frame = { type: "contact", [reach.includes("@") ? "email" : "phone"]: reach, name: name || undefined, text: text || undefined };
		return this.enqueue(frame, [name, reach, text].filter(Boolean).join("\n"));
	}

	/* As left in this conversation; "": none. */
	contact(): string {
		const left = this.items().filter((i) => i.contact).pop();
		return left?.text.split("\n").find(isContact) ?? "";
	}

	/* The bot's last answer, while it asks to be judged; "": there is none. */
	rateable(): string {
		const last = this.log.list().filter((i) => i.type === "message" || i.type === "ask_feedback").pop();
		return last?.rate && last.seq && this.state === "bot" && !this.rated(last.id) ? last.id : "";
	}

	/* What was said last asks whether one wants a person, with a button for it. */
	offersPerson(): boolean {
		const last = this.items().filter((i) => i.type === "message").pop();
		return last !== undefined && last.from !== "shopper" && last.buttons.some((b) => b.value === "human");
	}

	/* Nobody of the shop is there now. */
	get closed(): boolean {
		return this.shop.open === false && !(this.opensAt > 0 && this.opensAt <= Date.now());
	}

	/* 0: not known. */
	get opensAt(): number {
		return int(this.shop.opens_at);
	}

	leave(): boolean {
		return this.pendingOf("leave") || this.enqueue({ type: "leave" });
	}

	rate(ask: string, score: number, comment: string): boolean {
		const asked = this.asked().filter((id) => id !== ask);
		this.store.set("asked", JSON.stringify([...asked, ask].slice(-MAX_ASKED)));
		return this.enqueue({ type: "feedback", ask, score, comment: clean(comment) || undefined });
	}

	rated(ask: string): boolean {
		return this.asked().includes(ask);
	}

	retry(id: string): void {
		const item = this.log.list().find((i) => i.key === "shopper:" + id);
		this.failed.delete(id);
		this.log.drop("shopper:" + id);
		if (item !== undefined)
			this.say(item.text);
	}

	/* A clean sheet on the screen after the end; nothing is sent until a message is. */
	startAnew(): void {
		this.fresh = true;
		this.changed(null);
	}

	/* Up to where the shopper has seen it, shared by all tabs. */
	markSeen(): void {
		const high = this.log.high;
		if (!this.filled || high <= this.seen)
			return;
		this.seen = high;
		this.store.set("seen", String(high));
		if (this.welcomed)
			this.wire.send({ type: "read", upto: high });
		this.changed(null);
	}

	unread(): Item[] {
		return this.log.list().filter((i) => i.type === "message" && i.from !== "shopper" && (i.seq ?? 0) > this.seen);
	}

	/* Another tab wrote into the store. */
	reread(): void {
		this.seen = int(getJson(this.store, "seen"));
		this.outbox.reload();
		this.sync();
		this.pump();
		this.changed(null);
	}

	/* What stands in the log under this receipt, as another tab can take it. */
	logged(stored: Frame): Frame {
		const item = this.log.list().find((i) => i.id === str(stored.id) && i.type === "message" && i.seq !== undefined);
		return item === undefined ? stored : { ...item, reply_to: item.replyTo };
	}

	status(item: Item): MessageStatus {
		if (this.failed.has(item.id))
			return "failed";
		if (item.seq !== undefined)
			return item.seq <= this.readUpto ? "read" : "stored";
		if (item.stale !== undefined)
			return "stored";
		return this.outbox.phase(item.id) === "acked" ? "acked" : "queued";
	}

	items(): Item[] {
		return this.log.list(this.outbox.list().map((e) => e.id));
	}

	pendingOf(type: string): boolean {
		return this.outbox.list().some((e) => e.frame.type === type);
	}

	/* Redis is away, and what stood in the log before cannot be read. */
	get missing(): boolean {
		return this.degraded && this.place.seq > this.log.high;
	}

	/* Sends what may leave. */
	pump(): void {
		if (!this.welcomed)
			return;
		for (const entry of this.outbox.ready()) {
			if (!this.wire.send(entry.frame, true))
				return;
			this.outbox.sent(entry.id);
		}
		const at = this.outbox.wakeAt();
		if (at !== null)
			this.wire.wakeAt(at);
	}

	/* One frame from the daemon. `own` is false for what another tab's connection
	 * heard: that changes what is known, not what is to be sent. */
	apply(frame: Frame, own = true): void {
		if (!own && frame.type !== "welcome" && (frame.type === "error" || this.astray || this.missesSome(frame)))
			return;
		if (int(frame.seq) > 0 && frame.type !== "welcome")
			this.degraded = false; /* it is in a log: there is one again */
		this.handle(frame, own);
		if (this.catchingUp !== 0 && this.log.high >= this.catchingUp)
			this.catchingUp = 0;
		this.keepPlace();
		this.changed(frame);
	}

	private handle(frame: Frame, own: boolean): void {
		switch (frame.type) {
		case "welcome":
			return this.onWelcome(frame, own);
		case "reset":
			return this.onReset(frame);
		case "ack":
			return this.outbox.acked(str(frame.id));
		case "stored":
			return this.onStored(frame);
		case "message":
		case "state":
		case "ask_feedback":
		case "feedback":
		case "skip":
			return this.note(frame);
		case "waiting":
			return this.onWaiting(frame);
		case "typing":
			return this.onTyping(frame);
		case "read":
			this.readUpto = Math.max(this.readUpto, int(frame.upto));
			return;
		case "announcement":
			return this.announce(frame);
		case "error":
			return this.onError(frame);
		}
	}

	private missesSome(frame: Frame): boolean {
		return !this.filled || int(frame.seq) > this.log.high + 1;
	}

	private onWelcome(frame: Frame, own: boolean): void {
		const conversation = str(frame.conversation);
		const epoch = str(frame.epoch);
		if (own && str(frame.visitor))
			this.store.set("visitor", str(frame.visitor));
		this.degraded = frame.degraded === true;
		this.astray = !own && !this.follows(frame);
		if (this.astray)
			return;
		if (frame.erased === true)
			this.forget();
		if (frame.another === true) {
			this.store.del("draft");
			this.outbox.dropOthers();
		}
		if (conversation && conversation !== this.place.conversation) {
			this.moveTo(conversation, own);
			this.wasForeign = frame.another === true;
		} else if (!this.degraded && epoch !== this.place.epoch && this.filled)
			this.log.reset();
		if (epoch)
			this.place.epoch = epoch;
		if (!this.degraded || conversation)
			this.filled = true;
		for (const event of frames(frame.events))
			this.note(event);
		if (STATES.has(str(frame.state)))
			this.enter(str(frame.state) as ChatState, "");
		this.catchingUp = frame.more === true ? int(frame.seq) : 0;
		this.readWelcome(frame);
		if (own) {
			this.welcomed = true;
			this.store.set("of", this.outbox.by);
			this.tellContext();
			this.pump();
		}
	}

	/* Another tab's welcome goes on from our log, or brings one from its start. */
	private follows(welcome: Frame): boolean {
		if (this.filled && str(welcome.conversation) === this.place.conversation && str(welcome.epoch) === this.place.epoch)
			return true;
		const first = frames(welcome.events)[0];
		return str(welcome.conversation) !== "" && welcome.degraded !== true && int((first ?? welcome).seq) === (first ? 1 : 0);
	}

	private readWelcome(frame: Frame): void {
		const limits = frame.limits as Record<string, unknown> | undefined;
		this.limit = int(limits?.text) || this.limit;
		this.shop = (frame.shop as Record<string, unknown> | undefined) ?? this.shop;
		if (Array.isArray(frame.announcements)) {
			this.announcements.clear();
			for (const a of frames(frame.announcements))
				this.announce(a);
		}
	}

	/* All that was stored of this visitor was erased, or is not for who is here:
	 * nor is it shown. */
	private forget(): void {
		this.past = [];
		this.log.clear();
		this.enter("bot", "");
	}

	/* Another conversation: what is logged of the old one is the past; what is
	 * unsent goes into the new one. */
	private moveTo(conversation: string, own: boolean): void {
		const pending = new Set(this.outbox.list().map((e) => "shopper:" + e.id));
		const old = this.log.list().filter((i) => !pending.has(i.key) && !this.failed.has(i.id));
		this.past = [...this.past, ...old].slice(-MAX_PAST);
		this.log.clear();
		this.failed.clear();
		if (!own) {
			this.seen = int(getJson(this.store, "seen"));
		} else if (this.place.conversation !== "") {
			this.seen = 0;
			this.store.set("seen", "0");
		}
		this.place = { conversation, epoch: "", seq: 0, state: "bot" };
		this.enter("bot", "");
		this.typing = "";
		this.readUpto = 0;
		this.sync();
	}

	private onReset(frame: Frame): void {
		if (str(frame.conversation) !== this.place.conversation)
			return;
		this.place.epoch = str(frame.epoch);
		this.log.reset();
		this.degraded = false;
		this.catchingUp = int(frame.seq);
	}

	private onStored(frame: Frame): void {
		const id = str(frame.id);
		const seq = int(frame.seq);
		const entry = this.outbox.remove(id);
		if (entry !== undefined)
			this.show(entry);
		this.log.stored(id, seq);
		this.failed.delete(id);
	}

	/* A logged event or a message that is not logged yet. */
	private note(frame: Frame): void {
		if (frame.type === "message" && str(frame.from) === "shopper" && int(frame.seq) > 0)
			this.outbox.remove(str(frame.id));
		if (frame.type === "message" && str(frame.from) !== "shopper")
			this.typing = "";
		if (frame.type === "state" && STATES.has(str(frame.state)) && int(frame.seq) > this.log.high)
			this.enter(str(frame.state) as ChatState, str(frame.agent));
		this.log.put(frame);
	}

	private enter(state: ChatState, agent: string): void {
		this.state = state;
		if (state !== "queued")
			this.waiting = null;
		this.agent = state === "assigned" ? agent || this.agent : "";
		if (state !== "closed")
			this.fresh = false;
	}

	private onWaiting(frame: Frame): void {
		const eta = list(frame.eta_s).map(int);
		this.waiting = {
			position: int(frame.position),
			eta: eta.length === 2 ? [eta[0] as number, eta[1] as number] : null,
			stalled: frame.stalled === true,
			unattended: frame.unattended === true,
		};
	}

	private onTyping(frame: Frame): void {
		if (str(frame.from) !== "shopper")
			this.typing = frame.on === true ? str(frame.from) || "agent" : "";
	}

	private announce(frame: Frame): void {
		const id = str(frame.id);
		if (frame.over === true)
			this.announcements.delete(id);
		else if (id !== "")
			this.announcements.set(id, { id, text: str(frame.text), level: str(frame.level), until: int(frame.until) });
	}

	private onError(frame: Frame): void {
		const id = str(frame.id);
		const code = str(frame.code);
		if (code === "rate_limited" || code === "busy") {
			if (id !== "") {
				this.outbox.held(id, int(frame.retry_ms) || RETRY_MS);
				this.pump();
			}
			return;
		}
		if (id === "")
			return;
		const entry = this.outbox.remove(id);
		if (entry?.frame.type === "human")
			this.log.drop("shopper:" + id); /* somebody is there already */
		else if (entry !== undefined && SPOKEN.has(entry.frame.type))
			this.failed.set(id, code);
	}

	private enqueue(frame: Frame, label?: string): boolean {
		const entry = this.outbox.add(frame, label);
		if (entry !== null) {
			this.show(entry);
			this.pump();
		}
		this.changed(null);
		return entry !== null;
	}

	/* The outbox's messages are on the screen from the key press on. */
	private sync(): void {
		for (const entry of this.outbox.list())
			this.show(entry);
		for (const item of this.log.list())
			if (item.from === "shopper" && item.seq === undefined && item.stale === undefined
				&& !this.failed.has(item.id) && this.outbox.get(item.id) === undefined)
				this.log.drop(item.key);
	}

	private show(entry: Entry): void {
		const text = entry.label || str(entry.frame.text);
		const frame = { type: "message", id: entry.id, from: "shopper", text, at: entry.at, contact: entry.frame.type === "contact" };
		if (SPOKEN.has(entry.frame.type) && !this.log.has(keyOf(frame)))
			this.log.put(frame);
	}

	private asked(): string[] {
		return list(getJson(this.store, "asked")).map(str);
	}

	private keepPlace(): void {
		const { conversation, epoch, seq, state } = this.place;
		if (this.degraded || conversation === "" || (seq === this.log.high && state === this.state && this.kept === epoch))
			return;
		this.place.seq = this.log.high;
		this.place.state = this.state;
		this.kept = epoch;
		this.store.set("conv", JSON.stringify(this.place));
	}
}
