/* What becomes of open chats when an agent goes, in words. Pure. */

function count(n: number, one: string, many: string): string {
	return n === 1 ? one : n + " " + many;
}

function period(s: number): string {
	return s < 120 ? s + " seconds" : Math.round(s / 60) + " minutes";
}

/* When one signs out: they are given back at once, or, without a connection,
 * when the lease ends (`afterS`, else 0). Empty: none is open. */
export function signOutText(chats: number, afterS: number): string {
	if (chats === 0)
		return "";
	return count(chats, "Your open chat goes", "open chats of yours go") + " back in line " + (afterS > 0 ? "after " + period(afterS) : "at once")
		+ ", at the old place. Whoever is free takes over.";
}

/* Of what was written and is not sent yet. Empty: nothing. */
export function unsentText(unsent: number): string {
	return unsent === 0 ? "" : count(unsent, "One message is", "messages are") + " not sent yet: kept in this tab, and sent when you sign in here again.";
}

/* When the tab closes or is loaded again: nobody can give them back then, and
 * the lease ends. */
export function closingText(chats: number, unsent: number, leaseS: number): string {
	const open = chats === 0 ? "" : "If you close this tab, " + count(chats, "your open chat goes", "open chats of yours go") + " back in line after " + period(leaseS) + ". Come back before, and nothing changes.";
	const lost = unsent === 0 ? "" : count(unsent, "One message is", "messages are") + " not sent yet and would be lost with the tab.";
	return [open, lost].filter((t) => t !== "").join(" ");
}
