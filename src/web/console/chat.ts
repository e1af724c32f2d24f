/* A conversation that is open at the desk, and what frames make of it. */

import { Timeline, type Item } from "../shared/timeline.ts";
import { int, str, type Frame } from "../shared/wire.ts";
import type { Facts } from "./facts.ts";
import type { QueueItem } from "./item.ts";

export interface Chat {
	id: string;
	item: QueueItem | null;
	log: Timeline;
	/* The log was read to its end on this connection. */
	loaded: boolean;
	present: boolean | null;
	typing: boolean;
	/* Counts what was heard of it: only the last one's time counts. */
	typingTurn: number;
	readUpto: number;
	seen: number;
	suggestion: string;
	/* The log's, as of the last `done`: with the same one, reading goes on. */
	epoch: string;
	/* What is known of the shopper; null: not told yet. */
	facts: Facts | null;
	/* Other conversations of this visitor; null: not asked yet. */
	others: QueueItem[] | null;
	/* Why it is ours no longer, as a sentence; empty while it is, or never was. */
	lost: string;
	/* And it was us who gave it away. */
	given: boolean;
	/* Refused messages of ours, by id: why. */
	failed: Map<string, string>;
	draft: string;
	note: boolean;
}

export function newChat(id: string, item: QueueItem | null): Chat {
	return {
		id, item, log: new Timeline(), loaded: false, present: null, typing: false, typingTurn: 0, readUpto: 0, seen: 0,
		suggestion: "", epoch: "", facts: null, others: null, lost: "", given: false, failed: new Map(), draft: "", note: false,
	};
}

export function unreadOf(chat: Chat): number {
	return chat.log.list().filter((i) => i.type === "message" && i.from === "shopper" && (i.seq ?? 0) > chat.seen).length;
}

/* Since when the visitor waits for a word of ours; 0: they do not. What the bot
 * says to who is in line is no answer. */
export function owedSince(chat: Chat): number {
	let since = 0;
	let state = "bot";
	for (const i of chat.log.list()) {
		if (i.type === "state") {
			state = i.state;
			since = state === "closed" ? 0 : state === "queued" ? since || i.at : since;
		} else if (i.type === "message" && i.from === "shopper") {
			since ||= i.at;
		} else if (i.type === "message" && (i.from === "agent" || (i.from === "bot" && state === "bot"))) {
			since = 0;
		}
	}
	return since;
}

export type SendStatus = "queued" | "acked" | "stored" | "read" | "failed";

/* Of a message of ours. */
export function statusOf(chat: Chat, item: Item, acked: boolean): SendStatus {
	if (chat.failed.has(item.id))
		return "failed";
	if (item.seq !== undefined)
		return item.seq <= chat.readUpto ? "read" : "stored";
	if (item.stale !== undefined)
		return "stored";
	return acked ? "acked" : "queued";
}

/* Whether it is news, and no repeat. */
export function takeEvent(chat: Chat, event: Frame): boolean {
	const isNew = int(event.seq) > chat.log.high;
	if (event.type === "state" || (event.type === "message" && str(event.from) === "shopper"))
		chat.typing = false;
	/* It was for the message before. */
	if (event.type === "message" && isNew)
		chat.suggestion = "";
	if (event.type === "state" && isNew && chat.item !== null)
		chat.item = { ...chat.item, state: str(event.state), agent: str(event.agent) };
	chat.log.put(event);
	return isNew;
}

/* What we have said stands in the log. Only the next in line is known to be
 * without a gap before it. */
export function takeStored(chat: Chat, said: Frame, seq: number): void {
	const high = chat.log.high;
	chat.log.put({ ...said, seq });
	if (seq > high + 1)
		chat.log.high = high;
	chat.suggestion = "";
}

/* The log was read to its end. False: it is another one, to be read anew. After
 * a reload nothing is known of what was looked at, but what stands before our
 * own last answer was. */
export function caughtUp(chat: Chat, epoch: string, isOwn: (item: Item) => boolean): boolean {
	const another = chat.epoch !== "" && epoch !== "" && chat.epoch !== epoch;
	chat.epoch = epoch;
	if (another) {
		chat.log.reset();
		return false;
	}
	chat.loaded = true;
	const answered = chat.log.list().findLast((i) => i.type === "message" && isOwn(i));
	chat.seen = Math.max(chat.seen, answered?.seq ?? 0);
	return true;
}
