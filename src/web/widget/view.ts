/*
 * The panel as a shopper sees it: header, notices, the log, the line of things
 * to do, the composer. It reads the session and calls the actions that panel.ts
 * hands it; it decides nothing about the conversation.
 */

import { etaMinutes, opening } from "../shared/clock.ts";
import { str, length } from "../shared/wire.ts";
import { arrange, h, icon, ICONS, set, setText } from "./dom.ts";
import { contactForm } from "./contact.ts";
import { LogView } from "./log.ts";
import { rows } from "./rows.ts";
import type { Config } from "./host.ts";
import type { Announcement, Contact, Session } from "./session.ts";
import { fill, isRtl, textsFor, type Texts } from "./texts.ts";

export interface Actions {
	close(): void;
	send(text: string): boolean;
	choose(value: string, label: string): void;
	retry(id: string): void;
	rate(ask: string, score: number, comment: string): void;
	human(): void;
	leave(): void;
	contact(contact: Contact): void;
	startAnew(): void;
	typing(on: boolean): void;
	dismiss(announcement: string): void;
	dismissed(announcement: string): boolean;
	transcript(): void;
	sounds(): boolean;
	setSounds(on: boolean): void;
	draft(text: string | null): string;
	looked(): void;
}

export type Trouble = "" | "connecting" | "offline" | "stopped" | "notAuthorised";

const COUNT_FROM = 200;

export class View {
	readonly element: HTMLElement;
	readonly log: LogView;
	t: Texts;
	trouble: Trouble = "";
	private readonly title = h("h2", { id: "answerd-title" });
	private readonly subtitle = h("p", { class: "sub" });
	private readonly notices = h("div", { class: "notices", role: "status", "aria-atomic": "false" });
	/* Stands beside the panel: it is heard also while that is closed. */
	readonly status = h("div", { class: "sr", role: "status", "data-testid": "status" });
	private readonly waiting = h("div", { class: "waiting", hidden: true, "data-testid": "waiting" });
	private readonly tools = h("div", { class: "tools" });
	private readonly menu: HTMLElement;
	private readonly menuButton: HTMLButtonElement;
	private readonly closeButton: HTMLButtonElement;
	private readonly input: HTMLTextAreaElement;
	private readonly sendButton: HTMLButtonElement;
	private readonly counter = h("div", { class: "counter", hidden: true });
	private readonly notice = new Map<string, HTMLElement>();
	/* A picture was pasted, which would vanish without a word. */
	private pictured = false;
	/* The form for a contact is open. */
	private asking = false;

	constructor(
		private readonly session: Session,
		private readonly act: Actions,
		private readonly config: Config,
	) {
		this.t = textsFor(config.locale);
		this.log = new LogView({ choose: act.choose, retry: act.retry, send: act.send, rate: act.rate, looked: act.looked });
		this.menu = h("div", { class: "menu", hidden: true });
		this.menuButton = h("button", { class: "plain", "aria-expanded": "false", onclick: () => this.toggleMenu() }, icon(ICONS.more));
		this.closeButton = h("button", { class: "plain", "data-testid": "close", onclick: () => act.close() }, icon(ICONS.close));
		this.input = h("textarea", {
			rows: 1, enterkeyhint: "send", autocomplete: "off", "data-testid": "input", dir: "auto",
			oninput: () => this.typed(), onkeydown: (ev: KeyboardEvent) => this.keyed(ev), onblur: () => act.typing(false), onpaste: (ev: ClipboardEvent) => this.picture(!!ev.clipboardData?.files.length),
		});
		this.sendButton = h("button", { class: "send", type: "submit", "data-testid": "send" }, icon(ICONS.send, true));
		this.element = h("section", { class: "panel", role: "dialog", "aria-labelledby": "answerd-title", "data-testid": "panel", hidden: true, onkeydown: (ev: KeyboardEvent) => ev.key === "Tab" ? this.stay(ev) : this.escape(ev), onclick: (ev: Event) => this.clicked(ev) },
			h("div", { class: "top" }, h("div", { class: "names" }, this.title, this.subtitle), this.menuButton, this.closeButton, this.menu),
			this.notices, this.log.element, this.waiting, this.tools,
			h("form", { class: "composer", novalidate: true, onsubmit: (ev: Event) => this.submit(ev) }, this.input, this.counter, this.sendButton));
		this.redraft();
		this.language();
	}

