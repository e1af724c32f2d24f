/*
 * What an agent has begun to write, by conversation, and which of them is on
 * the screen: kept in the tab's storage, so that loading the page again takes
 * nothing away. Who signs out leaves none of it.
 */

import { getJson, type Store } from "../shared/store.ts";
import { str } from "../shared/wire.ts";

export interface Draft {
	text: string;
	note: boolean;
}

const DRAFT = "d:";
const OPEN = "open";

export class Drafts {
	constructor(private readonly store: Store) {}

	of(conversation: string): Draft {
		const kept = getJson<Partial<Draft>>(this.store, DRAFT + conversation);
		return { text: str(kept?.text), note: kept?.note === true };
	}

	keep(conversation: string, draft: Draft): void {
		if (draft.text === "" && !draft.note)
			this.drop(conversation);
		else
			this.store.set(DRAFT + conversation, JSON.stringify(draft));
	}

	drop(conversation: string): void {
		this.store.del(DRAFT + conversation);
	}

	/* "": none. */
	get open(): string {
		return this.store.get(OPEN) ?? "";
	}

	set open(conversation: string) {
		this.store.set(OPEN, conversation);
	}

	clear(): void {
		this.store.del(OPEN);
		for (const key of this.store.keys())
			if (key.startsWith(DRAFT))
				this.store.del(key);
	}
}
