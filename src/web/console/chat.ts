/* A conversation that is open at the desk. */

import { Timeline } from "../shared/timeline.ts";
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
	/* Refused messages of ours, by id: why. */
	failed: Map<string, string>;
	draft: string;
	note: boolean;
}

export function newChat(id: string, item: QueueItem | null): Chat {
	return {
		id, item, log: new Timeline(), loaded: false, present: null, typing: false, readUpto: 0, seen: 0,
		suggestion: "", epoch: "", facts: null, others: null, lost: "", failed: new Map(), draft: "", note: false,
	};
}

export function unreadOf(chat: Chat): number {
	return chat.log.list().filter((i) => i.type === "message" && i.from === "shopper" && (i.seq ?? 0) > chat.seen).length;
}
