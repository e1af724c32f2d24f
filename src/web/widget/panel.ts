/*
 * The panel, loaded on first use: puts outbox, session, connection, tabs and
 * view together, and is the only file here that knows all of them. The loader
 * calls window.answerdPanel(host) once.
 *
 * Hooks for tests, all inside the open shadow root of the page's last <div>:
 * data-testid = launcher, panel, close, input, send, message (data-from,
 * data-status, data-id), event, quick-reply, human, leave, contact, contact-form,
 * contact-input, contact-name, contact-text, contact-send, helped, anew, end,
 * transcript, sound, status, notice, announcement, waiting, feedback (data-kind),
 * rate-N, feedback-send, starter,
 * preview, preview-open, preview-dismiss.
 */

import { parseHex, readable, textOn, written, type Rgb } from "../shared/colour.ts";
import { browserEnv, Link, type LinkState } from "../shared/link.ts";
import { Outbox } from "../shared/outbox.ts";
import { getJson, openStore } from "../shared/store.ts";
import { CHAT_PROTOCOL, str, type Frame } from "../shared/wire.ts";
import type { Host, Panel } from "./host.ts";
import css from "./panel.css";
import { Peek } from "./peek.ts";
import { Session } from "./session.ts";
import { Sound } from "./sound.ts";
import { Tabs } from "./tabs.ts";
import { fill } from "./texts.ts";
import { transcript } from "./transcript.ts";
import { View, type Trouble } from "./view.ts";

const TYPING_AGAIN_MS = 3_000;
const TYPING_OFF_MS = 5_000;
const OFFLINE_AFTER_MS = 2_500;
const TYPING_SHOWN_MS = 400;
const SIGN_IN_MS = 2_500;
/* The softer ground of each scheme (panel.css): what can be read there can be
 * read on the other. */
const LIGHT: Rgb = [243, 244, 243];
const DARK: Rgb = [40, 44, 51];
const NOT_AUTHORISED = 4401;

