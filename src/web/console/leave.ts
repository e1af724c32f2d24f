/* What becomes of open chats when an agent goes, in words. Pure. */

import { say, type Text } from "./say.ts";

function count(n: number, one: Text, many: Text, more: Record<string, string> = {}): string {
	return n === 1 ? say(one, more) : say(many, { ...more, n });
}

function period(s: number): string {
	return s < 120 ? say("{n} seconds", { n: s }) : say("{n} minutes", { n: Math.round(s / 60) });
}

/* When one signs out: they are given back at once, or, without a connection,
 * when the lease ends (`afterS`, else 0). Empty: none is open. */
export function signOutText(chats: number, afterS: number): string {
	if (chats === 0)
		return "";
	const when = afterS > 0 ? say("after {period}", { period: period(afterS) }) : say("at once");
	return count(chats, "Your open chat goes back in line {when}, at the old place. Whoever is free takes over.",
		"{n} open chats of yours go back in line {when}, at the old place. Whoever is free takes over.", { when });
}

/* Of what was written and is not sent yet. Empty: nothing. */
export function unsentText(unsent: number): string {
	return unsent === 0 ? "" : count(unsent, "One message is not sent yet: kept in this tab, and sent when you sign in here again.",
		"{n} messages are not sent yet: kept in this tab, and sent when you sign in here again.");
}

/* When the tab closes or is loaded again: nobody can give them back then, and
 * the lease ends. */
export function closingText(chats: number, unsent: number, leaseS: number): string {
	const open = chats === 0 ? "" : count(chats, "If you close this tab, your open chat goes back in line after {period}. Come back before, and nothing changes.",
		"If you close this tab, {n} open chats of yours go back in line after {period}. Come back before, and nothing changes.", { period: period(leaseS) });
	const lost = unsent === 0 ? "" : count(unsent, "One message is not sent yet and would be lost with the tab.",
		"{n} messages are not sent yet and would be lost with the tab.");
	return [open, lost].filter((t) => t !== "").join(" ");
}
