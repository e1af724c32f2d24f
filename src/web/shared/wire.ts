/*
 * The frames of the wire as both browser programs see them, and the cleaning
 * of text on its way out. Everything that comes in is a stranger's: a field is
 * read through `str`, `int` and `list`, never trusted to be there.
 * Refuses to know sockets, storage or the page.
 */

export interface Frame {
	type: string;
	[field: string]: unknown;
}

export interface Button {
	text: string;
	value?: string;
	url?: string;
}

export const CHAT_PROTOCOL = "answerd.chat.v1";
export const DESK_PROTOCOL = "answerd.desk.v1";

/* The daemon's defaults, until its `welcome` has said otherwise. */
export const TEXT_LIMIT = 2000;
const MAX_BUTTONS = 12;

export function str(value: unknown): string {
	return typeof value === "string" ? value : "";
}

export function int(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) ? Math.trunc(value) : 0;
}

export function list(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

export function isFrame(value: unknown): value is Frame {
	return typeof value === "object" && value !== null && typeof (value as Frame).type === "string";
}

export function frames(value: unknown): Frame[] {
	return list(value).filter(isFrame);
}

export function parse(data: unknown): Frame | null {
	if (typeof data !== "string")
		return null;
	try {
		const value: unknown = JSON.parse(data);
		return isFrame(value) ? value : null;
	} catch {
		return null;
	}
}

export function buttons(value: unknown): Button[] {
	const out: Button[] = [];
	for (const raw of list(value).slice(0, MAX_BUTTONS)) {
		const b = raw as Record<string, unknown> | null;
		const text = str(b?.text).trim();
		if (text === "")
			continue;
		if (typeof b?.url === "string")
			out.push({ text, url: b.url });
		else if (typeof b?.value === "string")
			out.push({ text, value: b.value });
	}
	return out;
}

/*
 * What a person typed, as the daemon can take it: half surrogate pairs and
 * control characters are no text (a strict JSON parser refuses the whole frame
 * for one of them), line ends are "\n", outer white space goes.
 */
export function clean(text: string): string {
	return text
		.replace(/\r\n?/g, "\n")
		.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "")
		.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (c) => (c.length === 2 ? c : "\ufffd"))
		.trim();
}

/* Code points, which is what `limits.text` counts. */
export function length(text: string): number {
	let n = 0;
	for (const _ of text)
		n++;
	return n;
}
