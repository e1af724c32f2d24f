/*
 * The conversation as a text file for the shopper to keep.
 */

import { dayKey, hourMinute } from "../shared/clock.ts";
import type { Session } from "./session.ts";
import type { Texts } from "./texts.ts";

export function transcriptText(session: Session, t: Texts, locale: string): string {
	const lines: string[] = [];
	let day = "";
	for (const item of [...session.past, ...session.items()]) {
		if (item.type !== "message")
			continue;
		if (dayKey(item.at) !== day) {
			day = dayKey(item.at);
			lines.push("", new Date(item.at).toLocaleDateString(locale || undefined), "");
		}
		const who = item.from === "shopper" ? t.you : item.from === "agent" ? item.name || t.agent : t.bot;
		lines.push(hourMinute(item.at, locale) + "  " + who + ": " + item.text);
	}
	return lines.join("\n").trim() + "\n";
}

export function transcript(session: Session, t: Texts, locale: string): void {
	const url = URL.createObjectURL(new Blob([transcriptText(session, t, locale)], { type: "text/plain;charset=utf-8" }));
	const a = document.createElement("a");
	a.href = url;
	a.download = "chat-" + new Date().toISOString().slice(0, 10) + ".txt";
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
