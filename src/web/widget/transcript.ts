/*
 * The conversation as a text file for the shopper to keep.
 */

import type { Item } from "../shared/timeline.ts";
import { transcriptText } from "../shared/transcript.ts";
import type { Session } from "./session.ts";
import type { Texts } from "./texts.ts";

export function transcript(session: Session, t: Texts, locale: string): void {
	const who = (item: Item) => item.from === "shopper" ? t.you : item.from === "agent" ? item.name || t.agent : t.bot;
	const text = transcriptText([...session.past, ...session.items()], who, locale);
	const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
	const a = document.createElement("a");
	a.href = url;
	a.download = "chat-" + new Date().toISOString().slice(0, 10) + ".txt";
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
