/*
 * GET /api/report, made fit to be shown: what it says of each of the last days.
 * Pure.
 */

import { list, str } from "../shared/wire.ts";

export interface Day {
	/* Its midnight, s since the epoch, by the browser's clock. */
	at: number;
	conversations: number;
	answered: number;
	handedOver: number;
	abandoned: number;
	resolved: number;
	/* s; null: nobody waited. */
	waitHalfS: number | null;
	replyMeanS: number | null;
	/* 1 to 5; null: nobody has rated. */
	rating: number | null;
	ratings: number;
}

type Json = Record<string, unknown>;

function of(value: unknown, ...names: string[]): unknown {
	return names.reduce<unknown>((v, name) => (typeof v === "object" && v !== null ? (v as Json)[name] : undefined), value);
}

function count(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function orNull(value: unknown): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function readReport(json: unknown): Day[] {
	return list(of(json, "days")).map((d): Day => {
		const f = of(d, "figures");
		return {
			at: Math.round(new Date(str(of(d, "day")) + "T00:00:00").getTime() / 1000),
			conversations: count(of(f, "conversations")),
			answered: count(of(f, "bot", "answered")),
			handedOver: count(of(f, "handed_over")),
			abandoned: count(of(f, "abandoned")),
			resolved: count(of(f, "resolved")),
			waitHalfS: orNull(of(f, "waits", "half_within_s")),
			replyMeanS: orNull(of(f, "first_replies", "mean_s")),
			rating: orNull(of(f, "ratings", "csat", "mean")),
			ratings: count(of(f, "ratings", "csat", "count")),
		};
	}).filter((d) => Number.isFinite(d.at));
}
