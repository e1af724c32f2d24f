/*
 * What the desk has sent and has no answer to: messages and notes, which are
 * kept through reconnects and reloads, and commands, which make sense only now.
 * After a reconnect the screen is the truth again only when all of it, and the
 * opening of every conversation that was open, has been answered (`synced`).
 */

import { Outbox, type Entry } from "../shared/outbox.ts";
import type { Store } from "../shared/store.ts";
import { str, type Frame } from "../shared/wire.ts";

const KEPT = new Set(["message", "note"]);
/* What was open on another connection is opened anew, not resent. */
const VIEWS = new Set(["open", "close", "list"]);

export interface SendingWire {
	send(frame: Frame, wantsAnswer?: boolean): boolean;
	after(ms: number, f: () => void): void;
	store(agent: string): Store;
}

export function isText(entry: Entry | undefined): boolean {
	return entry !== undefined && KEPT.has(entry.frame.type);
}

export class Sending {
	/* The server has said welcome on this connection. */
	up = false;
	private outbox: Outbox | null = null;
	/* Conversations that are being opened, by the frame's id. */
	private readonly opening = new Map<string, string>();
	private syncing = new Set<string>();
	/* Claims under way, by id: which conversation, or "" for the next one. */
	private readonly claims = new Map<string, string>();

	constructor(private readonly wire: SendingWire, private readonly now: () => number) {}

	get synced(): boolean {
		return this.up && this.syncing.size === 0;
	}

	/* -- whose it is --------------------------------------------------- */

	get isBegun(): boolean {
		return this.outbox !== null;
	}

	/* Another agent: what they wrote here and was not sent. */
	begin(agent: string): Entry[] {
		this.outbox = new Outbox(this.wire.store(agent), this.now);
		for (const entry of this.outbox.list())
			if (!isText(entry))
				this.outbox.remove(entry.id);
		return this.outbox.list();
	}

	end(): void {
		this.outbox = null;
	}

	welcomed(): void {
		this.up = true;
		for (const entry of this.list())
			if (VIEWS.has(entry.frame.type))
				this.outbox?.remove(entry.id);
		this.syncing = new Set(this.list().map((e) => e.id));
	}

	offline(): void {
		this.up = false;
		this.opening.clear();
		this.syncing.clear();
		this.outbox?.offline();
	}

	/* -- what there is ------------------------------------------------- */

	list(): Entry[] {
		return this.outbox?.list() ?? [];
	}

	get(id: string): Entry | undefined {
		return this.outbox?.get(id);
	}

	isAcked(id: string): boolean {
		return this.outbox?.phase(id) === "acked";
	}

	/* It is on its way to us, by a claim of ours. */
	isClaiming(conversation: string): boolean {
		return [...this.claims.values()].some((c) => c === "" || c === conversation);
	}

	/* -- out ----------------------------------------------------------- */

	/* Null: too much waits already. */
	add(frame: Frame): Entry | null {
		const entry = this.outbox?.add(frame) ?? null;
		if (entry !== null && frame.type === "claim")
			this.claims.set(entry.id, str(frame.conversation));
		return entry;
	}

	isOpening(conversation: string): boolean {
		return [...this.opening.values()].includes(conversation);
	}

	/* The log after `since`, and facts. `awaited`: it has to be read before all
	 * is synced; what an agent opens meanwhile holds nothing up. */
	open(conversation: string, since: number, awaited: boolean): void {
		const entry = this.add({ type: "open", conversation, since, facts: true });
		if (entry === null)
			return;
		this.opening.set(entry.id, conversation);
		if (awaited)
			this.syncing.add(entry.id);
		this.pump();
	}

	/* Sends what may leave. */
	pump(): void {
		if (!this.up || this.outbox === null)
			return;
		for (const entry of this.outbox.ready()) {
			if (!this.wire.send(entry.frame, true))
				return;
			this.outbox.sent(entry.id);
		}
	}

	/* -- answers ------------------------------------------------------- */

	acked(id: string): void {
		this.outbox?.acked(id);
	}

	/* Not now: it comes first when the wait is over. False: it is not ours. */
	held(id: string, ms: number): boolean {
		if (this.get(id) === undefined)
			return false;
		this.outbox?.held(id, ms);
		this.wire.after(ms + 20, () => this.pump());
		return true;
	}

	/* The answer is there: what it was, and which conversation it opened. */
	answered(id: string): { entry: Entry | undefined; opened: string | undefined } {
		const opened = this.opening.get(id);
		this.opening.delete(id);
		this.claims.delete(id);
		this.syncing.delete(id);
		return { entry: this.outbox?.remove(id), opened };
	}
}
