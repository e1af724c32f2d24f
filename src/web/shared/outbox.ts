/*
 * What was written and does not yet stand in the log. An entry lives from the
 * key press until `stored` (or a refusal) names its id, through reconnects,
 * reloads and closed tabs, and is sent again with the same id, in the order of
 * writing, before anything newer. Pure but for the store it is given: it never
 * sends, it says what to send next.
 *
 * Ids sort as they were written (a stamp that only grows, then four random
 * characters), so that the id is the order, and each entry is a storage key of
 * its own: two tabs can add and remove at once without writing over each other.
 *
 * A refusal with a wait (`rate_limited`, `busy`) names the entry that must come
 * first again: it and all behind it count as not sent, and nothing leaves until
 * the wait is over.
 */

import type { Frame } from "./wire.ts";
import type { Store } from "./store.ts";

export interface Entry {
	id: string;
	frame: Frame;
	/* When it was written, ms. */
	at: number;
	/* What the person sees of it, where the frame does not say (a pressed button). */
	label?: string | undefined;
	/* Who wrote it; without it: whoever is there. */
	by?: string | undefined;
}

export type Phase = "queued" | "sent" | "acked";

const KEY = "o:";
const MAX_ENTRIES = 200;
const STAMP_DIGITS = 9;

export class Outbox {
	/* Who is there, of those that share this store: another's entries wait until
	 * that one is. "": nobody in particular. */
	by = "";
	private readonly entries = new Map<string, Entry>();
	private readonly phases = new Map<string, Phase>();
	private readonly unkept = new Set<string>();
	private last = 0;
	private hold: { id: string; until: number } | null = null;

	constructor(
		private readonly store: Store,
		private readonly now: () => number = Date.now,
		private readonly random: () => number = Math.random,
	) {
		this.reload();
	}

	/* Null when full: nothing is dropped to make room. */
	add(frame: Frame, label?: string): Entry | null {
		if (this.entries.size >= MAX_ENTRIES)
			return null;
		const id = this.nextId();
		const entry: Entry = { id, frame: { ...frame, id }, at: this.now(), label, by: this.by || undefined };
		this.entries.set(id, entry);
		if (!this.store.set(KEY + id, JSON.stringify(entry)))
			this.unkept.add(id);
		return entry;
	}

	get(id: string): Entry | undefined {
		return this.entries.get(id);
	}

	list(): Entry[] {
		return [...this.entries.values()].filter((e) => (e.by ?? this.by) === this.by).sort((a, b) => (a.id < b.id ? -1 : 1));
	}

	phase(id: string): Phase {
		return this.phases.get(id) ?? "queued";
	}

	remove(id: string): Entry | undefined {
		const entry = this.entries.get(id);
		this.entries.delete(id);
		this.phases.delete(id);
		this.unkept.delete(id);
		if (entry !== undefined)
			this.store.del(KEY + id);
		if (this.hold?.id === id)
			this.hold = null;
		return entry;
	}

	/* Somebody else is there: what was written before them goes nowhere. Not for
	 * nobody in particular: who has only signed out may be back. */
	dropOthers(): void {
		for (const e of this.entries.values())
			if (this.by && (e.by ?? this.by) !== this.by)
				this.remove(e.id);
	}

	/* Another tab may have added or removed entries. */
	reload(): void {
		const stored = new Set<string>();
		for (const key of this.store.keys()) {
			if (!key.startsWith(KEY))
				continue;
			const entry = this.read(key);
			if (entry === null) {
				this.store.del(key);
				continue;
			}
			stored.add(entry.id);
			if (!this.entries.has(entry.id))
				this.entries.set(entry.id, entry);
		}
		for (const id of [...this.entries.keys()])
			if (!stored.has(id) && !this.unkept.has(id))
				this.entries.delete(id);
	}

	/* The connection is gone, and with it all that was on its way. */
	offline(): void {
		this.phases.clear();
		this.hold = null;
	}

	/* What may leave now, in order; empty while held back. */
	ready(): Entry[] {
		if (this.hold !== null && this.now() < this.hold.until)
			return [];
		return this.list().filter((e) => this.phase(e.id) === "queued");
	}

	sent(id: string): void {
		this.phases.set(id, "sent");
		if (this.hold?.id === id)
			this.hold = null;
	}

	acked(id: string): void {
		if (this.phases.get(id) === "sent")
			this.phases.set(id, "acked");
	}

	/* `rate_limited` or `busy` for this id. */
	held(id: string, retryMs: number): void {
		if (!this.entries.has(id))
			return;
		const first = this.hold !== null && this.hold.id < id ? this.hold.id : id;
		const until = Math.max(this.hold?.until ?? 0, this.now() + retryMs);
		this.hold = { id: first, until };
		for (const other of this.entries.keys())
			if (other >= first)
				this.phases.delete(other);
	}

	/* When to look at ready() again, or null when nothing waits for a time. */
	wakeAt(): number | null {
		return this.hold?.until ?? null;
	}

	private nextId(): string {
		let stamp = Math.max(this.now(), this.last + 1);
		for (const id of this.entries.keys())
			stamp = Math.max(stamp, parseInt(id.slice(0, STAMP_DIGITS), 36) + 1);
		this.last = stamp;
		const tail = Math.floor(this.random() * 36 ** 4).toString(36);
		return stamp.toString(36).padStart(STAMP_DIGITS, "0") + tail.padStart(4, "0");
	}

	private read(key: string): Entry | null {
		try {
			const entry = JSON.parse(this.store.get(key) ?? "") as Entry;
			const whole = KEY + entry.id === key && entry.frame.id === entry.id && typeof entry.frame.type === "string";
			return whole && /^[0-9a-z]{13}$/.test(entry.id) ? entry : null;
		} catch {
			return null;
		}
	}
}
