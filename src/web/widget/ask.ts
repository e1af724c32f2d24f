/*
 * The question at the end: solved (yes, no), csat (1 to 5), ces (1 to 7) or nps
 * (0 to 10), and a comment once a score is chosen. Nothing is sent before the
 * shopper says so, but for yes and no, which are an answer by themselves.
 */

import type { Item } from "../shared/timeline.ts";
import { h, icon, set } from "./dom.ts";
import type { Texts } from "./texts.ts";

const SCALES: Record<string, [number, number]> = { csat: [1, 5], ces: [1, 7], nps: [0, 10] };
const HEAD = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9 9.7v.6M15 9.7v.6";
const FACES = ["M8.5 17c.9-1.4 2.1-2 3.5-2s2.6.6 3.5 2", "M9 16.2c.8-.8 1.8-1.2 3-1.2s2.2.4 3 1.2", "M9 15.5h6", "M8.8 14.5c.8 1 1.9 1.5 3.2 1.5s2.4-.5 3.2-1.5", "M8 13.8c.7 2 2.2 3 4 3s3.3-1 4-3"];

export function askCard(item: Item, rated: boolean, t: Texts, send: (score: number, comment: string) => void): HTMLElement {
	if (rated)
		return h("div", { class: "ask done", "data-testid": "feedback", "data-kind": item.kind }, t.thanks);
	const id = "ask-" + item.key.replace(/[^\w-]/g, "_");
	const card = h("div", { class: "ask", role: "group", "aria-labelledby": id, "data-testid": "feedback", "data-kind": item.kind },
		h("p", { id, dir: "auto" }, item.text || t.askCsat));
	card.append(item.kind === "solved" ? solved(t, send) : scale(item.kind, t, send));
	return card;
}

function solved(t: Texts, send: (score: number, comment: string) => void): HTMLElement {
	const choice = (score: number, text: string) =>
		h("button", { class: "reply", "data-testid": "rate-" + score, onclick: () => send(score, "") }, text);
	return h("div", { class: "replies" }, choice(1, t.yes), choice(0, t.no));
}

function scale(kind: string, t: Texts, send: (score: number, comment: string) => void): HTMLElement {
	const [low, high] = SCALES[kind] ?? [1, 5];
	const names = [t.csat1, t.csat2, t.csat3, t.csat4, t.csat5];
	let score = -1;
	const comment = h("textarea", { rows: 2, maxlength: 1000, "aria-label": t.comment, placeholder: t.comment });
	const more = h("div", { class: "more", hidden: true }, comment,
		h("button", { class: "primary", "data-testid": "feedback-send", onclick: () => send(score, comment.value) }, t.send));
	const row = h("div", { class: "scale " + kind });
	const pick = (chosen: number) => {
		score = chosen;
		more.hidden = false;
		for (const b of row.children)
			set(b, "aria-pressed", String(b.getAttribute("data-score") === String(chosen)));
	};
	for (let n = low; n <= high; n++) {
		const name = kind === "csat" ? n + ": " + names[n - 1] : String(n);
		row.append(h("button", {
			"data-testid": "rate-" + n, "data-score": n, "aria-pressed": "false",
			"aria-label": name, title: name, onclick: () => pick(n),
		}, kind === "csat" ? icon(HEAD + FACES[n - 1]) : String(n)));
	}
	const ends = kind === "csat" ? h("div", { class: "ends" }, h("span", {}, t.csat1), h("span", {}, t.csat5))
		: h("div", { class: "ends" }, h("span", {}, t.scaleLow), h("span", {}, t.scaleHigh));
	return h("div", {}, row, ends, more);
}