	/* Another page of the shop has gone on with the draft, or sent it; what is
	 * in the field here stays where it is another than `was`. */
	redraft(was: string | null = this.input.value): void {
		if (this.input.value !== (was ?? ""))
			return;
		this.input.value = this.act.draft(null);
		this.grow();
		this.count();
	}

	language(): void {
		const { locale } = this.config;
		this.t = textsFor(locale);
		const t = this.t;
		this.element.lang = t === textsFor("") ? "en" : locale;
		this.element.dir = isRtl(locale) ? "rtl" : document.documentElement.dir === "rtl" ? "rtl" : "ltr";
		this.log.language(t, locale);
		set(this.menuButton, "aria-label", t.menu);
		set(this.closeButton, "aria-label", t.close);
		set(this.sendButton, "aria-label", t.send);
		set(this.input, "aria-label", t.input);
		set(this.input, "placeholder", t.placeholder);
		delete this.tools.dataset.tool;
		this.render();
	}

	/* Focus goes to where one writes; on a phone that would open the keyboard
	 * over half of the conversation, so there it goes to the conversation. */
	focus(): void {
		if (this.isWhole())
			this.log.focus();
		else
			this.input.focus();
	}

	/* It has all of the window: panel.css. */
	private isWhole(): boolean {
		return matchMedia("(max-width: 480px), (max-height: 420px)").matches;
	}

	hasFocus(): boolean {
		const root = this.element.getRootNode() as ShadowRoot;
		return root.activeElement !== null && this.element.contains(root.activeElement);
	}

	say(text: string): void {
		setText(this.status, text);
	}

	render(): void {
		const s = this.session;
		const t = this.t;
		setText(this.title, this.config.title || str(s.shop.name) || t.title);
		setText(this.subtitle, this.subtitleText());
		this.renderNotices();
		this.renderWaiting();
		this.renderTools();
		this.renderMenu();
		const starters = s.items().length === 0 && s.past.length === 0 && s.welcomed ? (this.config.starters ?? "").split("|").map((q) => q.trim()).filter(Boolean) : [];
		const typing = s.typing === "" ? "" : fill(t.typing, { name: s.typing === "bot" ? t.bot : s.agent || t.agent });
		const source = { past: s.past, current: s.items(), fresh: s.fresh, listening: s.state === "bot" || s.state === "queued", status: s.status.bind(s), rated: s.rated.bind(s) };
		this.log.render(rows(source), this.config.greeting || str(s.shop.greeting), starters, s.catchingUp === 0, typing);
		this.count();
	}

	private subtitleText(): string {
		const s = this.session;
		const t = this.t;
		if (this.trouble !== "")
			return this.trouble === "connecting" || this.trouble === "offline" ? t.subConnecting : "";
		switch (s.state) {
		case "queued":
			return s.waiting?.unattended ? "" : t.subQueued;
		case "assigned":
			return fill(t.subAssigned, { name: s.agent || t.agent });
		case "closed":
			return s.fresh ? t.subBot : t.subClosed;
		default:
			return t.subBot;
		}
	}

	private renderNotices(): void {
		const s = this.session;
		const t = this.t;
		const wanted: Element[] = [];
		const add = (text: string, dismiss?: () => void, a?: Announcement) => {
			const key = a?.id + text;
			const element = this.notice.get(key) ?? this.makeNotice(text, a?.level === "warning", dismiss);
			this.notice.set(key, element);
			wanted.push(element);
		};
		if (this.trouble === "offline" || this.trouble === "stopped" || this.trouble === "notAuthorised")
			add(t[this.trouble]);
		else if (s.missing)
			add(t.degraded);
		if (s.closed && (s.state === "bot" || s.fresh))
			add([this.openingText(t.closedBot), this.config.hours].filter(Boolean).join(" "));
		if (s.outbox.wakeAt() !== null)
			add(t.heldBack);
		if (s.wasForeign && s.items().length === 0)
			add(t.another);
		if (this.pictured)
			add(t.textOnly, () => this.picture(false));
		for (const a of s.announcements.values())
			if (!this.act.dismissed(a.id) && (a.until === 0 || a.until > Date.now()))
				add(a.text, () => this.act.dismiss(a.id), a);
		arrange(this.notices, wanted);
		for (const [key, element] of this.notice)
			if (!wanted.includes(element))
				this.notice.delete(key);
	}

