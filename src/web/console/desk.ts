/*
 * The agent's side of the protocol: the lists, the conversations that are open,
 * what was sent and not yet answered. Frames go in through apply(), commands
 * through the methods; `changed` tells the screen to look again.
 *
 * After a lost connection it says hello, opens every open conversation from
 * where it was and sends what was not answered again with the same ids; only
 * when all of that has been answered is it `live` again. Where the epoch says
 * that the log is another one it is read again from its start; doubles fall out
 * by id and seq.
 */

import { caughtUp, newChat, owedSince, statusOf, takeEvent, takeStored, unreadOf, type Chat, type SendStatus } from "./chat.ts";
import { Drafts } from "./drafts.ts";
import { readFacts } from "./facts.ts";
import { readItem, readItems, type QueueItem } from "./item.ts";
import type { Asked } from "./lists.ts";
import { explain, lostText } from "./reasons.ts";
import { say } from "./say.ts";
import { isText, Sending, type SendingWire } from "./sending.ts";
import { readColleagues, type Colleague } from "./team.ts";
import type { Kind } from "./settings.ts";
import { Toasts, type Toast } from "./toasts.ts";
import type { Entry } from "../shared/outbox.ts";
import { keyOf, type Item } from "../shared/timeline.ts";
import { clean, int, length, list, str, TEXT_LIMIT, type Frame } from "../shared/wire.ts";

export interface Canned {
	name: string;
	text: string;
}

/* What the daemon found for a list that is not here whole. */
export interface Found {
	what: Asked;
	search: string;
	items: QueueItem[];
	more: boolean;
}

export interface DeskWire extends SendingWire {
	/* Something that an agent may want to hear of. */
	alert?(kind: Kind): void;
}

const MAX_AUTO_OPEN = 50;
const MAX_LEFT = 50;
const LEAVING_MS = 3_000;
const TYPING_MS = 8_000;

/* Which is no failure. */
function isNobodyWaiting(code: string, entry: Entry | undefined): boolean {
	return entry?.frame.type === "claim" && str(entry.frame.conversation) === "" && (code === "no_such_conversation" || code === "not_now");
}

export class Desk {
	name = "";
	display = "";
	roles: string[] = [];
	queues: string[] = [];
	presence = "online";
	/* Why one is away, as far as this page knows. */
	away = "Away";
	/* How long chats of who is gone stay theirs. */
	leaseS = 30;
	queue: QueueItem[] = [];
	/* Gone from the queue of late: the queue without it may come before the word
	 * that we have it. */
	private left: QueueItem[] = [];
	mine: QueueItem[] = [];
	found: Found | null = null;
	colleagues: Colleague[] = [];
	canned: Canned[] = [];
	outcomes: string[] = [];
	readonly chats = new Map<string, Chat>();
	selected = "";
	private readonly sending: Sending;
	private readonly notices: Toasts;
	/* Null: nobody is signed in. */
	private drafts: Drafts | null = null;
	/* Messages and notes written here. */
	private readonly own = new Set<string>();
	/* Which list was asked for last: an answer about another comes too late. */
	private looked = { what: "", search: "" };
	/* Waits until no chat is ours. */
	private leaving: (() => void) | null = null;

	constructor(
		private readonly wire: DeskWire,
		private readonly changed: () => void,
		private readonly now: () => number = Date.now,
	) {
		this.sending = new Sending(wire, now);
		this.notices = new Toasts((ms, f) => wire.after(ms, f), changed);
	}

	get live(): boolean {
		return this.sending.synced;
	}

	get welcomed(): boolean {
		return this.sending.up;
	}

	get toasts(): Toast[] {
		return this.notices.list;
	}

	/* -- what an agent does ------------------------------------------- */

	claim(conversation?: string): void {
		this.command({ type: "claim", ...(conversation === undefined ? {} : { conversation }) });
	}

	setPresence(status: string, reason = ""): void {
		this.command({ type: "presence", status, ...(reason === "" ? {} : { reason }) });
	}

	release(conversation: string): void {
		this.command({ type: "release", conversation });
	}

