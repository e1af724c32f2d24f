/*
 * The console once one is signed in: list at the left, conversation at the
 * right, one of them at a time on a narrow screen; and the keys.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Desk, QueueItem } from "./desk.ts";
import { Help, Resolve, Transfer } from "./dialogs.tsx";
import { List } from "./list.tsx";
import { Mark } from "./login.tsx";
import { Talk, type Dialog } from "./talk.tsx";
import { initials } from "./words.ts";

interface Props {
	desk: Desk;
	connected: boolean;
	signOut: () => void;
}

export function Screen({ desk, connected, signOut }: Props) {
	const [tab, setTab] = useState<"queue" | "mine">("queue");
	const [cursor, setCursor] = useState(-1);
	const [dialog, setDialog] = useState<Dialog>("");
	const chat = desk.chats.get(desk.selected);
	const items = tab === "queue" ? desk.queue : desk.mine;
	const unread = desk.mine.reduce((n, i) => n + desk.unread(i.conversation), 0);

	const open = (item: QueueItem, index: number) => {
		setCursor(index);
		desk.select(item.conversation);
	};
	const keys = useRef<(ev: KeyboardEvent) => void>(() => undefined);
	keys.current = (ev) => {
		if (ev.defaultPrevented || ev.ctrlKey || ev.metaKey || ev.altKey || dialog !== "")
			return;
		if (ev.target instanceof HTMLElement && ev.target.matches("input, textarea, select"))
			return;
		const move = (by: number) => setCursor(Math.max(0, Math.min(items.length - 1, cursor + by)));
		const mine = chat !== undefined && desk.isMine(chat.id);
		const run: Record<string, (() => void) | false | undefined> = {
			j: () => move(1),
			ArrowDown: !(ev.target instanceof HTMLElement && ev.target.closest(".log")) && (() => move(1)),
			k: () => move(-1),
			ArrowUp: !(ev.target instanceof HTMLElement && ev.target.closest(".log")) && (() => move(-1)),
			Enter: !(ev.target instanceof HTMLElement && ev.target.closest("button, a")) && (() => {
				const item = items[cursor];
				if (item !== undefined)
					open(item, cursor);
			}),
			c: () => desk.claim(),
			t: chat !== undefined && !mine && (() => desk.claim(chat.id)),
			r: mine && (() => setDialog("resolve")),
			x: chat !== undefined && (() => desk.close(chat.id)),
			m: mine && (() => focusComposer()),
			n: mine && (() => document.querySelector<HTMLButtonElement>("[data-testid=note-toggle]")?.click()),
			u: mine && (() => document.querySelector<HTMLButtonElement>("[data-testid=suggestion-use]")?.click()),
			"/": mine && (() => focusComposer()),
			"1": () => setTab("queue"),
			"2": () => setTab("mine"),
			"?": () => setDialog("help"),
		};
		const action = run[ev.key];
		if (!action)
			return;
		if (ev.key !== "/")
			ev.preventDefault();
		action();
	};
	useEffect(() => {
		const listener = (ev: KeyboardEvent) => keys.current(ev);
		addEventListener("keydown", listener);
		return () => removeEventListener("keydown", listener);
	}, []);
	useEffect(() => {
		document.title = (unread > 0 ? "(" + unread + ") " : "") + "Desk · answerd";
	}, [unread]);
	useEffect(() => {
		if (desk.selected !== "" && desk.isMine(desk.selected))
			setTab("mine");
	}, [desk.selected, desk.mine.length]);
	useEffect(() => setCursor((c) => Math.min(c, items.length - 1)), [items.length]);

	const shut = () => setDialog("");
	return (
		<div class={"screen" + (chat === undefined ? "" : " talking")}>
			{!connected && <div class="lost" role="status" data-testid="connection"><i />{desk.welcomed ? "Back again. Reading what was missed …" : "Connection lost. Trying again; what you write is kept."}</div>}
			<aside class="side">
				<Top desk={desk} signOut={signOut} help={() => setDialog("help")} />
				<div class="take">
					<button class="primary" disabled={!connected} onClick={() => desk.claim()} data-testid="claim-next">Take the next chat <kbd>c</kbd></button>
				</div>
				<div class="tabs" role="tablist">
					<button role="tab" aria-selected={tab === "queue"} onClick={() => setTab("queue")} data-testid="tab-queue">Queue <b>{desk.queue.length}</b></button>
					<button role="tab" aria-selected={tab === "mine"} onClick={() => setTab("mine")} data-testid="tab-mine">Mine <b>{desk.mine.length}</b>{unread > 0 && <span class="dot"><span class="sr">{unread} unread</span></span>}</button>
				</div>
				<List key={tab} desk={desk} items={items} kind={tab} cursor={cursor} open={open} />
			</aside>
			<main class="main">
				{chat === undefined ? <Nothing waiting={desk.queue.length} /> : <Talk desk={desk} chat={chat} dialog={setDialog} back={() => desk.select("")} />}
			</main>
			<div class="toasts" role="status" aria-live="polite">
				{desk.toasts.map((t) => <div key={t.key} class={"toast" + (t.bad ? " bad" : "")} data-testid="toast">{t.text}</div>)}
			</div>
			{dialog === "resolve" && chat !== undefined && <Resolve desk={desk} chat={chat} close={shut} />}
			{dialog === "transfer" && chat !== undefined && <Transfer desk={desk} chat={chat} close={shut} />}
			{dialog === "help" && <Help close={shut} />}
		</div>
	);
}

function focusComposer(): void {
	document.querySelector<HTMLTextAreaElement>("[data-composer]")?.focus();
}

function Top({ desk, signOut, help }: { desk: Desk; signOut: () => void; help: () => void }) {
	const away = desk.presence === "away";
	return (
		<header class="top">
			<h1 class="sr">Desk</h1>
			<Mark />
			<div class="me">
				<span class={"avatar" + (away ? "" : " here")} aria-hidden="true">{initials(desk.display || "?")}</span>
				<div>
					<b>{desk.display}</b>
					<button class="presence" aria-pressed={!away} onClick={() => desk.setPresence(away ? "online" : "away")} data-testid="presence" title={away ? "Be online again" : "Take a break: no chats are given to you"}>{away ? "Away" : "Online"}</button>
				</div>
			</div>
			<button class="icon" onClick={help} aria-label="Keys" title="Keys (?)"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9a3 3 0 1 1 4.5 2.6c-.9.5-1.5 1.1-1.5 2.4M12 17.3v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z" /></svg></button>
			<button class="icon" onClick={signOut} aria-label="Sign out" title="Sign out" data-testid="logout"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9" /></svg></button>
		</header>
	);
}

function Nothing({ waiting }: { waiting: number }) {
	return (
		<div class="nothing">
			<Mark />
			<h1>{waiting === 0 ? "All quiet" : waiting === 1 ? "One visitor is waiting" : waiting + " visitors are waiting"}</h1>
			<p>{waiting === 0 ? "The bot is answering. Who asks for a person will show up in the queue." : "Take the next chat, or choose one from the list to read it first."}</p>
			<p class="dim"><kbd>c</kbd> takes the next, <kbd>?</kbd> shows all keys</p>
		</div>
	);
}
