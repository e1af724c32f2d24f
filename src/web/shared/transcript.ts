/* What was said, as text to keep or to pass on; no notes, nobody's comings and
 * goings. Pure. */

import { dayKey, format, hourMinute } from "./clock.ts";
import type { Item } from "./timeline.ts";

export function transcriptText(items: Item[], who: (item: Item) => string, locale: string): string {
	const lines: string[] = [];
	let day = "";
	for (const item of items) {
		if (item.type !== "message")
			continue;
		if (dayKey(item.at) !== day) {
			day = dayKey(item.at);
			lines.push("", format(item.at, locale), "");
		}
		lines.push(hourMinute(item.at, locale) + "  " + who(item) + ": " + item.text);
	}
	return lines.join("\n").trim() + "\n";
}