	/* Before one goes: all of one's chats back in line, then `done`; also where
	 * that takes too long, as the leases end by themselves. */
	giveAllBack(done: () => void): void {
		const over = () => {
			if (this.leaving === over) {
				this.leaving = null;
				done();
			}
		};
		this.leaving = over;
		for (const item of this.mine)
			if (this.welcomed)
				this.release(item.conversation);
		if (!this.welcomed || this.mine.length === 0)
			over();
		else
			this.wire.after(LEAVING_MS, over);
	}

	/* `next`: once that is done, the next one is taken. */
	resolve(conversation: string, outcome: string, next = false): void {
		if (next)
			this.thenNext.add(conversation);
		this.command({ type: "resolve", conversation, outcome });
	}

	transfer(conversation: string, to: { agent: string } | { queue: string }, note: string): void {
		const text = clean(note);
		this.command({ type: "transfer", conversation, ...to, ...(text === "" ? {} : { note: text }) });
	}

	/* Reads a list anew; one at a time, and none while the connection is
	 * lost: whoever looks at it asks again. */
	lookUp(what: Asked | "agents", search = ""): void {
		const waiting = this.sending.list().some((e) => e.frame.type === "list" && e.frame.what === what && (e.frame.search ?? "") === search);
		if (what !== "agents")
			this.looked = { what, search };
		if (this.welcomed && !waiting)
			this.command({ type: "list", what, ...(search === "" ? {} : { search }) });
	}

	/* Shows a conversation; the log comes if it is not here yet. */
	select(conversation: string): void {
		this.selected = conversation;
		if (this.drafts !== null)
			this.drafts.open = conversation;
		if (conversation !== "")
			this.askOthers(this.chat(conversation));
		this.changed();
	}

	/* No more of it: out of the view, and out of the stream if it is not ours. */
	close(conversation: string): void {
		if (this.selected === conversation)
			this.select("");
		if (!this.isMine(conversation) && this.drop(conversation) && this.welcomed)
			this.command({ type: "close", conversation });
		this.changed();
	}

	say(chat: Chat, text: string, note: boolean): boolean {
		const cleaned = clean(text);
		if (!this.sending.isBegun || cleaned === "" || length(cleaned) > TEXT_LIMIT)
			return false;
		const entry = this.sending.add({ type: note ? "note" : "message", conversation: chat.id, text: cleaned });
		if (entry === null) {
			this.toast(say("Too much is waiting to be sent. It was not taken."), true);
			return false;
		}
		this.show(entry);
		this.sending.pump();
		this.changed();
		return true;
	}

	/* What is being written, and for whom. */
	draft(chat: Chat, text: string, note: boolean): void {
		chat.draft = text;
		chat.note = note;
		this.drafts?.keep(chat.id, { text, note });
		this.changed();
	}

	retry(chat: Chat, item: Item): void {
		chat.failed.delete(item.id);
		chat.log.drop(item.key);
		this.say(chat, item.text, item.type === "note");
	}

	typing(conversation: string, on: boolean): void {
		if (this.welcomed)
			this.wire.send({ type: "typing", conversation, on });
	}

	/* The agent looks at the end of it. */
	markSeen(chat: Chat): void {
		if (chat.log.high <= chat.seen)
			return;
		chat.seen = chat.log.high;
		if (this.welcomed && this.isMine(chat.id))
			this.wire.send({ type: "read", conversation: chat.id, upto: chat.seen });
		this.changed();
	}

	/* From a colleague. */
	takeOver(conversation: string): void {
		this.transfer(conversation, { agent: this.name }, "");
	}

	/* -- what there is to know ---------------------------------------- */

	get oversees(): boolean {
		return this.roles.includes("supervisor") || this.roles.includes("admin");
	}

	isMine(conversation: string): boolean {
		return this.mine.some((i) => i.conversation === conversation);
	}

	/* Of one's own the next or the one before, round and round. */
	beside(by: 1 | -1): string {
		const at = this.mine.findIndex((i) => i.conversation === this.selected);
		const from = at >= 0 ? at : by > 0 ? -1 : 0;
		return this.mine[(from + by + this.mine.length) % this.mine.length]?.conversation ?? "";
	}

