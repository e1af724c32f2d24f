/*
 * The one line on a shop's page:
 *
 *   <script async src="https://chat.example/widget.js"></script>
 *
 * It adds a launcher in a shadow root of its own and nothing else, and loads the
 * panel on first use, or at once when a conversation is under way. It makes no
 * connection, sets no cookie, loads nothing from elsewhere, and when the daemon
 * cannot be reached the page does not notice.
 *
 * Attributes: data-position (right, left), data-colour (#rrggbb), data-locale,
 * data-title, data-greeting (before the first message, in place of the shop's),
 * data-hours (said beside when the shop opens next), data-launcher (text beside the icon), data-scheme (light, dark; otherwise the
 * visitor's), data-starters (questions to press, with | between), data-preview
 * (off: nothing beside the closed launcher). Interface: window.answerd, described in host.ts; for the shop's
 * people in answerd-widget(7).
 *
 * Hooks for tests: data-testid="launcher".
 */

import { parseHex, textOn } from "../shared/colour.ts";
import css from "./launcher.css";
import type { Api, Config, EventName, Host, Panel } from "./host.ts";
import type { User } from "./session.ts";

const DEFAULT_COLOUR = "#1f5f4a";
const SVG = "http://www.w3.org/2000/svg";
const BUBBLE = "M12 3.5c-5 0-9 3.4-9 7.7 0 2.3 1.2 4.4 3.1 5.8l-.6 3.5 3.7-2c.9.2 1.8.4 2.8.4 5 0 9-3.4 9-7.7s-4-7.7-9-7.7Z";
const CHEVRON = "m6 9.5 6 6 6-6";

const WORDS: Record<string, [string, string, string]> = {
	en: ["Open chat", "Close chat", "The chat cannot be reached just now. Please try again."],
	de: ["Chat öffnen", "Chat schließen", "Der Chat ist gerade nicht erreichbar. Bitte versuchen Sie es noch einmal."],
};