	private picture(pasted: boolean): void {
		this.pictured = pasted;
		this.renderNotices();
	}

	private makeNotice(text: string, warning: boolean, dismiss?: () => void): HTMLElement {
		return h("div", { class: warning ? "notice warning" : "notice", "data-testid": dismiss ? "announcement" : "notice" },
			h("span", { dir: "auto" }, text),
			dismiss ? h("button", { class: "plain", "aria-label": this.t.dismiss, onclick: dismiss }, icon(ICONS.close)) : null);
	}

	private renderWaiting(): void {
		const s = this.session;
		const t = this.t;
		this.waiting.hidden = s.state !== "queued";
		if (s.state !== "queued") {
			/* Nor is the place read out, or found there, any more. */
			if (this.waiting.dataset.text)
				this.say((this.waiting.dataset.text = ""));
			return;
		}
		const w = s.waiting;
		const lines: string[] = [];
		const unattended = w !== null && w.unattended && !s.closed;
		if (unattended)
			lines.push(t.unattended);
		else if (w !== null && w.position > 0)
			lines.push(w.position === 1 ? t.posNext : fill(t.pos, { n: w.position }));
		else
			lines.push(t.subQueued);
		if (w?.stalled)
			lines.push(t.stalled);
		else if (s.closed)
			lines.push(this.openingText(t.closedNow));
		else if (w?.eta && !unattended)
			lines.push(this.eta(w.eta));
		if (s.contact() !== "")
			lines.push(fill(t.contactKept, { contact: s.contact() }));
		const text = lines.join("\n");
		if (this.waiting.dataset.text === text)
			return;
		this.waiting.dataset.text = text;
		this.say(lines.join(". "));
		this.waiting.replaceChildren(h("span", { class: "pulse" }), h("div", {}, h("b", {}, lines.shift() ?? ""), ...lines.map((l) => h("span", {}, l))));
	}

	/* By the visitor's clock. */
	private openingText(text: string): string {
		const at = this.session.opensAt;
		return fill(text, { back: at > 0 ? fill(this.t.back, { time: opening(at, Date.now(), this.config.locale) }) : this.t.backSoon });
	}

	private eta(eta: [number, number]): string {
		const [a, b] = etaMinutes(eta);
		return b < 1 || (a === 0 && b === 1) ? this.t.etaSoon : a === b || a === 0 ? fill(this.t.etaOne, { b }) : fill(this.t.eta, { a, b });
	}

	/* A way to a person, out of the line or to a new chat: always one step. */
	private renderTools(): void {
		const s = this.session;
		const t = this.t;
		const rateable = s.rateable();
		const wanted = s.state === "closed" && !s.fresh ? ["anew"]
			: s.state === "queued" ? ["contact", s.contact() ? "withdraw" : "leave"]
			: s.state === "assigned" ? []
			: [rateable && "helped", s.pendingOf("human") ? "asked" : !s.offersPerson() && "human", s.closed && "contact"];
		const signature = wanted + rateable + s.contact();
		if (this.asking || this.tools.dataset.tool === signature)
			return;
		const focused = this.tools.contains((this.element.getRootNode() as ShadowRoot).activeElement ?? null);
		this.tools.dataset.tool = signature;
		this.tools.hidden = wanted.length === 0;
		const chip = (testid: string, text: string, run: () => void, path?: string) =>
			h("button", { class: "chip", "data-testid": testid, onclick: run }, path ? icon(path) : null, text);
		const made: Record<string, () => HTMLElement> = {
			human: () => chip("human", t.human, this.act.human, ICONS.person),
			asked: () => h("span", { class: "chip" }, icon(ICONS.clock), t.humanAsked),
			contact: () => chip("contact", s.contact() ? t.contactAgain : t.contact, () => this.askContact(), ICONS.mail),
			leave: () => chip("leave", t.leaveLine, this.act.leave),
			withdraw: () => chip("leave", t.withdraw, this.act.leave),
			helped: () => h("div", { class: "helped", role: "group", "aria-label": t.askSolved, "data-testid": "helped" }, h("span", {}, t.askSolved),
				chip("rate-1", t.yes, () => this.act.rate(rateable, 1, "")), chip("rate-0", t.no, () => this.act.rate(rateable, 0, ""))),
			anew: () => chip("anew", t.startAnew, () => {
				this.act.startAnew();
				this.input.focus();
			}),
		};
		this.tools.replaceChildren(...wanted.flatMap((name) => (name && made[name] ? [made[name]()] : [])));
		if (focused)
			this.input.focus();
	}

