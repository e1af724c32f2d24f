/*
 * From what is known to what is on the screen: the log as a list of rows, each
 * with a key (which element) and a signature (whether it must be drawn anew).
 * Pure; log.ts draws.
 */

import type { Item } from "../shared/timeline.ts";
import { dayKey } from "../shared/clock.ts";
import type { MessageStatus } from "./session.ts";

export type Row =
	| { kind: "day"; key: string; sig: string; at: number }
	| { kind: "event"; key: string; sig: string; event: "queued" | "assigned" | "bot" | "closed" | "new"; name: string }
	| { kind: "ask"; key: string; sig: string; item: Item; rated: boolean }
	| {
			kind: "message";
			key: string;
			sig: string;
			item: Item;
			own: boolean;
			status: MessageStatus;
			/* First and last of what one sender said without a break. */
			first: boolean;
			last: boolean;
			/* The quick replies can still be pressed. */
			open: boolean;
			/* The text of the one that was pressed. */
			used: string;
			/* The shopper has said whether it helped. */
			rated: boolean;
	  };

export interface Source {
	past: Item[];
	current: Item[];
	status(item: Item): MessageStatus;
	rated(id: string): boolean;
	/* A clean sheet was asked for: what stands above is over. */
	fresh: boolean;
	/* The bot listens: quick replies can be pressed. */
	listening: boolean;
}

const GROUP_MS = 5 * 60_000;

export function rows(source: Source): Row[] {
	const out: Row[] = [];
	const day = addAll(out, source.past, source, false, "");
	if (source.past.length > 0)
		out.push({ kind: "event", key: "new", sig: "new", event: "new", name: "" });
	addAll(out, source.current, source, true, day);
	if (source.fresh)
		out.push({ kind: "event", key: "fresh", sig: "fresh", event: "new", name: "" });
	return out;
}

/* `live`: this is the conversation that goes on. Returns the last day shown. */
function addAll(out: Row[], all: Item[], source: Source, live: boolean, day: string): string {
	const answered = new Set(all.filter((f) => f.type === "feedback").map((f) => f.ask));
	const rated = (item: Item) => source.rated(item.id) || answered.has(item.id);
	const going = live && !source.fresh;
	const lastOwn = all.findLastIndex(isOwn);
	let state = "bot";
	const items = all.filter((item, i) => {
		if (item.type === "ask_feedback")
			return rated(item) ? !asksMore(all, i) : going && i > lastOwn;
		if (item.type !== "state")
			return item.type === "message";
		const changed = item.state !== state;
		state = item.state;
		return changed;
	});
	const lastSaid = items.findLastIndex(isOwn);
	items.forEach((item, i) => {
		if (item.at > 0 && dayKey(item.at) !== day && item.type === "message") {
			day = dayKey(item.at);
			out.push({ kind: "day", key: "day:" + day, sig: day, at: item.at });
		}
		if (item.type === "state" && !told(items[i + 1]))
			out.push(event(item));
		else if (item.type === "state")
			return;
		else if (item.type === "ask_feedback")
			out.push({ kind: "ask", key: item.key, sig: String(rated(item)), item, rated: rated(item) });
		else
			out.push(message(items, i, source, going && source.listening && i > lastSaid));
	});
	return day;
}

/* The next question follows at once: one thanks for both. */
function asksMore(all: Item[], i: number): boolean {
	return all.slice(i + 1).find((item) => item.type !== "feedback")?.type === "ask_feedback";
}

/* The daemon says it in the shop's own words: no need for ours. */
function told(next: Item | undefined): boolean {
	return next?.type === "message" && next.from === "system";
}

function event(item: Item): Row {
	const name = item.state as "queued" | "assigned" | "bot" | "closed";
	return { kind: "event", key: item.key, sig: name + item.agent, event: name, name: item.agent };
}

function message(items: Item[], i: number, source: Source, open: boolean): Row {
	const item = items[i] as Item;
	const own = isOwn(item);
	const status = own ? source.status(item) : "stored";
	const first = !joined(items[i - 1], item);
	const last = !joined(item, items[i + 1]);
	const used = item.buttons.length > 0 && !open ? pressed(items, i) : "";
	const rated = item.rate && source.rated(item.id);
	const sig = [rated, item.text, item.name, item.at, item.late, first, last, own ? status : "", open, used].join("\u0001")
		+ JSON.stringify(item.buttons);
	return { kind: "message", key: item.key, sig, item, own, status, first, last, open, used, rated };
}

/* Said by the same sender shortly after, with nothing between. */
function joined(a: Item | undefined, b: Item | undefined): boolean {
	return a !== undefined && b !== undefined && a.type === "message" && b.type === "message"
		&& a.from === b.from && a.name === b.name && b.at - a.at < GROUP_MS && (a.buttons.length === 0 || isOwn(a));
}

/* The quick reply that the shopper took: what was said next, if it is one. */
function pressed(items: Item[], i: number): string {
	const item = items[i] as Item;
	const next = items.slice(i + 1).find(isOwn);
	return item.buttons.some((b) => b.value !== undefined && b.text === next?.text) ? (next?.text ?? "") : "";
}

function isOwn(item: Item): boolean {
	return item.type === "message" && item.from === "shopper";
}