	/* Of one's own, but for the one on the screen, the one that has waited
	 * longest for a word of ours; "": none does. */
	longestOwed(): string {
		const owed = this.mine.filter((i) => i.conversation !== this.selected).map((i) => {
			const chat = this.chats.get(i.conversation);
			return { id: i.conversation, since: chat === undefined ? 0 : owedSince(chat) };
		}).filter((o) => o.since > 0);
		return owed.sort((a, b) => a.since - b.since)[0]?.id ?? "";
	}

	unread(conversation: string): number {
		const chat = this.chats.get(conversation);
		return chat === undefined ? 0 : unreadOf(chat);
	}

	items(chat: Chat): Item[] {
		return chat.log.list(this.sending.list().map((e) => e.id));
	}

	isOwn(item: Item): boolean {
		return item.from === "agent" && (this.own.has(item.id) || item.name === this.display);
	}

	status(chat: Chat, item: Item): SendStatus {
		return statusOf(chat, item, this.sending.isAcked(item.id));
	}

	unsent(): number {
		return this.sending.list().filter(isText).length;
	}

	/* -- the connection ----------------------------------------------- */

	hello(): Frame {
		return { type: "hello" };
	}

	offline(): void {
		this.sending.offline();
		for (const chat of this.chats.values()) {
			chat.typing = false;
			chat.present = null;
			chat.loaded = false;
		}
		this.leaving?.();
		this.changed();
	}

	apply(frame: Frame): void {
		this.handle(frame);
		if (this.mine.length === 0)
			this.leaving?.();
		this.changed();
	}

	private handle(frame: Frame): void {
		const conversation = str(frame.conversation);
		const chat = this.chats.get(conversation);
		switch (frame.type) {
		case "welcome":
			return this.onWelcome(frame);
		case "queue":
			return this.onQueue(frame);
		case "assigned":
			return this.onAssigned(frame.item as Frame | null);
		case "unassigned":
			return this.onUnassigned(conversation, lostText(str(frame.why)));
		case "event":
			return this.onEvent(chat, frame.event as Frame | null);
		case "reset":
			chat?.log.reset();
			return;
		case "list":
			return this.onList(frame);
		case "facts":
			if (chat !== undefined)
				chat.facts = readFacts(frame);
			return;
		case "suggestion":
			if (chat !== undefined)
				chat.suggestion = str(frame.text);
			return;
		case "shopper":
			if (chat !== undefined) {
				chat.present = frame.present === true;
				chat.typing &&= chat.present;
			}
			return;
		case "typing":
			return this.onTyping(chat, frame.on === true);
		case "read":
			if (chat !== undefined)
				chat.readUpto = Math.max(chat.readUpto, int(frame.upto));
			return;
		case "ack":
			this.sending.acked(str(frame.id));
			return;
		case "stored":
			return this.onStored(frame);
		case "done":
			return this.onDone(frame);
		case "error":
			return this.onError(frame);
		}
	}

	private onQueue(frame: Frame): void {
		const before = this.queue;
		const ids = (items: QueueItem[]) => new Set(items.map((i) => i.conversation));
		this.queue = readItems(frame.items, this.now()).filter((i) => !this.isMine(i.conversation));
		const was = ids(before);
		const is = ids(this.queue);
		if (this.queue.some((i) => !was.has(i.conversation)))
			this.wire.alert?.("waiting");
		this.left = [...before.filter((i) => !is.has(i.conversation)), ...this.left].slice(0, MAX_LEFT);
	}

	private onList(frame: Frame): void {
		const asked = this.sending.get(str(frame.id))?.frame;
		const items = readItems(frame.items, this.now());
		if (asked?.type !== "list")
			return;
		if (asked.what === "agents") {
			this.colleagues = readColleagues(frame.items);
			return;
		}
		const chat = this.chats.get(str(asked.conversation));
		if (asked.what === "visitor" && chat !== undefined)
			chat.others = items.filter((i) => i.conversation !== chat.id);
		else if (asked.what === this.looked.what && str(asked.search) === this.looked.search)
			this.found = { what: asked.what as Asked, search: str(asked.search), items, more: frame.more === true };
	}

