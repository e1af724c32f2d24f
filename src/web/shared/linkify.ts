/*
 * Finds web addresses in a text and says which parts may be links. Returns
 * parts, never markup: who shows them sets text, so whatever a message holds
 * stays text. Only schemes that cannot run anything are let through.
 */

export interface Part {
	text: string;
	href?: string;
}

const SAFE = /^(https?|mailto|tel):$/;
const FOUND = /\bhttps?:\/\/[^\s<>"'`]{1,2000}|\bwww\.[^\s<>"'`]{3,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/gi;

/* The address in a form safe to link to, or null. */
export function safeHref(raw: string, base?: string): string | null {
	try {
		const url = base === undefined ? new URL(raw.trim()) : new URL(raw.trim(), base);
		return SAFE.test(url.protocol) ? url.href : null;
	} catch {
		return null;
	}
}

export function linkify(text: string): Part[] {
	const parts: Part[] = [];
	let done = 0;
	for (const m of text.matchAll(FOUND)) {
		const shown = trimEnd(m[0]);
		const href = safeHref(address(shown));
		if (href === null)
			continue;
		if (m.index > done)
			parts.push({ text: text.slice(done, m.index) });
		parts.push({ text: shown, href });
		done = m.index + shown.length;
	}
	if (done < text.length)
		parts.push({ text: text.slice(done) });
	return parts;
}

function address(shown: string): string {
	if (/^https?:/i.test(shown))
		return shown;
	return /^www\./i.test(shown) ? "https://" + shown : "mailto:" + shown;
}

/* A full stop, a comma or a closing bracket after an address is the sentence's. */
function trimEnd(found: string): string {
	let end = found.length;
	for (; end > 0; end--) {
		const c = found[end - 1] as string;
		if (c === ")" && count(found, "(", end) >= count(found, ")", end))
			break;
		if (!".,;:!?)]}*_".includes(c))
			break;
	}
	return found.slice(0, end);
}

function count(text: string, c: string, end: number): number {
	let n = 0;
	for (let i = 0; i < end; i++)
		if (text[i] === c)
			n++;
	return n;
}