function start(script: HTMLScriptElement): void {
	const origin = new URL(script.src).origin;
	const data = script.dataset;
	const config: Config = {
		...data,
		colour: parseHex(data.colour ?? "") ? (data.colour as string) : "",
		/* A shop's software may write de_DE. */
		locale: (data.locale || document.documentElement.lang || navigator.language || "en").replace("_", "-"),
	};
	const prefix = "answerd:" + new URL(origin).host + ":";
	let listeners: [EventName, (detail: unknown) => void][] = [];
	const words = () => WORDS[config.locale.slice(0, 2).toLowerCase()] ?? (WORDS.en as [string, string, string]);
	let panel: Panel | null = null;
	let loading: Promise<Panel> | null = null;
	let wantOpen = false;
	let gone = false;

	const element = document.createElement("div");
	const root = element.attachShadow({ mode: "open" });
	const launcher = document.createElement("button");
	const badge = document.createElement("span");
	const hint = document.createElement("span");
	const shape = document.createElementNS(SVG, "path");
	const watch = new MutationObserver(attach);
	build();

	const host: Host = {
		origin,
		prefix,
		root,
		launcher,
		config,
		user: null,
		context: {},
		addStyles,
		emit(event, detail) {
			for (const [name, listener] of listeners)
				if (name === event)
					try {
						listener(detail);
					} catch (e) {
						console.error(e);
					}
		},
		show(open, unread, label) {
			element.classList.toggle("open", open);
			shape.setAttribute("d", open ? CHEVRON : BUBBLE);
			launcher.setAttribute("aria-expanded", String(open));
			launcher.setAttribute("aria-label", label || words()[open ? 1 : 0]);
			badge.textContent = unread > 9 ? "9+" : String(unread);
			badge.hidden = unread === 0 || open;
		},
	};

	const api: Api = {
		open() {
			wantOpen = true;
			tell("…");
			load().then((p) => {
				tell("");
				if (wantOpen)
					p.open();
			}, unreachable);
		},
		close() {
			wantOpen = false;
			tell("");
			panel?.close();
		},
		toggle: () => (panel?.isOpen() ? api.close() : api.open()),
		identify(user: User | null) {
			host.user = user;
			panel?.identify(user);
		},
		setContext(context) {
			host.context = { ...host.context, ...context };
			panel?.setContext(context);
		},
		setLocale(locale) {
			config.locale = locale;
			if (panel)
				panel.setLocale(locale);
			else
				host.show(false, 0, "");
		},
		on(event, listener) {
			const entry: [EventName, (detail: unknown) => void] = [event, listener];
			listeners.push(entry);
			return () => (listeners = listeners.filter((l) => l !== entry));
		},
		destroy() {
			gone = true;
			watch.disconnect();
			panel?.destroy();
			element.remove();
			listeners = [];
			delete window.answerd;
		},
	};

	launcher.onclick = api.toggle;
	launcher.onpointerenter = () => void load().catch(() => 0);
	host.show(false, 0, "");
	window.answerd = api;
	if (document.body)
		attach();
	else
		addEventListener("DOMContentLoaded", attach);

	/* Also when the page has put another body, or other things in it. */
	function attach(): void {
		if (gone || element.isConnected)
			return;
		document.body.append(element);
		for (const node of [document.documentElement, document.body])
			watch.observe(node, { childList: true });
		/* Above all of the page, and in its place where the body is moved, turned
		 * or faded: in the browser's top layer, if it has one. */
		element.popover = "manual";
		element.showPopover?.();
		if (read(() => sessionStorage, "open") === "1")
			api.open();
		else if (underWay())
			load().catch(() => 0);
	}

	function load(): Promise<Panel> {
		loading ??= new Promise<Panel>((resolve, reject) => {
			const s = document.createElement("script");
			s.src = trusted(origin + "/widget/panel.js");
			s.async = true;
			s.nonce = script.nonce;
			s.onload = () => {
				s.remove();
				if (gone || !window.answerdPanel)
					return reject();
				panel = window.answerdPanel(host);
				resolve(panel);
			};
			s.onerror = () => {
				s.remove();
				loading = null;
				reject();
			};
			document.head.append(s);
		});
		return loading;
	}

	/* For pages that require trusted types. */
	function trusted(url: string): string {
		try {
			window.answerdPolicy ??= window.trustedTypes?.createPolicy("answerd", { createScriptURL: (u) => u });
		} catch {
			/* not allowed here: neither is the plain address then */
		}
		return window.answerdPolicy?.createScriptURL(url) ?? url;
	}

	function unreachable(): void {
		wantOpen = false;
		tell(words()[2]);
		setTimeout(() => tell(""), 6000);
		host.emit("error", { code: "unreachable" });
	}

	/* Beside the launcher; nothing is seen of it where no time passes. */
	function tell(text: string): void {
		hint.textContent = text;
		hint.hidden = text === "";
	}

	/* A conversation that is not over, or something unsent: answers may come. */
	function underWay(): boolean {
		try {
			const place = JSON.parse(read(() => localStorage, "conv") || "{}") as { state?: string; seq?: number };
			if (place.seq && place.state !== "closed")
				return true;
			return Object.keys(localStorage).some((key) => key.startsWith(prefix + "o:"));
		} catch {
			return false;
		}
	}

	function read(area: () => Storage, key: string): string | null {
		try {
			return area().getItem(prefix + key);
		} catch {
			return null;
		}
	}

	function addStyles(text: string): void {
		try {
			const sheet = new CSSStyleSheet();
			sheet.replaceSync(text);
			root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
		} catch {
			const style = document.createElement("style");
			style.nonce = script.nonce;
			style.textContent = text;
			root.append(style);
		}
	}

	function build(): void {
		const colour = config.colour || DEFAULT_COLOUR;
		element.className = (data.position === "left" ? "left" : "right") + (/^(light|dark)$/.test(data.scheme ?? "") ? " " + data.scheme : "");
		element.style.setProperty("--a", colour);
		element.style.setProperty("--on", textOn(parseHex(colour) as [number, number, number]));
		addStyles(css);
		launcher.className = "launcher";
		launcher.type = "button";
		launcher.dataset.testid = "launcher";
		launcher.setAttribute("aria-haspopup", "dialog");
		const svg = document.createElementNS(SVG, "svg");
		svg.setAttribute("viewBox", "0 0 24 24");
		svg.setAttribute("aria-hidden", "true");
		svg.append(shape);
		launcher.append(svg);
		if (data.launcher) {
			const text = document.createElement("span");
			text.textContent = data.launcher;
			launcher.append(text);
		}
		badge.className = "badge";
		badge.setAttribute("aria-hidden", "true");
		hint.className = "hint";
		hint.setAttribute("role", "status");
		hint.hidden = true;
		launcher.append(badge);
		root.append(hint, launcher);
	}
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !window.answerd && "attachShadow" in Element.prototype)
	start(script);