	private askOthers(chat: Chat): void {
		if (chat.others !== null || !chat.loaded || !this.welcomed)
			return;
		chat.others = [];
		this.command({ type: "list", what: "visitor", conversation: chat.id });
	}

	private onWelcome(frame: Frame): void {
		const agent = (frame.agent ?? {}) as Record<string, unknown>;
		if (str(agent.name) !== this.name || !this.sending.isBegun)
			this.become(str(agent.name));
		this.display = str(agent.display) || this.name;
		this.roles = list(agent.roles).map(str);
		this.queues = list(agent.queues).map(str);
		this.presence = str(frame.presence) || "online";
		this.leaseS = int(frame.lease_s) || this.leaseS;
		this.canned = list(frame.canned).map((c) => c as Frame).map((c) => ({ name: str(c?.name), text: str(c?.text) })).filter((c) => c.text !== "");
		this.outcomes = list(frame.outcomes).map(str).filter((o) => o !== "");
		const before = new Set(this.mine.map((i) => i.conversation));
		this.queue = readItems(frame.queue, this.now());
		this.mine = readItems(frame.mine, this.now());
		for (const id of before)
			if (!this.isMine(id))
				this.markLost(id, say("This chat went to somebody else while you were offline."));
		for (const item of this.mine)
			this.hold(item);
		this.sending.welcomed();
		for (const id of this.chats.keys())
			this.open(id, true);
		if (this.selected === "" && this.isMine(this.drafts?.open ?? ""))
			this.select(this.drafts?.open ?? "");
		this.sending.pump();
	}

	/* Another agent signed in here: nothing of the last one stays. */
	private become(name: string): void {
		if (this.name !== "" && this.name !== name)
			this.forget();
		this.name = name;
		this.drafts = new Drafts(this.wire.store(name));
		for (const entry of this.sending.begin(name))
			this.chat(str(entry.frame.conversation));
	}

	forget(): void {
		this.chats.clear();
		this.queue = this.left = [];
		this.mine = [];
		this.selected = "";
		this.name = "";
		this.drafts?.clear();
		this.drafts = null;
		this.sending.end();
		this.own.clear();
	}

	private onAssigned(raw: Frame | null): void {
		const item = raw === null ? null : readItem(raw, this.now());
		if (item === null)
			return;
		const known = this.isMine(item.conversation);
		this.mine = known ? this.mine.map((i) => (i.conversation === item.conversation ? item : i)) : [...this.mine, item];
		this.queue = this.queue.filter((i) => i.conversation !== item.conversation);
		this.hold(item);
		if (!known && this.selected !== item.conversation && !this.sending.isClaiming(item.conversation)) {
			this.toast(say("New chat") + ": " + (item.name || item.preview || say("a visitor")), false);
			this.wire.alert?.("given");
		}
	}

	/* A chat of ours streams whether it is looked at or not. */
	private hold(item: QueueItem): void {
		if (!this.chats.has(item.conversation) && this.chats.size >= MAX_AUTO_OPEN)
			return;
		const chat = this.chat(item.conversation);
		chat.item = item;
		chat.lost = "";
		chat.given = false;
	}

	/* `given`: by ourselves, which says more than what the daemon says of it. */
	private onUnassigned(conversation: string, why: string, given = false): void {
		this.mine = this.mine.filter((i) => i.conversation !== conversation);
		const chat = this.chats.get(conversation);
		if (given)
			this.drafts?.drop(conversation);
		if (chat !== undefined && given) {
			chat.lost = why;
			chat.given = true;
		}
		this.markLost(conversation, why);
	}

	private markLost(conversation: string, why: string): void {
		const chat = this.chats.get(conversation);
		if (chat === undefined)
			return;
		chat.lost ||= why;
		chat.suggestion = "";
	}

