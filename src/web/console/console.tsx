/*
 * The desk console's entry: signs in, keeps the connection, hands the desk's
 * state to the screen. Whether one is signed in only the server knows (the
 * cookie is not for scripts), so it asks before it connects; later, a refusal
 * of the WebSocket while /healthz answers means: sign in.
 *
 * Hooks for tests (data-testid): login, login-name, login-password,
 * login-submit, login-error, logout, leave, leave-submit, presence, claim-next, tab-queue, tab-mine,
 * queue-item (data-conversation), conversation (data-conversation), facts, considered,
 * event (data-type, data-from, data-status), claim-this, composer, send,
 * note-toggle, owed, draft, canned, suggestion, suggestion-use, resolve, outcome-X (the outcome in lower case, other
 * characters as "-"), release, transfer, transfer-submit, close-view, copy,
 * connection, toast, help, tab-bot, tab-all, tab-closed, search, others,
 * rated-before, settings, settings-open, settings-keys, resolve-next, page-desk, page-rules,
 * rules, rules-now, rules-errors, rules-findings, rules-limits, rules-sentence,
 * rules-try, rules-why, rules-outcome, rules-answer, rules-candidate
 * (data-intent), rules-refused, rules-samples.
 */

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { browserEnv, Link, type LinkState } from "../shared/link.ts";
import { openStore } from "../shared/store.ts";
import { DESK_PROTOCOL } from "../shared/wire.ts";
import { alertOf, settings } from "./alerts.tsx";
import { Desk } from "./desk.ts";
import { closingText } from "./leave.ts";
import { Login } from "./login.tsx";
import { language, say, speak } from "./say.ts";
import { Screen } from "./screen.tsx";

const STAYING_MS = 200;

type Phase = "asking" | "out" | "in";

class Console {
	readonly desk: Desk;
	readonly link: Link;
	phase: Phase = "asking";
	trouble = false;
	reason = "";
	private refusals = 0;
	private listener: () => void = () => undefined;
	private drawing = false;
	/* A connection was opened: tells a refusal from an outage. */
	private everOpened = false;

	constructor() {
		this.desk = new Desk({
			send: (frame, wantsAnswer) => this.link.send(frame, wantsAnswer),
			after: (ms, f) => void setTimeout(f, ms),
			store: (agent) => openStore(() => sessionStorage, "answerd-desk:" + agent + ":"),
			alert: alertOf,
		}, () => this.changed());
		this.link = new Link(browserEnv(() => new WebSocket(location.origin.replace(/^http/, "ws") + "/desk", DESK_PROTOCOL)), {
			onopen: () => {
				this.everOpened = true;
				this.link.send(this.desk.hello());
			},
			onframe: (frame) => {
				this.desk.apply(frame);
				if (frame.type === "welcome")
					this.link.ready();
			},
			onstate: (state, code) => this.linkChanged(state, code),
		});
	}

	/* What was chosen here, else as the browser has it. */
	speak(): void {
		const { language: chosen } = settings();
		speak(chosen === "" ? navigator.languages : [chosen]);
		document.documentElement.lang = language();
		this.changed();
	}

	start(): void {
		this.speak();
		const back = () => document.visibilityState === "visible" && this.link.nudge();
		addEventListener("online", back);
		addEventListener("offline", back);
		addEventListener("focus", back);
		addEventListener("pageshow", back);
		document.addEventListener("visibilitychange", back);
		addEventListener("beforeunload", (ev) => {
			const warning = closingText(this.desk.mine.length, this.desk.unsent(), this.desk.leaseS);
			if (this.phase !== "in" || warning === "")
				return;
			ev.preventDefault();
			/* The browser's question has no words of ours: who stays reads them. */
			setTimeout(() => this.desk.toast(warning, false), STAYING_MS);
		});
		void this.ask();
	}

	/* Nobody signed in: the form, without a connection that must fail. Any
	 * other answer, or none: the connection will show. */
	private async ask(): Promise<void> {
		const who = await fetch("/api/session?quiet", { cache: "no-store" }).then((r) => r.json(), () => undefined).catch(() => undefined) as { name?: unknown } | undefined;
		if (who?.name === null)
			this.mustSignIn("");
		else
			this.link.start();
	}

	signedIn(): void {
		this.phase = "in";
		this.reason = "";
		this.refusals = 0;
		this.link.restart();
		this.changed();
	}

	signOut(): void {
		this.desk.giveAllBack(() => void this.end());
	}

	private async end(): Promise<void> {
		this.link.stop();
		this.phase = "out";
		this.desk.forget();
		this.changed();
		await fetch("/api/logout", { method: "POST" }).catch(() => undefined);
	}

	onchange(f: () => void): void {
		this.listener = f;
	}

	changed(): void {
		if (this.drawing)
			return;
		this.drawing = true;
		setTimeout(() => {
			this.drawing = false;
			this.listener();
		});
	}

	private linkChanged(state: LinkState, code: number): void {
		if (state === "ready") {
			this.phase = "in";
			this.trouble = false;
			this.refusals = 0;
		} else {
			this.desk.offline();
			this.trouble = this.phase === "in";
		}
		if (state === "stopped")
			this.mustSignIn(code === 4401 ? say("Your sign-in has ended.") : say("The server has closed this connection."));
		else if (state === "waiting" && !this.opened())
			void this.askWhy();
		this.changed();
	}

	/* Did this attempt get as far as an open connection? */
	private opened(): boolean {
		const was = this.everOpened;
		this.everOpened = false;
		return was;
	}

	private async askWhy(): Promise<void> {
		const alive = await fetch("/healthz", { cache: "no-store" }).then((r) => r.ok, () => false);
		if (alive && this.link.state !== "ready" && this.phase !== "out") {
			/* It may have come up only just now: who was in gets a second try. */
			if (this.phase === "in" && ++this.refusals < 2)
				this.link.nudge();
			else
				this.mustSignIn(this.phase === "in" ? say("Your sign-in has ended.") : "");
		} else if (!alive && this.phase === "asking")
			this.trouble = true;
		this.changed();
	}

	private mustSignIn(reason: string): void {
		this.link.stop();
		this.phase = "out";
		this.reason = reason;
		this.changed();
	}
}

function App({ console: c }: { console: Console }) {
	const [, redraw] = useState(0);
	useEffect(() => {
		c.onchange(() => redraw((n) => n + 1));
		c.start();
	}, []);
	if (c.phase === "out")
		return <Login reason={c.reason} done={() => c.signedIn()} />;
	if (c.phase === "asking")
		return <div class="splash" role="status">{c.trouble ? say("The server cannot be reached. Trying again …") : ""}</div>;
	return <Screen key={language()} desk={c.desk} connected={c.desk.live} signOut={() => c.signOut()} speak={() => c.speak()} />;
}

const root = document.getElementById("app");
if (root !== null)
	render(<App console={new Console()} />, root);
