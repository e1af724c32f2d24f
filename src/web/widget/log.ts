/*
 * Draws the rows of the conversation and keeps the reader's place: it follows
 * new messages only when the reader is at the end, and offers a way down when
 * not. What has not changed is not touched, and receipts are silent, so a screen
 * reader reads what is new and nothing else.
 */

import { dayName, hourMinute } from "../shared/clock.ts";
import { safeHref } from "../shared/linkify.ts";
import type { Item } from "../shared/timeline.ts";
import type { Button } from "../shared/wire.ts";
import { askCard } from "./ask.ts";
import { arrange, h, icon, ICONS, patch, rich, setText } from "./dom.ts";
import type { Row } from "./rows.ts";
import type { MessageStatus } from "./session.ts";
import { fill, type Texts } from "./texts.ts";

export interface LogActions {
	choose(value: string, label: string): void;
	retry(id: string): void;
	send(text: string): void;
	rate(ask: string, score: number, comment: string): void;
	looked(): void;
}

type MessageRow = Extract<Row, { kind: "message" }>;

const NEAR_PX = 60;
const STATUS_ICON: Record<MessageStatus, string> = {
	queued: ICONS.clock, acked: ICONS.check, stored: ICONS.checks, read: ICONS.checks, failed: ICONS.warn,
};

export function sender(item: Item, t: Texts): string {
	return item.from === "agent" ? item.name || t.agent : item.from === "bot" ? t.bot : t.announcement;
}

export class LogView {
	readonly element: HTMLElement;
	private readonly list = h("div", { class: "rows" });
	private readonly scroller: HTMLElement;
	private readonly jump: HTMLButtonElement;
	private readonly typing: HTMLElement;
	/* The dots in words. */
	private readonly writing: HTMLElement;
	private readonly drawn = new Map<string, { sig: string; element: HTMLElement }>();
	private missed = 0;
	private following = true;
	private lastTop = 0;
	private texts!: Texts;
	private locale = "en";

	constructor(private readonly act: LogActions) {
		this.typing = h("div", { class: "typing", hidden: true }, h("i"), h("i"), h("i"));
		this.writing = h("div", { class: "sr", role: "status" });
		this.scroller = h("div", { class: "log", tabindex: 0, onscroll: () => this.scrolled(), onscrollend: () => this.scrolled(false) },
			h("div", { class: "spring" }), this.list, this.typing, this.writing);
		this.list.setAttribute("role", "log");
		this.list.setAttribute("aria-live", "polite");
		this.jump = h("button", { class: "jump", hidden: true, onclick: () => this.toEnd(true) },
			icon(ICONS.down), h("span"));
		this.element = h("div", { class: "logbox" }, this.scroller, this.jump);
		const grown = new ResizeObserver(() => this.following && this.toEnd(false));
		grown.observe(this.scroller);
		grown.observe(this.list);
	}

	language(texts: Texts, locale: string): void {
		this.texts = texts;
		this.locale = locale;
		this.drawn.clear();
		this.list.setAttribute("aria-label", texts.log);
		this.scroller.setAttribute("aria-label", texts.log);
	}

	/* `settled` is false while a long log is read in: nothing is announced. */
	render(rows: Row[], greeting: string, starters: string[], settled: boolean, typing: string): void {
		/* Who has just turned away is not moved: that event is yet to come. */
		this.scrolled();
		const held = this.list.matches(":focus-within");
		this.list.setAttribute("aria-busy", String(!settled));
		const before = new Set(this.drawn.keys());
		const elements: Element[] = [];
		if (greeting !== "" || starters.length > 0)
			elements.push(this.draw("greeting", greeting + starters, () => this.greeting(greeting, starters)));
		const seen = new Set(["greeting"]);
		let news = 0;
		for (const row of rows) {
			seen.add(row.key);
			if (row.kind === "message" && !row.own && !before.has(row.key))
				news++;
			/* Today is yesterday tomorrow. */
			const sig = row.kind === "day" ? this.dayText(row.at) : row.sig;
			elements.push(this.draw(row.key, sig, () => this.make(row)));
		}
		for (const key of [...this.drawn.keys()])
			if (!seen.has(key))
				this.drawn.delete(key);
		arrange(this.list, elements);
		/* What was pressed is no more: one stays in the conversation. */
		if (held && !this.list.matches(":focus-within"))
			this.focus();
		this.typing.hidden = typing === "";
		setText(this.writing, typing);
		if (this.following)
			this.toEnd(false);
		else
			this.offer(this.missed + (before.size > 0 ? news : 0));
	}

	/* Whoever looks has seen all of it then, also while it glides there. */
	toEnd(smooth: boolean): void {
		const behavior = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
		this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
		this.lastTop = 0;
		this.scrolled(true);
	}

	isAtEnd(): boolean {
		return this.following;
	}

	focus(): void {
		this.scroller.focus();
	}

	/* Who follows does so all the way down, but for who turns round or stops. */
	private scrolled(gliding = this.following): void {
		const s = this.scroller;
		this.following = s.scrollHeight - s.scrollTop - s.clientHeight < NEAR_PX || (gliding && this.lastTop <= s.scrollTop);
		this.lastTop = s.scrollTop;
		this.offer(this.following ? 0 : this.missed);
		this.act.looked();
	}