	private onEvent(chat: Chat | undefined, event: Frame | null): void {
		if (chat === undefined || event === null || typeof event !== "object")
			return;
		const id = str(event.id);
		if (this.own.has(id)) {
			event.name = this.display;
			event.from = "agent";
			this.sending.answered(id);
		}
		if (event.type === "note" && str(event.from) === "")
			event.from = "agent";
		const isNew = takeEvent(chat, event);
		if (isNew && chat.loaded && event.type === "message" && event.from === "shopper" && this.isMine(chat.id))
			this.wire.alert?.("message");
	}

	private onTyping(chat: Chat | undefined, on: boolean): void {
		if (chat === undefined)
			return;
		/* After the end it is for the next conversation. */
		chat.typing = on && chat.item?.state !== "closed";
		const turn = ++chat.typingTurn;
		if (chat.typing)
			this.wire.after(TYPING_MS, () => {
				if (turn === chat.typingTurn && chat.typing) {
					chat.typing = false;
					this.changed();
				}
			});
	}

	private onStored(frame: Frame): void {
		const id = str(frame.id);
		const { entry } = this.sending.answered(id);
		const chat = this.chats.get(str(frame.conversation) || str(entry?.frame.conversation));
		if (entry !== undefined && chat !== undefined)
			takeStored(chat, this.frameOf(entry), int(frame.seq));
	}

	private onDone(frame: Frame): void {
		const { entry, opened } = this.sending.answered(str(frame.id));
		const chat = this.chats.get(opened ?? "");
		if (chat !== undefined)
			this.opened(chat, str(frame.epoch));
		if (entry !== undefined)
			this.completed(entry, str(frame.conversation));
	}

	private opened(chat: Chat, epoch: string): void {
		if (!caughtUp(chat, epoch, (item) => this.isOwn(item)))
			this.open(chat.id, true);
		else if (this.selected === chat.id)
			this.askOthers(chat);
	}

	private completed(entry: Entry, conversation: string): void {
		const asked = str(entry.frame.conversation);
		switch (entry.frame.type) {
		case "claim":
			this.won(conversation || asked);
			return;
		case "presence":
			this.presence = str(entry.frame.status);
			this.away = str(entry.frame.reason) || "Away";
			return;
		case "resolve":
			this.onUnassigned(asked, say("You closed this chat: {outcome}.", { outcome: str(entry.frame.outcome) }), true);
			if (this.thenNext.delete(asked))
				this.claim();
			return;
		case "release":
			return this.onUnassigned(asked, say("You gave this chat back to the queue."), true);
		case "transfer":
			if (str(entry.frame.agent) === this.name)
				return this.won(asked);
			return this.onUnassigned(asked, say("You passed this chat on to {whom}.", { whom: str(entry.frame.agent) || str(entry.frame.queue) }), true);
		}
	}

	/* A claim of ours went through; `assigned` is for what others give us. */
	private won(conversation: string): void {
		const item = [...this.queue, ...this.left].find((i) => i.conversation === conversation) ?? this.chats.get(conversation)?.item
			?? readItem({ type: "item", conversation }, this.now());
		if (item !== null && !this.isMine(conversation)) {
			const mine = { ...item, state: "assigned", agent: this.display };
			this.mine = [...this.mine, mine];
			this.hold(mine);
		}
		this.queue = this.queue.filter((i) => i.conversation !== conversation);
		this.select(conversation);
	}

	private onError(frame: Frame): void {
		const id = str(frame.id);
		const code = str(frame.code);
		if ((code === "rate_limited" || code === "busy") && this.sending.held(id, int(frame.retry_ms) || 1_000))
			return;
		if (id === "" && code === "no_such_conversation" && this.chats.has(str(frame.conversation)))
			return this.erased(str(frame.conversation));
		if (id === "" && code === "not_yours")
			return this.outOfSight(str(frame.conversation));
		const { entry, opened } = this.sending.answered(id);
		if (opened !== undefined)
			return this.couldNotOpen(opened, code);
		if (entry !== undefined && isText(entry))
			this.chats.get(str(entry.frame.conversation))?.failed.set(id, code);
		this.thenNext.delete(str(entry?.frame.conversation));
		if (entry?.frame.type !== "close" && entry?.frame.type !== "list")
			this.toast(explain(code, str(frame.message), entry?.frame.type ?? ""), !isNobodyWaiting(code, entry));
	}

