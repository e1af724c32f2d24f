/*
 * What a supervisor sees of the team: who is there, which chats they have, how
 * many wait in which queue and for how long. Pure.
 */

import { int, list, str } from "../shared/wire.ts";
import type { QueueItem } from "./item.ts";

export interface Colleague {
	name: string;
	display: string;
	status: "online" | "away" | "gone";
	reason: string;
	capacity: number;
	queues: string[];
	chats: number;
	conversations: string[];
}

export function readColleagues(value: unknown): Colleague[] {
	const all = list(value).map((v) => (v ?? {}) as Record<string, unknown>).map((c): Colleague => ({
		name: str(c.name),
		display: str(c.display) || str(c.name),
		status: c.status === "online" || c.status === "away" ? c.status : "gone",
		reason: str(c.reason),
		capacity: int(c.capacity),
		queues: list(c.queues).map(str),
		chats: int(c.chats),
		conversations: list(c.conversations).map(str),
	}));
	const rank = { online: 0, away: 1, gone: 2 };
	return all.filter((c) => c.name !== "").sort((a, b) => rank[a.status] - rank[b.status] || a.display.localeCompare(b.display));
}

export interface Line {
	queue: string;
	waiting: number;
	longestS: number;
}

/* Of all queues that are served, and of those where somebody waits. */
export function lines(queue: QueueItem[], queues: string[], now: number): Line[] {
	const all = new Map<string, Line>(queues.filter((q) => q !== "*").map((q) => [q, { queue: q, waiting: 0, longestS: 0 }]));
	for (const item of queue) {
		const line = all.get(item.queue) ?? { queue: item.queue, waiting: 0, longestS: 0 };
		all.set(item.queue, { ...line, waiting: line.waiting + 1, longestS: Math.max(line.longestS, Math.round((now - item.since) / 1000)) });
	}
	return [...all.values()].sort((a, b) => b.waiting - a.waiting || a.queue.localeCompare(b.queue));
}

/* How it went since this page was opened, for an hour. */
export interface Sample {
	at: number;
	waiting: number;
	longestS: number;
}
export const SAMPLE_MS = 5_000;
const SAMPLES = 3_600_000 / SAMPLE_MS;

export function sampled(before: Sample[], queue: QueueItem[], now: number): Sample[] {
	const longestS = queue.reduce((longest, i) => Math.max(longest, Math.round((now - i.since) / 1000)), 0);
	return [...before.slice(-(SAMPLES - 1)), { at: now, waiting: queue.length, longestS }];
}
