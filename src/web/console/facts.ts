/*
 * What is known of a shopper beside what was said: frame `facts`, made fit to be
 * shown. The shop's page may put anything into the cart; here it is lines of
 * text, few and short. Pure.
 */

import { frames, list, str, type Frame } from "../shared/wire.ts";
import { say } from "./say.ts";
import { plain } from "./words.ts";

export interface Fact {
	name: string;
	value: string;
}

export interface Facts {
	visitor: string;
	email: string;
	phone: string;
	page: string;
	cart: string[];
	/* What a data source told, by source: "order.status" under "order". */
	found: { source: string; facts: Fact[] }[];
	slots: Fact[];
	intent: string;
	/* What the last message that the bot could not answer came close to. */
	considered: { intent: string; score: number }[];
	/* Who else has it open. */
	open: { name: string; display: string }[];
}

const LINES = 30;
const LONG = 200;

export function readFacts(f: Frame): Facts {
	const visitor = (f.visitor ?? {}) as Record<string, unknown>;
	return {
		visitor: str(visitor.id),
		email: str(visitor.email),
		phone: str(visitor.phone),
		page: str(f.page),
		cart: cartLines(f.cart),
		found: bySource(pairs(f.found)),
		slots: pairs(f.slots),
		intent: str(f.intent),
		considered: list(f.considered).slice(0, LINES).map((c) => (c ?? {}) as Record<string, unknown>)
			.map((c) => ({ intent: str(c.intent), score: typeof c.score === "number" ? c.score : 0 })).filter((c) => c.intent !== ""),
		open: frames(list(f.open).slice(0, LINES).map((o) => ({ type: "open", ...(o as object) }))).map((o) => ({ name: str(o.name), display: str(o.display) || str(o.name) })),
	};
}

/* The values for {{slots}} of canned replies. */
export function slotValues(facts: Facts | null): Record<string, string> {
	const values: Record<string, string> = {};
	for (const { source, facts: own } of facts?.found ?? [])
		for (const f of own)
			values[source + "." + f.name] = f.value;
	for (const f of facts?.slots ?? [])
		values[f.name] = f.value;
	if (facts?.email)
		values.email = facts.email;
	return values;
}

function pairs(value: unknown): Fact[] {
	if (typeof value !== "object" || value === null || Array.isArray(value))
		return [];
	return Object.entries(value).slice(0, LINES).map(([name, v]) => ({ name, value: short(v) })).filter((f) => f.value !== "");
}

function bySource(all: Fact[]): Facts["found"] {
	const sources = new Map<string, Fact[]>();
	for (const { name, value } of all) {
		const [source = "", ...rest] = name.split(".");
		sources.set(source, [...(sources.get(source) ?? []), { name: rest.join("."), value }]);
	}
	return [...sources].map(([source, facts]) => ({ source, facts }));
}

function short(value: unknown): string {
	const text = typeof value === "string" ? value : value === null || value === undefined ? "" : JSON.stringify(value);
	return text.length > LONG ? text.slice(0, LONG) + "…" : text;
}

export function cartLines(cart: unknown): string[] {
	if (typeof cart === "string")
		return cart.trim() === "" ? [] : [short(cart.trim())];
	if (!Array.isArray(cart))
		return pairs(cart).map((f) => plain(f.name) + ": " + f.value);
	const lines = list(cart).slice(0, LINES).map(cartLine).filter((l) => l !== "");
	return cart.length > LINES ? [...lines, say("and {n} more", { n: cart.length - LINES })] : lines;
}

/* 2 × Kettle, 39.90 */
function cartLine(item: unknown): string {
	if (typeof item !== "object" || item === null)
		return short(item);
	const of = item as Record<string, unknown>;
	const name = short(of.name ?? of.title ?? of.product ?? of.sku);
	if (name === "")
		return short(item);
	const count = Number(of.quantity ?? of.qty ?? of.count ?? 1);
	return (count > 1 ? count + " × " : "") + name + (of.price === undefined ? "" : ", " + short(of.price));
}