	/* Somebody exercised their right: nothing of it stays on the screen either. */
	private erased(conversation: string): void {
		this.drop(conversation);
		this.mine = this.mine.filter((i) => i.conversation !== conversation);
		this.queue = this.queue.filter((i) => i.conversation !== conversation);
		this.left = this.left.filter((i) => i.conversation !== conversation);
		if (this.found !== null)
			this.found.items = this.found.items.filter((i) => i.conversation !== conversation);
		if (this.selected === conversation)
			this.selected = "";
		this.toast(say("A chat was erased: its visitor asked for it, or it was kept long enough."), false);
	}

	private drop(conversation: string): boolean {
		this.drafts?.drop(conversation);
		return this.chats.delete(conversation);
	}

	/* Gone to a queue of others: no more of it is shown. */
	private outOfSight(conversation: string): void {
		const chat = this.chats.get(conversation);
		if (chat === undefined)
			return;
		this.drop(conversation);
		this.mine = this.mine.filter((i) => i.conversation !== conversation);
		if (this.selected === conversation)
			this.selected = "";
		this.toast(chat.given ? chat.lost : say("This chat went to a queue that is not yours: it was closed here."), false);
	}

	private couldNotOpen(conversation: string, code: string): void {
		const chat = this.chats.get(conversation);
		if (chat === undefined)
			return;
		if (code === "not_yours")
			return this.outOfSight(conversation);
		if (chat.log.list().length > 0) {
			chat.loaded = true;
			chat.lost = chat.lost || explain(code, "", "open");
			return;
		}
		this.drop(conversation);
		if (this.selected === conversation)
			this.selected = "";
		this.toast(explain(code, "", "open"), true);
	}

	/* -- what goes out ------------------------------------------------ */

	/* Chats after whose end the next one is to be taken. */
	private readonly thenNext = new Set<string>();

	/* Moves make sense only now: they are not saved up for later. */
	private command(frame: Frame): void {
		if (!this.welcomed) {
			this.toast(say("Not connected: try again in a moment."), true);
			return;
		}
		this.sending.add(frame);
		this.sending.pump();
	}

	private chat(id: string): Chat {
		const known = this.chats.get(id);
		if (known !== undefined)
			return known;
		const item = [...this.mine, ...this.queue, ...(this.found?.items ?? []), ...[...this.chats.values()].flatMap((c) => c.others ?? [])].find((i) => i.conversation === id) ?? null;
		const chat = newChat(id, item);
		const draft = this.drafts?.of(id);
		chat.draft = draft?.text ?? "";
		chat.note = draft?.note ?? false;
		this.chats.set(id, chat);
		for (const entry of this.sending.list())
			if (str(entry.frame.conversation) === id)
				this.show(entry);
		if (this.welcomed)
			this.open(id, false);
		return chat;
	}

	/* `again`: it was open before, and the screen is not true until it is read. */
	private open(id: string, again: boolean): void {
		if (this.sending.isOpening(id))
			return;
		const chat = this.chats.get(id);
		const goesOn = chat !== undefined && chat.epoch !== "";
		if (again && !goesOn)
			chat?.log.reset();
		this.sending.open(id, goesOn ? chat.log.high : 0, again);
	}

	private show(entry: Entry): void {
		const chat = this.chats.get(str(entry.frame.conversation));
		if (chat === undefined || !isText(entry))
			return;
		this.own.add(entry.id);
		const frame = this.frameOf(entry);
		if (!chat.log.has(keyOf(frame)))
			chat.log.put(frame);
	}

	private frameOf(entry: Entry): Frame {
		return { type: entry.frame.type, id: entry.id, from: "agent", name: this.display, text: entry.frame.text, at: entry.at };
	}

	toast(text: string, bad: boolean): void {
		this.notices.add(text, bad);
	}
}
