/*
 * One connection for all tabs of a shop. The tab that a person looks at leads:
 * it holds a Web Lock and the connection; a tab that comes to the front takes
 * the lead over, even from one that the browser has put to sleep, and resumes
 * from its own last seq. What the leader hears it passes on, so that a second
 * window beside it stays up to date. The outbox needs none of this: it is in the
 * shared storage, and whoever leads sends it.
 *
 * Without Web Locks (a page without https, a browser that lets the page keep
 * nothing) each tab leads for itself: the same outbox, the same ids, so still
 * nothing twice.
 */

import { isFrame, type Frame } from "../shared/wire.ts";

export interface TabsOwner {
	lead(): void;
	follow(): void;
	heard(frame: Frame): void;
}

export class Tabs {
	leading = false;
	private turn = 0;
	private release: (() => void) | null = null;
	private channel: BroadcastChannel | null = null;

	constructor(
		private readonly name: string,
		private readonly owner: TabsOwner,
	) {}

	start(): void {
		try {
			this.channel ??= new BroadcastChannel(this.name);
			this.channel.onmessage = (ev) => {
				if (!this.leading && isFrame(ev.data))
					this.owner.heard(ev.data);
			};
		} catch {
			/* there is none, or none for this page */
		}
		this.request(document.visibilityState === "visible");
	}

	/* A person looks at this tab. */
	seize(): void {
		if (!this.leading && this.turn > 0)
			this.request(true);
	}

	tell(frame: Frame): void {
		if (this.leading)
			this.channel?.postMessage(frame);
	}

	/* The page goes away, perhaps to come back. */
	stop(): void {
		this.turn = 0;
		this.channel?.close();
		this.channel = null;
		this.lose();
		this.release?.();
		this.release = null;
	}

	private request(steal: boolean): void {
		const me = (this.turn = Tabs.count++);
		const locks = navigator.locks as LockManager | undefined;
		if (locks === undefined) {
			this.gain();
			return;
		}
		const hold = (): Promise<void> | undefined => {
			if (me !== this.turn)
				return undefined;
			this.gain();
			return new Promise((release) => (this.release = release));
		};
		locks.request(this.name, steal ? { steal: true } : {}, hold).catch((e: Error) => {
			if (me !== this.turn)
				return;
			/* Refused, not stolen: asked again it would be refused again. */
			if (e.name !== "AbortError")
				return this.gain();
			this.lose();
			this.request(false);
		});
	}

	private gain(): void {
		this.leading = true;
		this.owner.lead();
	}

	private lose(): void {
		if (!this.leading)
			return;
		this.leading = false;
		this.owner.follow();
	}

	private static count = 1;
}
