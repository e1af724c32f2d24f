/*
 * What the desk's screen says about what the wire only names. Pure.
 */

import type { Item } from "../shared/timeline.ts";
import { language, say, sayKnown, sayWithin, type Text } from "./say.ts";

const REASONS: Record<string, Text | ""> = {
	wants_person: "Asked for a person",
	contact: "Left a contact",
	not_understood: "The bot did not understand",
	no_answer: "The bot had no answer",
	no_rules: "The bot has no rules",
	repeated: "The bot's answer did not help",
	needs_data: "A detail could not be found",
	complaint: "Complaint",
	order_action: "Something to be done with an order",
	mail_not_there: "A mail with a link does not come",
	code_refused: "A voucher is refused",
	return_label: "A label for a return",
	website_problem: "The site does not work",
	charged_wrongly: "Charged twice, or for nothing",
	transferred: "Passed on by a colleague",
	released: "Given back by a colleague",
	writes_german: "Writes German",
	german_complaint: "Complaint in German",
	claimed: "", /* by whom stands beside it */
	taken_over: "Taken over from the bot",
	agent_gone: "The agent was gone",
	agent_silent: "The agent did not answer",
	left: "The visitor left",
	resolved: "Resolved",
	idle: "Nobody wrote any more",
};

export function plain(name: string): string {
	const text = name.replace(/[_-]+/g, " ").trim();
	return text === "" ? "" : text[0]?.toUpperCase() + text.slice(1);
}

export function reasonText(reason: string): string {
	return sayKnown(REASONS[reason] ?? plain(reason));
}

export function who(item: { name: string; conversation: string } | null, id: string): string {
	return item?.name || say("Visitor") + " " + (item?.conversation ?? id).replace(/[^A-Za-z0-9]/g, "").slice(-4).toUpperCase();
}

export function initials(name: string): string {
	const words = name.split(/\s+/).filter(Boolean);
	return ((words[0]?.[0] ?? "?") + (words.length > 1 ? (words[words.length - 1]?.[0] ?? "") : "")).toUpperCase();
}

export function languageName(locale: string): string {
	try {
		return new Intl.DisplayNames([language()], { type: "language" }).of(locale) ?? locale;
	} catch {
		return locale;
	}
}

/* The page's path, which is what an agent recognises. */
export function pagePath(page: string): string {
	try {
		const url = new URL(page);
		return url.pathname === "/" ? url.host : url.host + url.pathname;
	} catch {
		return page;
	}
}

export type Patience = "fine" | "long" | "tooLong";

export function patience(waitedS: number): Patience {
	return waitedS < 120 ? "fine" : waitedS < 300 ? "long" : "tooLong";
}

const STATES: Record<string, Text> = { bot: "Bot", queued: "Waits", assigned: "Agent", closed: "Closed" };

/* As a word of its own. */
export function stateWord(state: string): string {
	return sayKnown(STATES[state] ?? plain(state));
}

export function stateText(item: Item): string {
	const why = item.reason === "" ? "" : ": " + sayWithin(reasonText(item.reason));
	switch (item.state) {
	case "bot":
		return say("The bot answers") + why;
	case "queued":
		return say("In line") + why;
	case "assigned":
		return say("{name} took the chat", { name: item.agent || say("An agent") });
	case "closed":
		return say("Closed") + why;
	default:
		return plain(item.state);
	}
}

function outOf(score: number, top: number): string {
	return top > 0 ? say("{n} of {all}", { n: score, all: top }) : String(score);
}

const SCALES: Record<string, [number, Text]> = { csat: [5, "Rating"], ces: [7, "Effort"], nps: [10, "Would recommend"] };

export function feedbackText(item: Item, kind: string): string {
	const [top, name] = SCALES[kind] ?? [0, "Rating" as const];
	if (kind === "solved")
		return item.score > 0 ? say("Visitor says: solved") : say("Visitor says: not solved");
	return say("{name} by the visitor: {score}", { name: say(name), score: outOf(item.score, top) });
}

/* That the visitor was asked, in the log. */
export function askText(kind: string): string {
	switch (kind) {
	case "solved":
		return say("Asked whether it helped");
	case "csat":
		return say("Asked for a rating");
	case "ces":
		return say("Asked how easy it was");
	default:
		return say("Asked for feedback");
	}
}

/* How long something is past, where seconds say nothing. */
export function ago(seconds: number): string {
	if (seconds < 60)
		return say("just now");
	const units: [number, Text][] = [[86_400, "{n} d ago"], [3_600, "{n} h ago"], [60, "{n} min ago"]];
	const [size, text] = units.find(([s]) => seconds >= s) ?? [60, "{n} min ago" as const];
	return say(text, { n: Math.floor(seconds / size) });
}

/* The same in a list, where there is little room; empty: not rated. */
export function ratingText({ kind, score }: { kind: string; score: number }): string {
	if (kind === "")
		return "";
	if (kind === "solved")
		return score > 0 ? say("Solved") : say("Not solved");
	const [top, name] = SCALES[kind] ?? [0, "Rating" as const];
	return say(name) + " " + outOf(score, top);
}

/* What is being looked for among the canned replies: after "/" at the start
 * words of any kind, later in the text, up to the caret, the beginning of a name. */
export interface Sought {
	query: string;
	from: number;
	to: number;
}

export function soughtCanned(text: string, caret: number): Sought | null {
	if (/^\/[^\n]{0,40}$/.test(text))
		return { query: text.slice(1), from: 0, to: text.length };
	const begun = /\s\/([^\s/]{1,40})$/.exec(text.slice(0, caret));
	return begun === null ? null : { query: begun[1] as string, from: begun.index + 1, to: caret };
}

/* Canned replies that fit what was typed after "/": name first, then text. */
export function findCanned<T extends { name: string; text: string }>(all: T[], query: string): T[] {
	const q = query.toLowerCase();
	const rank = (c: T): number => {
		const name = c.name.toLowerCase();
		if (name.startsWith(q))
			return 0;
		if (name.includes(q))
			return 1;
		if (c.text.toLowerCase().includes(q))
			return 2;
		return inOrder(name, q) ? 3 : 9;
	};
	return all.map((c) => ({ c, r: rank(c) })).filter((x) => x.r < 9).sort((a, b) => a.r - b.r).map((x) => x.c);
}

/* In the midst of a text only what cannot be anything else is offered. */
export function offeredCanned<T extends { name: string; text: string }>(all: T[], sought: Sought): T[] {
	return sought.from === 0 ? findCanned(all, sought.query) : all.filter((c) => c.name.toLowerCase().startsWith(sought.query.toLowerCase()));
}

function inOrder(text: string, letters: string): boolean {
	let at = 0;
	for (const c of letters) {
		at = text.indexOf(c, at) + 1;
		if (at === 0)
			return false;
	}
	return true;
}

export const SLOT = /\{\{\s*([\w.]+)\s*\}\}/;

/* What is not known stays, to be filled in by hand. */
export function fillCanned(text: string, values: Record<string, string>): string {
	return text.replace(new RegExp(SLOT, "g"), (whole, key: string) => values[key] || whole);
}

export function slug(text: string): string {
	return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
}
