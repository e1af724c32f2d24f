/*
 * The first words of an unread message beside the closed launcher: to be opened
 * or put away. It lies over the page and moves nothing on it.
 */

import type { Item } from "../shared/timeline.ts";
import { h, icon, ICONS } from "./dom.ts";
import { sender } from "./log.ts";
import type { Texts } from "./texts.ts";

const LONG = 160;

export class Peek {
	readonly element = h("div", { class: "hint peek", hidden: true, "data-testid": "preview" });
	private shown = "";

	constructor(
		private readonly open: () => void,
		private readonly putAway: (id: string) => void,
	) {}

	/* Returns what is to be said of it when it has not been there yet. */
	render(item: Item | undefined, t: Texts): string {
		const id = item?.id ?? "";
		this.element.hidden = id === "";
		if (item === undefined || id === this.shown) {
			this.shown = id;
			return "";
		}
		this.shown = id;
		const who = sender(item, t);
		const text = item.text.slice(0, LONG);
		this.element.replaceChildren(
			h("button", { dir: "auto", "data-testid": "preview-open", onclick: this.open }, h("b", {}, who), h("span", {}, text)),
			h("button", { class: "plain", "aria-label": t.dismiss, "data-testid": "preview-dismiss", onclick: () => this.putAway(id) }, icon(ICONS.close)));
		return who + ": " + text;
	}
}
