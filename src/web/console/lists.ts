/*
 * The five lists and what the search field finds in them. The queue and one's
 * own chats are here whole and are looked through at once; the others the
 * daemon reads and searches (frame `list`), again and again while one looks.
 */

import type { QueueItem } from "./item.ts";
import type { Text } from "./say.ts";

export type Asked = "bot" | "all" | "closed";
export type Tab = "queue" | "mine" | Asked;

export const TABS: readonly { tab: Tab; name: Text; label: Text }[] = [
	{ tab: "queue", name: "Queue", label: "Queue" },
	{ tab: "mine", name: "Mine", label: "My chats" },
	{ tab: "bot", name: "Bot", label: "With the bot now" },
	{ tab: "all", name: "All", label: "All conversations" },
	{ tab: "closed", name: "Closed", label: "Closed conversations" },
];

/* Where a key leads among tabs, round and round; -1: nowhere. */
export function tabAt(key: string, at: number, count: number): number {
	const to: Record<string, number> = { ArrowRight: (at + 1) % count, ArrowLeft: (at + count - 1) % count, Home: 0, End: count - 1 };
	return to[key] ?? -1;
}

/* How often a list that one looks at is read again. */
export const AGAIN_MS = 3_000;

export function isAsked(tab: Tab): tab is Asked {
	return tab !== "queue" && tab !== "mine";
}

/* Every word must stand somewhere in what one knows of the conversation. */
export function find(items: QueueItem[], search: string): QueueItem[] {
	const words = search.toLowerCase().split(/\s+/).filter(Boolean);
	if (words.length === 0)
		return items;
	return items.filter((i) => {
		const text = [i.preview, i.name, i.page, i.intent, i.reason, i.conversation, i.queue, i.agent].join("\n").toLowerCase();
		return words.every((w) => text.includes(w));
	});
}