	/* In the place of all else below the log, until it is sent or given up. */
	private askContact(): void {
		const ask = (asking: boolean) => {
			this.asking = asking;
			this.element.classList.toggle("asking", asking);
			delete this.tools.dataset.tool;
		};
		const form = contactForm(this.t, (contact) => {
			ask(false);
			if (contact !== null)
				this.act.contact(contact);
			this.renderTools();
			this.input.focus();
		});
		ask(true);
		this.tools.replaceChildren(form);
		form.querySelector("input")?.focus();
	}

	private renderMenu(): void {
		const s = this.session;
		const t = this.t;
		const sounds = this.act.sounds();
		const entries: [string, string, () => void][] = [
			["transcript", t.transcript, this.act.transcript],
			["sound", sounds ? t.soundOff : t.soundOn, () => this.act.setSounds(!sounds)],
		];
		if (s.state === "bot" && s.log.list().length > 0 || s.state === "assigned")
			entries.unshift(["end", t.endChat, this.act.leave]);
		const sig = entries.map((e) => e[1]).join();
		if (this.menu.dataset.sig === sig)
			return;
		this.menu.dataset.sig = sig;
		this.menu.replaceChildren(...entries.map(([testid, text, run]) =>
			h("button", { "data-testid": testid, onclick: () => {
				this.toggleMenu(false);
				run();
				this.input.focus();
			} }, text)));
	}

	private toggleMenu(open = this.menu.hidden): void {
		this.menu.hidden = !open;
		set(this.menuButton, "aria-expanded", String(open));
		if (open)
			(this.menu.firstElementChild as HTMLElement | null)?.focus();
	}

	/* A menu goes when one turns to something else. */
	private clicked(ev: Event): void {
		if (!ev.composedPath().includes(this.menuButton))
			this.toggleMenu(false);
	}

	/* Round and round where the page cannot be seen: the focus would be behind
	 * the panel. */
	private stay(ev: KeyboardEvent): void {
		const ends = [...this.element.querySelectorAll("button")].filter((b) => b.offsetParent);
		if (ev.shiftKey)
			ends.reverse();
		if (this.isWhole() && ev.target === ends[ends.length - 1]) {
			ev.preventDefault();
			ends[0]?.focus();
		}
	}

	private escape(ev: KeyboardEvent): void {
		if (ev.key !== "Escape" || ev.isComposing)
			return;
		ev.stopPropagation();
		if (this.menu.hidden) {
			this.act.close();
			return;
		}
		this.toggleMenu(false);
		this.menuButton.focus();
	}

	private keyed(ev: KeyboardEvent): void {
		if (ev.key === "Enter" && !ev.shiftKey && !ev.isComposing && ev.keyCode !== 229)
			this.submit(ev);
	}

	private submit(ev: Event): void {
		ev.preventDefault();
		if (!this.act.send(this.input.value)) {
			this.count();
			this.say(this.counter.hidden ? "" : this.counter.textContent as string);
			this.input.focus();
			return;
		}
		this.input.value = "";
		this.act.draft("");
		this.act.typing(false);
		this.grow();
		this.log.toEnd(true);
		this.input.focus();
	}

	private typed(): void {
		this.act.draft(this.input.value);
		this.act.typing(this.input.value.trim() !== "");
		this.grow();
		this.count();
	}

	grow(): void {
		this.input.style.height = "auto";
		this.input.style.height = Math.min(this.input.scrollHeight, 132) + "px";
	}

	private count(): void {
		const left = this.session.limit - length(this.input.value.trim());
		this.counter.hidden = left > COUNT_FROM;
		setText(this.counter, fill(left < 0 ? this.t.tooLong : this.t.charsLeft, { n: Math.abs(left) }));
		this.counter.classList.toggle("over", left < 0);
		set(this.sendButton, "aria-disabled", this.input.value.trim() === "" || left < 0 ? "true" : null);
		set(this.input, "aria-invalid", left < 0 ? "true" : null);
	}
}
