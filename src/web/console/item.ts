/* A conversation as it stands in a list. */

import { frames, int, list, str, type Frame } from "../shared/wire.ts";

const MAX_ITEMS = 20_000;

export interface QueueItem {
	conversation: string;
	queue: string;
	priority: number;
	reason: string;
	intent: string;
	kind: string;
	/* When the wait began, by our clock. */
	since: number;
	preview: string;
	name: string;
	verified: boolean;
	page: string;
	locale: string;
	state: string;
	agent: string;
	/* The last feedback; kind "": none. */
	rating: { kind: string; score: number };
}

export function readItem(f: Frame, now: number): QueueItem | null {
	const conversation = str(f.conversation);
	if (conversation === "")
		return null;
	const visitor = (f.visitor ?? {}) as Record<string, unknown>;
	const rating = (f.rating ?? {}) as Record<string, unknown>;
	return {
		conversation,
		queue: str(f.queue),
		priority: int(f.priority),
		reason: str(f.reason),
		intent: str(f.intent),
		kind: str(f.kind),
		since: now - int(f.waited_s) * 1000,
		preview: str(f.preview),
		name: str(visitor.name),
		verified: visitor.verified === true,
		page: str(f.page),
		locale: str(f.locale),
		state: str(f.state),
		agent: str(f.agent),
		rating: { kind: str(rating.kind), score: int(rating.score) },
	};
}

export function readItems(value: unknown, now: number): QueueItem[] {
	return frames(list(value).slice(0, MAX_ITEMS).map((i) => ({ type: "item", ...(i as object) })))
		.map((f) => readItem(f, now)).filter((i): i is QueueItem => i !== null);
}
