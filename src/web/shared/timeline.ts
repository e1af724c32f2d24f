/*
 * What stands in a conversation, put together from frames that may come twice,
 * out of two connections, before they are logged, or again after the log was
 * replaced. Each id is shown once; a logged message takes the place of the
 * unlogged one. Pure: frames in, an ordered list out.
 *
 * Order on the screen: what is logged, by seq; after it what is not: the
 * shopper's unsent messages in the order of writing, each followed by the bot's
 * answers to it. That is the order in which the log will have them, so nothing
 * jumps when the receipts come.
 */

import { buttons, int, str, type Button, type Frame } from "./wire.ts";

export interface Item {
	key: string;
	type: "message" | "note" | "state" | "ask_feedback" | "feedback";
	id: string;
	at: number;
	/* Absent while it is not known to stand in the log. */
	seq?: number;
	/* Of a log that was replaced: where it stood there. */
	stale?: number;
	from: string;
	name: string;
	text: string;
	replyTo: string;
	buttons: Button[];
	late: boolean;
	/* Where the shopper wants to be answered. */
	contact: boolean;
	/* An answer on which `feedback` is taken. */
	rate: boolean;
	/* state, ask and feedback: the rest of the frame */
	state: string;
	reason: string;
	agent: string;
	intent: string;
	kind: string;
	ask: string;
	score: number;
	comment: string;
}

const SHOWN = new Set(["message", "note", "state", "ask_feedback", "feedback"]);

export class Timeline {
	/* "The highest seq I have": a complete statement of what this reader knows. */
	high = 0;
	private items = new Map<string, Item>();
	private sorted: Item[] | null = null;

	/* Takes a frame of the log or an unlogged message; true if anything changed. */
	put(frame: Frame): boolean {
		const seq = int(frame.seq);
		if (seq > this.high)
			this.high = seq;
		if (!SHOWN.has(frame.type))
			return false;
		const item = read(frame, seq);
		const known = this.items.get(item.key);
		if (known !== undefined && known.seq !== undefined && item.seq === undefined)
			return false;
		if (known !== undefined && item.at === 0)
			item.at = known.at;
		this.items.set(item.key, item);
		this.sorted = null;
		return true;
	}

	/* A receipt: what we showed under this id is logged. A repeat's receipt has
	 * the first seq, and one may overtake what is still being read, so only the
	 * next seq in line counts as known. */
	stored(id: string, seq: number): boolean {
		if (seq === this.high + 1)
			this.high = seq;
		for (const from of ["shopper", "bot", "system"]) {
			const item = this.items.get(from + ":" + id);
			if (item === undefined || item.seq === seq)
				continue;
			item.seq = seq;
			delete item.stale;
			this.sorted = null;
			return true;
		}
		return false;
	}

	/* The log is another one: what was seen stays on the screen in its place
	 * until the new log says where it belongs. */
	reset(): void {
		this.high = 0;
		for (const [key, item] of [...this.items]) {
			if (item.seq === undefined)
				continue;
			if (item.id === "")
				this.items.delete(key);
			item.stale = item.seq;
			delete item.seq;
		}
		this.sorted = null;
	}

	clear(): void {
		this.high = 0;
		this.items.clear();
		this.sorted = null;
	}

	has(key: string): boolean {
		return this.items.has(key);
	}

	drop(key: string): void {
		if (this.items.delete(key))
			this.sorted = null;
	}

	/* All of it in order. `pending` are the ids of unlogged messages of ours in
	 * the order of writing. */
	list(pending: string[] = []): Item[] {
		if (this.sorted !== null && pending.length === 0)
			return this.sorted;
		const rank = new Map(pending.map((id, i) => [id, i]));
		const place = (item: Item): number[] => {
			if (item.seq !== undefined)
				return [0, item.seq, 0];
			if (item.stale !== undefined)
				return [0, item.stale - 0.5, 0];
			const own = rank.get(item.id);
			const parent = rank.get(item.replyTo) ?? rank.get(item.id.replace(/\.[a-z]+$/, ""));
			if (own !== undefined)
				return [1, own, 0];
			return parent === undefined ? [1, Infinity, item.at] : [1, parent, 1];
		};
		const placed = [...this.items.values()].map((item) => ({ item, at: place(item) }));
		placed.sort((a, b) => compare(a.at, b.at) || (a.item.id < b.item.id ? -1 : 1));
		const out = placed.map((p) => p.item);
		if (pending.length === 0)
			this.sorted = out;
		return out;
	}
}

function compare(a: number[], b: number[]): number {
	for (let i = 0; i < a.length; i++) {
		const x = a[i] as number;
		const y = b[i] as number;
		if (x !== y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* Ids are unique for each sender, and a state has none but its place. */
export function keyOf(frame: Frame): string {
	const id = str(frame.id);
	if (frame.type === "message") {
		const from = str(frame.from);
		return (from === "agent" ? "agent:" + str(frame.name) : from) + ":" + id;
	}
	return frame.type + ":" + (frame.type === "state" || id === "" ? int(frame.seq) : str(frame.name) + id);
}

function read(frame: Frame, seq: number): Item {
	const item: Item = {
		key: keyOf(frame),
		type: frame.type as Item["type"],
		id: frame.type === "state" ? "" : str(frame.id),
		at: int(frame.at),
		from: str(frame.from),
		name: str(frame.name),
		text: str(frame.text),
		replyTo: str(frame.reply_to),
		buttons: buttons(frame.buttons),
		late: frame.late === true,
		contact: frame.contact === true,
		rate: frame.rate === true,
		state: str(frame.state),
		reason: str(frame.reason),
		agent: str(frame.agent),
		intent: str(frame.intent),
		kind: str(frame.kind),
		ask: str(frame.ask),
		score: int(frame.score),
		comment: str(frame.comment),
	};
	if (seq > 0)
		item.seq = seq;
	return item;
}
