/*
 * The few lines that stand in for a framework. Text goes in as text nodes only;
 * there is no way to hand markup to the page from here.
 */

import { linkify, type Part } from "../shared/linkify.ts";

const SVG = "http://www.w3.org/2000/svg";

type Value = string | number | boolean | null | undefined | ((ev: never) => void);

/* Attributes as given; `onclick` and the like are listeners; false and null
 * leave the attribute out. A button submits nothing unless it says so. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attributes: Record<string, Value> = {},
	...children: (Node | string | null | false)[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries({ type: tag === "button" && tag, ...attributes })) {
		if (typeof value === "function")
			element.addEventListener(name.slice(2), value as unknown as EventListener);
		else
			set(element, name, value);
	}
	for (const child of children)
		if (child !== null && child !== false)
			element.append(child);
	return element;
}

/* Only touches the page when something changes: a live region stays silent. */
export function set(element: Element, name: string, value: Value): void {
	if (value === null || value === undefined || value === false)
		element.removeAttribute(name);
	else if (element.getAttribute(name) !== String(value === true ? "" : value))
		element.setAttribute(name, value === true ? "" : String(value));
}

export function setText(element: Element, text: string): void {
	if (element.textContent !== text)
		element.textContent = text;
}

export function icon(path: string, filled = false): SVGElement {
	const svg = document.createElementNS(SVG, "svg");
	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", "true");
	if (filled)
		svg.setAttribute("class", "filled");
	const p = document.createElementNS(SVG, "path");
	p.setAttribute("d", path);
	svg.append(p);
	return svg;
}

/* A message's text with its web addresses as links. */
export function rich(text: string): Node[] {
	return linkify(text).map((part: Part) =>
		part.href === undefined
			? document.createTextNode(part.text)
			: h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer nofollow" }, part.text),
	);
}

/* Makes the children of `parent` be these, moving as few as possible. */
export function arrange(parent: Element, wanted: Element[]): void {
	const keep = new Set(wanted);
	for (const child of [...parent.children])
		if (!keep.has(child))
			child.remove();
	let at = parent.firstElementChild;
	for (const element of wanted) {
		if (element === at)
			at = at.nextElementSibling;
		else
			parent.insertBefore(element, at);
	}
}

/* Makes `old` be as `made`, and leaves alone what both have: a screen reader
 * reads again what is put in again. */
export function patch(old: Element, made: Element): void {
	for (const { name, value } of made.attributes)
		set(old, name, value);
	arrange(old, [...made.children].map((child) => [...old.children].find((c) => c.isEqualNode(child)) ?? child));
}

export const ICONS = {
	send: "M4.4 19.3 20 12.9c.8-.3.8-1.5 0-1.8L4.4 4.7c-.7-.3-1.4.3-1.2 1l1.6 5.4 8.2.9-8.2.9-1.6 5.4c-.2.7.5 1.3 1.2 1Z",
	close: "M6 6l12 12M18 6 6 18",
	more: "M12 6.2v.01M12 12v.01M12 17.8v.01",
	clock: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
	check: "m5 12.5 4.5 4.5L19 7.5",
	checks: "m2 12.5 4.5 4.5L16 7.5M11.5 16l1 1L22 7.5",
	warn: "M12 8v5M12 16.4v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
	person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
	mail: "M4 6h16v12H4ZM4 7l8 6 8-6",
	down: "M12 5v14M6 13l6 6 6-6",
	out: "M14 5h5v5M19 5l-8 8M17 13.5V19H5V7h5.5",
};