	private offer(missed: number): void {
		this.missed = missed;
		this.jump.hidden = this.following;
		const t = this.texts;
		setText(this.jump.lastElementChild as Element,
			missed === 0 ? t.jump : missed === 1 ? t.jumpOne : fill(t.jumpMany, { n: missed }));
	}

	private draw(key: string, sig: string, make: () => HTMLElement): HTMLElement {
		const known = this.drawn.get(key);
		if (known !== undefined && known.sig === sig)
			return known.element;
		let element = make();
		if (known?.element.dataset.id) {
			patch(known.element, element);
			element = known.element;
		}
		this.drawn.set(key, { sig, element });
		return element;
	}

	private make(row: Row): HTMLElement {
		const t = this.texts;
		switch (row.kind) {
		case "day":
			return h("div", { class: "day" }, h("span", {}, this.dayText(row.at)));
		case "event":
			return h("div", { class: "event", "data-testid": "event" }, h("span", {}, this.eventText(row.event, row.name)));
		case "ask":
			return askCard(row.item, row.rated, t, (score, comment) => this.act.rate(row.item.id, score, comment));
		case "message":
			return this.message(row);
		}
	}

	private dayText(at: number): string {
		return dayName(at, Date.now(), this.locale, this.texts.today, this.texts.yesterday);
	}

	private eventText(event: string, name: string): string {
		const t = this.texts;
		const text: Record<string, string> = {
			queued: t.evQueued, assigned: t.evAssigned, bot: t.evBot, closed: t.subClosed, new: t.newChat,
		};
		return fill(text[event] ?? "", { name: name || t.agent });
	}

	private greeting(text: string, starters: string[]): HTMLElement {
		return h("div", { class: "msg bot first last" },
			h("div", { class: "who" }, this.texts.bot),
			text !== "" && this.bubble(text),
			h("div", { class: "replies" }, ...starters.map((s) =>
				h("button", { class: "reply", "data-testid": "starter", onclick: () => this.act.send(s) }, s))));
	}

	/* What is said is in the page's language, also where our own words are not. */
	private bubble(text: string): HTMLElement {
		return h("div", { class: "bubble", dir: "auto", lang: this.locale }, ...rich(text));
	}

	private message(row: MessageRow): HTMLElement {
		const { item, own } = row;
		const t = this.texts;
		const who = own ? t.you : sender(item, t);
		const classes = ["msg", own ? "own" : item.from, row.first ? "first" : "", row.last ? "last" : "", row.status === "failed" ? "failed" : ""];
		const element = h("div", { class: classes.filter(Boolean).join(" "), "data-testid": "message", "data-from": item.from, "data-status": row.status, "data-id": item.id },
			h("div", { class: row.first && !own && item.from !== "system" ? "who" : "sr" }, who),
			this.bubble(item.text));
		if (own || row.rated || (row.last && item.from !== "system"))
			element.append(this.meta(row));
		if (item.buttons.length > 0)
			element.append(this.replies(row));
		return element;
	}

	private meta(row: MessageRow): HTMLElement {
		const { item, own, status } = row;
		const t = this.texts;
		/* Each mark more on the way would be read out. */
		const meta = h("div", { class: "meta", "aria-live": status !== "failed" && "off" });
		if (item.at > 0)
			meta.append(h("time", { datetime: new Date(item.at).toISOString() }, hourMinute(item.at, this.locale)));
		if (own) {
			const text = { queued: t.stQueued, acked: t.stAcked, stored: t.stStored, read: t.stRead, failed: t.stFailed }[status];
			meta.append(h("span", { class: "st " + status, title: text }, icon(STATUS_ICON[status]),
				h("span", { class: status === "failed" || status === "queued" ? "" : "sr" }, text)));
		}
		if (row.rated)
			meta.append(icon(ICONS.check), t.thanks);
		if (status === "failed")
			meta.append(h("button", { class: "link", onclick: () => this.act.retry(item.id) }, t.retry));
		return meta;
	}

	private replies(row: MessageRow): HTMLElement {
		const box = h("div", { class: "replies", "aria-live": !row.open && "off" });
		for (const b of row.item.buttons) {
			const made = b.url !== undefined ? this.linkButton(b) : this.replyButton(b, row);
			if (made !== null)
				box.append(made);
		}
		return box;
	}

	private linkButton(b: Button): HTMLElement | null {
		const href = safeHref(b.url ?? "", location.href);
		if (href === null)
			return null;
		return h("a", { class: "reply", href, target: "_blank", rel: "noopener noreferrer", "data-testid": "quick-reply" },
			b.text, icon(ICONS.out));
	}

	private replyButton(b: Button, row: MessageRow): HTMLElement | null {
		const used = row.used === b.text;
		if (!row.open && !used)
			return null;
		return h("button", {
			class: "reply", "data-testid": "quick-reply", disabled: !row.open,
			"aria-pressed": used ? "true" : null, onclick: () => this.act.choose(b.value ?? "", b.text),
		}, used ? icon(ICONS.check) : null, b.text);
	}
}
