/*
 * The rules page's data, made fit to be shown: what is loaded and what is wrong
 * with it, why a sentence gets what it gets, what was not answered lately. The
 * three endpoints are described in answerd(8). Pure but for ask().
 */

import { int, list, str } from "../shared/wire.ts";
import { say } from "./say.ts";

type Raw = Record<string, unknown>;

export interface Finding {
	bad: boolean;
	place: string;
	text: string;
	remedy: string;
}

export interface Limit {
	place: string;
	phrase: string;
	count: number;
}

export interface Rules {
	version: string;
	intents: number;
	loadedMs: number;
	triedMs: number;
	jit: boolean;
	loading: boolean;
	inForce: boolean;
	errors: number;
	warnings: number;
	files: string[];
	findings: Finding[];
	limits: Limit[];
	limitText: number;
}

export interface Piece {
	phrase: string;
	place: string;
	weight: number;
	sentence: number;
}

export interface Candidate {
	/* "": what speaks against all */
	intent: string;
	total: number;
	won: boolean;
	pieces: Piece[];
}

export interface Explained {
	text: string;
	normalised: string;
	corrections: { from: string; to: string }[];
	outcome: string;
	meta: string;
	intent: string;
	score: number;
	byMiss: boolean;
	near: { intent: string; score: number }[];
	entities: { name: string; value: string }[];
	candidates: Candidate[];
	limitsHit: number;
	answer: string;
}

export interface Sample {
	text: string;
	locale: string;
	at: number;
	count: number;
}

const number = (v: unknown): number => (typeof v === "number" && Number.isFinite(v) ? v : 0);
const objects = (v: unknown): Raw[] => list(v).filter((o): o is Raw => typeof o === "object" && o !== null);

/* The folder that all have in common says nothing. */
export function shortNames(files: string[]): (file: string) => string {
	const dirs = files.map((f) => f.slice(0, f.lastIndexOf("/") + 1));
	let common = dirs[0] ?? "";
	for (const d of dirs)
		while (!d.startsWith(common))
			common = common.slice(0, common.lastIndexOf("/", common.length - 2) + 1);
	return (file) => (common !== "" && file.startsWith(common) ? file.slice(common.length) : file);
}

function place(file: string, line: number, col = 0): string {
	return file + (line > 0 ? ":" + line + (col > 0 ? ":" + col : "") : "");
}

/* "what is wrong; what to do" */
function finding(raw: Raw, short: (file: string) => string): Finding {
	const text = str(raw.text);
	const at = text.lastIndexOf("; ");
	return {
		bad: raw.level !== "warning",
		place: place(short(str(raw.file)), int(raw.line), int(raw.col)),
		text: at < 0 ? text : text.slice(0, at),
		remedy: at < 0 ? "" : text.slice(at + 2),
	};
}

export function readRules(raw: Raw): Rules {
	const files = list(raw.files).map(str).filter((f) => f !== "");
	const short = shortNames(files);
	return {
		version: str(raw.version),
		intents: int(raw.intents),
		loadedMs: int(raw.loaded_ms),
		triedMs: int(raw.tried_ms),
		jit: raw.engine === "jit",
		loading: raw.loading === true,
		inForce: raw.in_force === true,
		errors: int(raw.errors),
		warnings: int(raw.warnings),
		files: files.map(short),
		findings: objects(raw.findings).map((f) => finding(f, short)),
		limits: objects(raw.limits).map((l) => ({ place: place(short(str(l.file)), int(l.line)), phrase: str(l.phrase), count: int(l.count) })),
		limitText: int(raw.limit_text) || 2000,
	};
}

export function readExplained(raw: Raw, short: (file: string) => string): Explained {
	const won = new Set(["answer", "escalate"].includes(str(raw.outcome)) ? objects(raw.winners).map((w) => str(w.intent)) : []);
	return {
		text: str(raw.text),
		normalised: str(raw.normalised),
		corrections: list(raw.corrections).map(str).map((c) => c.split(">")).map(([from = "", to = ""]) => ({ from, to })),
		outcome: str(raw.outcome),
		meta: str(raw.meta),
		intent: str(raw.intent),
		score: number(raw.score),
		byMiss: raw.by_miss === true,
		near: objects(raw.near).map((n) => ({ intent: str(n.intent), score: number(n.score) })),
		entities: objects(raw.entities).map((e) => ({ name: str(e.name), value: str(e.value) })),
		candidates: objects(raw.evidence).map((e) => ({
			intent: str(e.intent),
			total: number(e.total),
			won: won.has(str(e.intent)),
			pieces: objects(e.pieces).map((p) => ({ phrase: str(p.phrase), place: place(short(str(p.file)), int(p.line)), weight: number(p.weight), sentence: int(p.sentence) })),
		})),
		limitsHit: int(raw.limits_hit),
		answer: str(raw.answer),
	};
}

/* The same sentence once, with how often; the newest first. */
export function readSamples(raw: Raw): Sample[] {
	const seen = new Map<string, Sample>();
	for (const s of objects(raw.samples)) {
		const text = str(s.text);
		const key = text.trim().toLowerCase();
		const known = seen.get(key);
		if (known !== undefined)
			known.count++;
		else if (key !== "")
			seen.set(key, { text, locale: str(s.locale), at: int(s.at), count: 1 });
	}
	return [...seen.values()];
}

export function outcomeText(e: Explained): string {
	switch (e.outcome) {
	case "answer":
		return say("The bot answers");
	case "clarify":
		return say("The bot asks back");
	case "escalate":
		return e.byMiss ? say("No rule answers: handed to a person") : say("Handed to a person");
	default:
		return e.meta !== "" ? say("Understood as “{meta}”", { meta: e.meta }) : say("No rule answers");
	}
}

export const weight = (w: number): string => (w > 0 ? "+" : w < 0 ? "−" : "") + Math.abs(w).toFixed(2);

/* What the daemon said, or a sentence on why it said nothing. */
export async function ask(path: string, body?: unknown): Promise<{ ok: Raw } | { why: string }> {
	try {
		const reply = await fetch(path, body === undefined ? { cache: "no-store" } : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
		const value: unknown = await reply.json();
		const raw = (typeof value === "object" && value !== null ? value : {}) as Raw;
		if (reply.ok)
			return { ok: raw };
		return { why: reply.status === 401 ? say("Your sign-in has ended.") : str(raw.detail) || say("The server refused ({status}).", { status: reply.status }) };
	} catch {
		return { why: say("The server cannot be reached.") };
	}
}