function mount(host: Host): Panel {
	const store = openStore(() => localStorage, host.prefix);
	const tabStore = openStore(() => sessionStorage, host.prefix);
	const outbox = new Outbox(store);
	let opened = false;
	let wake = 0;
	let troubleTimer = 0;
	let renderTimer = 0;
	let typingSent = 0;
	let typingTimer = 0;
	let typingShow = 0;
	let titleMark = "";
	let minute = 0;
	let lastUnread = -1;
	let lastState = "";

	const session = new Session(store, outbox, {
		send: (frame, wantsAnswer) => link.send(frame, wantsAnswer),
		wakeAt(at) {
			clearTimeout(wake);
			wake = window.setTimeout(() => {
				session.pump();
				draw();
			}, Math.max(0, at - Date.now()) + 20);
		},
	}, changed);
	session.locale = host.config.locale;
	session.meet(host.user);
	let address = here();
	session.look({ page: address, ...host.context });

	const link = new Link(browserEnv(() => new WebSocket(host.origin.replace(/^http/, "ws") + "/chat", CHAT_PROTOCOL)), {
		onopen: () => void link.send(session.hello()),
		onframe(frame) {
			session.apply(frame);
			if (frame.type === "welcome")
				link.ready();
			tabs.tell({ ...(frame.type === "stored" ? session.logged(frame) : frame), of: outbox.by });
		},
		onstate: linkChanged,
	});

	const tabs = new Tabs(host.prefix + "lead", {
		/* A page may be late to say who is signed in. */
		lead: () => session.foreign && !outbox.by ? setTimeout(() => tabs.leading && link.start(), SIGN_IN_MS) : link.start(),
		follow() {
			link.stop();
			setTrouble("");
		},
		/* A page of before or after a sign-in is not for the same eyes. */
		heard: (frame) => str(frame.of) === outbox.by && session.apply(frame, false),
	});

	const view = new View(session, {
		close: () => panel.close(),
		send(text) {
			moved();
			return session.say(text);
		},
		choose: (value, label) => void session.choose(value, label),
		retry: (id) => session.retry(id),
		rate: (ask, score, comment) => void session.rate(ask, score, comment),
		human: () => void session.human(view.t.humanSaid),
		leave: () => void session.leave(),
		contact: (contact) => void session.leaveContact(contact),
		startAnew: () => session.startAnew(),
		typing,
		dismiss,
		dismissed: (id) => dismissed().includes(id),
		transcript: () => transcript(session, view.t, host.config.locale),
		sounds: () => store.get("sound") === "1",
		setSounds(on) {
			if (on) {
				store.set("sound", "1");
				sound.play();
			} else {
				store.del("sound");
			}
			draw();
		},
		draft(text) {
			if (text === "")
				store.del("draft");
			else if (text !== null)
				store.set("draft", text);
			return session.foreign ? "" : store.get("draft") ?? "";
		},
		looked,
	}, host.config);
	const peek = new Peek(open, (id) => {
		dismiss(id);
		host.launcher.focus();
	});
	const sound = new Sound();

	const panel: Panel = {
		open,
		close,
		isOpen: () => opened,
		identify(user) {
			/* What somebody else was writing goes. */
			view.redraft(session.meet(user) ? undefined : "");
			if (tabs.leading)
				link.restart();
		},
		setContext(context) {
			session.look(context);
		},
		setLocale(locale) {
			session.locale = locale;
			view.language();
			draw();
		},
		destroy,
	};

	function open(): void {
		if (opened)
			return;
		opened = true;
		tabStore.set("open", "1");
		view.element.hidden = false;
		render();
		fit();
		view.grow();
		view.log.toEnd(false);
		view.focus();
		tabs.seize();
		link.nudge();
		host.emit("open");
	}

	function close(): void {
		if (!opened)
			return;
		const hadFocus = view.hasFocus();
		opened = false;
		tabStore.del("open");
		view.element.hidden = true;
		draw();
		if (hadFocus)
			host.launcher.focus();
		host.emit("close");
	}

	function destroy(): void {
		for (const [target, name, listener] of listeners)
			target.removeEventListener(name, listener);
		tabs.stop();
		link.stop();
		for (const timer of [wake, troubleTimer, typingTimer, typingShow, renderTimer, minute])
			clearTimeout(timer);
		showCount(0);
		for (const element of [view.element, view.status, peek.element])
			element.remove();
	}

	/* All drawing of one turn is done once. */
	function draw(): void {
		if (renderTimer === 0)
			renderTimer = window.setTimeout(() => {
				renderTimer = 0;
				render();
			});
	}

	/* With each minute a day may have begun, the shop opened, a notice ended. */
	function tick(): void {
		minute = window.setTimeout(tick, 60_000 - (Date.now() % 60_000));
		draw();
	}

	function render(): void {
		if (opened)
			view.render();
		preview();
		const unread = session.unread().length;
		showCount(unread);
		if (unread !== lastUnread && lastUnread >= 0)
			host.emit("unread", unread);
		lastUnread = unread;
		applyColours();
	}

	/* Not for who wants less to move. */
	function preview(): void {
		const calm = host.config.preview === "off" || matchMedia("(prefers-reduced-motion: reduce)").matches;
		const item = opened || calm || session.catchingUp ? undefined : session.unread().pop();
		const words = peek.render(item && dismissed().includes(item.id) ? undefined : item, view.t);
		if (words)
			view.say(words);
	}

	function showCount(unread: number): void {
		const t = view.t;
		const count = unread === 0 ? "" : unread === 1 ? t.unreadOne : fill(t.unreadMany, { n: unread });
		host.show(opened, unread, opened ? t.close : [t.launcher, count].filter(Boolean).join(", "));
		markTitle(unread > 0 && document.hidden ? "(" + unread + ")" : "");
	}

	/* Only the mark is ours: what the page has made of its title meanwhile stays. */
	function markTitle(mark: string): void {
		if (mark === titleMark)
			return;
		const title = document.title;
		const own = title.startsWith(titleMark) ? title.slice(titleMark.length) : title;
		document.title = (mark + " " + own.trim()).trim();
		titleMark = mark;
	}

	function changed(frame: Frame | null): void {
		draw();
		if (frame === null)
			return;
		if (frame.type === "message" && str(frame.from) !== "shopper") {
			host.emit("message", { id: frame.id, from: frame.from, text: frame.text });
			looked();
			if (session.unread().length > 0 && session.catchingUp === 0 && tabs.leading && store.get("sound") === "1")
				sound.play();
		} else if (frame.type === "typing") {
			delayTyping();
		} else if (frame.type === "error") {
			host.emit("error", { code: frame.code });
		}
		if (session.state !== lastState) {
			lastState = session.state;
			host.emit("state", { state: session.state, agent: session.agent });
		}
	}

	/* The bot answers in a moment: dots that only flash are noise. */
	function delayTyping(): void {
		const who = session.typing;
		clearTimeout(typingShow);
		if (who === "")
			return;
		session.typing = "";
		typingShow = window.setTimeout(() => {
			session.typing = who;
			draw();
			typingShow = window.setTimeout(() => {
				session.typing = "";
				draw();
			}, 10_000);
		}, TYPING_SHOWN_MS);
	}

	function here(): string {
		return location.href.split("#")[0] ?? "";
	}

	/* A shop of one page has shown another; what it told of itself counts
	 * until then. */
	function moved(): void {
		if (here() !== address)
			session.look({ page: (address = here()) });
	}

	function looked(): void {
		if (opened && !document.hidden && document.hasFocus() && view.log.isAtEnd())
			session.markSeen();
	}

	function typing(on: boolean): void {
		const now = Date.now();
		clearTimeout(typingTimer);
		if (on && now - typingSent > TYPING_AGAIN_MS && session.welcomed) {
			typingSent = now;
			link.send({ type: "typing", on: true });
		} else if (!on && typingSent > 0) {
			typingSent = 0;
			link.send({ type: "typing", on: false });
		}
		if (on)
			typingTimer = window.setTimeout(() => typing(false), TYPING_OFF_MS);
	}

	function linkChanged(state: LinkState, code: number): void {
		if (state !== "ready")
			session.offline();
		if (state === "stopped")
			setTrouble(code === NOT_AUTHORISED ? "notAuthorised" : "stopped");
		else if (state === "ready" || state === "idle")
			setTrouble("");
		else if (view.trouble !== "offline" && view.trouble !== "connecting") {
			setTrouble("connecting");
			troubleTimer = window.setTimeout(() => setTrouble("offline"), OFFLINE_AFTER_MS);
		}
		if (state === "ready")
			host.emit("ready");
	}

	function setTrouble(trouble: Trouble): void {
		if (trouble !== "connecting")
			clearTimeout(troubleTimer);
		view.trouble = trouble;
		draw();
	}

	function dismiss(id: string): void {
		store.set("dismissed", JSON.stringify([...dismissed(), id].slice(-20)));
		draw();
	}

	function dismissed(): string[] {
		return getJson<string[]>(store, "dismissed") ?? [];
	}

	/* The shop's colour, from the page or from the daemon, made legible. */
	function applyColours(): void {
		const colours = session.shop.colours as Record<string, unknown> | undefined;
		const rgb: Rgb = parseHex(host.config.colour || str(colours?.accent)) ?? [31, 95, 74];
		const style = (host.root.host as HTMLElement).style;
		const values = { "--a": written(rgb), "--on": textOn(rgb), "--al": readable(rgb, LIGHT), "--ad": readable(rgb, DARK) };
		for (const [name, value] of Object.entries(values))
			if (style.getPropertyValue(name) !== value)
				style.setProperty(name, value);
	}

	/* On a phone the panel is as high as what the keyboard leaves, in parts of
	 * the host, whose lengths a page may have zoomed. */
	function fit(): void {
		const seen = window.visualViewport;
		if (!seen || !opened)
			return;
		const whole = host.root.host.getBoundingClientRect().height / 100;
		view.element.style.setProperty("--vh", seen.height / whole + "%");
		view.element.style.setProperty("--vt", seen.offsetTop / whole + "%");
	}

	function shown(): void {
		if (document.visibilityState !== "visible")
			return;
		moved();
		tabs.seize();
		link.nudge();
		looked();
		draw();
	}

	function hide(): void {
		typing(false);
		tabs.stop();
		link.stop();
	}

	const nudge = () => link.nudge();
	const listeners: [EventTarget, string, (ev: Event) => void][] = [
		[window, "online", nudge],
		[window, "offline", nudge],
		[window, "focus", shown],
		[(window as { navigation?: EventTarget }).navigation ?? window, "currententrychange", moved],
		[window, "popstate", moved],
		[document, "visibilitychange", shown],
		[window, "pagehide", hide],
		[window, "pageshow", (ev) => {
			if ((ev as PageTransitionEvent).persisted) {
				tabs.start();
				view.redraft();
			}
		}],
		[window, "storage", (ev) => {
			const { key, oldValue } = ev as StorageEvent;
			if (key === host.prefix + "draft")
				view.redraft(oldValue);
			else if (key === null || key.startsWith(host.prefix))
				session.reread();
		}],
	];
	if (window.visualViewport)
		listeners.push([window.visualViewport, "resize", fit], [window.visualViewport, "scroll", fit]);
	for (const [target, name, listener] of listeners)
		target.addEventListener(name, listener);

	/* The page's shortcuts would take letters out of what is written, its traps
	 * the focus out of the field: to the page all of it is one <div>. */
	for (const name of ["keydown", "keypress", "keyup", "focusin"])
		host.root.addEventListener(name, (ev) => ev.stopPropagation());
	host.addStyles(css);
	host.root.prepend(view.element, view.status);
	host.launcher.before(peek.element);
	applyColours();
	tick();
	tabs.start();
	return panel;
}

window.answerdPanel = mount;
