/*
 * The console once one is signed in: list at the left, conversation at the
 * right, one of them at a time on a narrow screen; and the keys.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { settings, SettingsDialog } from "./alerts.tsx";
import type { Desk } from "./desk.ts";
import { Help, Leave, Resolve, Transfer } from "./dialogs.tsx";
import type { QueueItem } from "./item.ts";
import { List, Marked } from "./list.tsx";
import { AGAIN_MS, find, isAsked, tabAt, TABS, type Tab } from "./lists.ts";
import { Mark } from "./login.tsx";
import { Pages, type Page } from "./pages.tsx";
import { RulesPage } from "./rules.tsx";
import { locale, say, sayKnown, sayWithin } from "./say.ts";
import { Talk, type Dialog } from "./talk.tsx";
import { sampled, SAMPLE_MS, type Sample } from "./team.ts";
import { Team } from "./team.tsx";
import { initials } from "./words.ts";

interface Props {
	desk: Desk;
	connected: boolean;
	signOut: () => void;
	/* Another language was chosen. */
	speak: () => void;
}

export function Screen({ desk, connected, signOut, speak }: Props) {
	const [page, setPage] = useState<Page>("desk");
	const [tab, setTab] = useState<Tab>("queue");
	const [cursor, setCursor] = useState("");
	const [search, setSearch] = useState("");
	const [dialog, setDialog] = useState<Dialog>("");
	const samples = useSamples(desk);
	const chat = desk.chats.get(desk.selected);
	const items = useItems(desk, tab, search.trim());
	/* The keyboard stays at a chat while others come and go above it. Where that
	 * one has gone itself, it goes on from its place. */
	const at = items.findIndex((i) => i.conversation === cursor);
	const place = useRef(-1);
	if (at >= 0)
		place.current = at;
	const unread = desk.mine.reduce((n, i) => n + desk.unread(i.conversation), 0);

	/* What is not on the screen is not read: the chat waits, and is unread. */
	const left = useRef("");
	const go = (to: Page) => {
		if (to === page)
			return;
		if (page === "desk") {
			left.current = desk.selected;
			desk.select("");
		} else if (to === "desk" && desk.chats.has(left.current)) {
			desk.select(left.current);
		}
		setPage(to);
	};
	const open = (item: QueueItem) => {
		setCursor(item.conversation);
		show(item.conversation);
	};
	const show = (conversation: string) => {
		setPage("desk");
		desk.select(conversation);
	};
	const turnTo = (conversation: string) => {
		if (conversation === "")
			return;
		setTab("mine");
		setCursor(conversation);
		show(conversation);
	};
	const toOwed = () => {
		const owed = desk.longestOwed();
		if (owed === "")
			desk.toast(say("None of your other chats waits for an answer."), false);
		turnTo(owed);
	};
	const keys = useRef<(ev: KeyboardEvent) => void>(() => undefined);
	keys.current = (ev) => {
		if (ev.defaultPrevented || ev.ctrlKey || ev.metaKey || ev.isComposing || document.querySelector("dialog[open]") !== null)
			return;
		if (ev.altKey) {
			/* Also while one writes. With Alt a letter may be another one. */
			const turn: Record<string, () => void> = { ArrowDown: () => turnTo(desk.beside(1)), ArrowUp: () => turnTo(desk.beside(-1)), KeyW: toOwed };
			if (turn[ev.code] !== undefined && !(ev.target instanceof HTMLSelectElement)) {
				ev.preventDefault();
				turn[ev.code]?.();
			}
			return;
		}
		if (ev.target instanceof HTMLElement && ev.target.matches("input, textarea, select"))
			return;
		if (!settings().keys)
			return;
		const move = (by: 1 | -1) => {
			const from = at >= 0 ? at : by < 0 ? place.current : place.current - 1;
			setCursor(items[Math.max(0, Math.min(items.length - 1, from + by))]?.conversation ?? "");
		};
		const mine = chat !== undefined && desk.isMine(chat.id);
		const run: Record<string, (() => void) | false | undefined> = {
			j: () => move(1),
			ArrowDown: !(ev.target instanceof HTMLElement && ev.target.closest(".log")) && (() => move(1)),
			k: () => move(-1),
			ArrowUp: !(ev.target instanceof HTMLElement && ev.target.closest(".log")) && (() => move(-1)),
			Enter: !(ev.target instanceof HTMLElement && ev.target.closest("button, a")) && (() => {
				const item = items[at];
				if (item !== undefined)
					open(item);
			}),
			c: () => desk.claim(),
			t: chat !== undefined && !mine && (() => desk.claim(chat.id)),
			r: mine && (() => setDialog("resolve")),
			x: chat !== undefined && (() => desk.close(chat.id)),
			m: mine && (() => focusComposer()),
			n: mine && (() => document.querySelector<HTMLButtonElement>("[data-testid=note-toggle]")?.click()),
			u: mine && (() => document.querySelector<HTMLButtonElement>("[data-testid=suggestion-use]")?.click()),
			"/": mine && (() => focusComposer()),
			w: toOwed,
			s: () => document.querySelector<HTMLInputElement>("[data-testid=search]")?.focus(),
			...Object.fromEntries(TABS.map((t, i) => [String(i + 1), () => setTab(t.tab)])),
			g: () => go(page === "rules" ? "desk" : "rules"),
			p: desk.oversees && (() => go(page === "team" ? "desk" : "team")),
			"?": () => setDialog("help"),
		};
		const action = run[ev.key];
		if (!action)
			return;
		if (ev.key !== "/")
			ev.preventDefault();
		action();
	};
	useLayoutEffect(() => {
		const listener = (ev: KeyboardEvent) => keys.current(ev);
		addEventListener("keydown", listener);
		return () => removeEventListener("keydown", listener);
	}, []);
	/* All that one sees of it from another tab. */
	const title = [desk.welcomed ? "" : say("Not connected"), (unread > 0 ? "(" + unread + ") " : "") + say("Desk"), desk.queue.length > 0 ? say("{n} waiting", { n: desk.queue.length }) : "answerd"].filter(Boolean).join(" · ");
	useEffect(() => {
		document.title = title;
	}, [title]);
	/* A chat that is taken is looked at. */
	useEffect(() => {
		if (desk.selected !== "")
			setPage("desk");
	}, [desk.selected]);
	useEffect(() => {
		if (desk.selected !== "" && desk.isMine(desk.selected))
			setTab("mine");
	}, [desk.selected, desk.mine.length]);
	useEffect(() => void (place.current = -1), [tab]);

	/* A dialog says that it is closed a moment later: another may be open by then. */
	const shut = (which: Dialog) => () => setDialog((now) => (now === which ? "" : now));
	return (
		<main class={"screen" + (chat === undefined && page === "desk" ? "" : " talking")}>
			{!connected && <div class="lost" role="status" data-testid="connection"><i />{desk.welcomed ? say("Back again. Reading what was missed …") : say("Connection lost. Trying again; what you write is kept.")}</div>}
			<section class="side" aria-label={say("Lists")}>
				<Top desk={desk} signOut={() => desk.mine.length + desk.unsent() > 0 ? setDialog("leave") : signOut()} help={() => setDialog("help")} choose={() => setDialog("settings")} />
				<Pages page={page} go={go} oversees={desk.oversees} />
				<div class="take">
					<button class="primary" disabled={!connected} onClick={() => desk.claim()} data-testid="claim-next">{say("Take the next chat")}{" "}<kbd>c</kbd></button>
				</div>
				<div class="tabs" role="tablist" aria-label={say("Lists")} onKeyDown={(ev) => {
					const to = tabAt(ev.key, TABS.findIndex((t) => t.tab === tab), TABS.length);
					if (to < 0)
						return;
					ev.preventDefault();
					setTab((TABS[to] as typeof TABS[number]).tab);
					(ev.currentTarget.children[to] as HTMLElement).focus();
				}}>
					{TABS.map((t) => (
						<button key={t.tab} id={"tab-" + t.tab} role="tab" aria-controls="list" tabIndex={tab === t.tab ? 0 : -1} aria-selected={tab === t.tab} onClick={() => setTab(t.tab)} data-testid={"tab-" + t.tab}>{say(t.name)}
							{t.tab === "queue" && <b>{desk.queue.length}</b>}
							{t.tab === "mine" && <b>{desk.mine.length}</b>}
							{t.tab === "mine" && unread > 0 && <span class="dot"><span class="sr">{unread} {say("unread")}</span></span>}
						</button>
					))}
				</div>
				<div class="search">
					<input type="search" value={search} placeholder={say("Search")} aria-label={say("Search in this list")} data-testid="search" maxLength={100}
						onInput={(ev) => setSearch(ev.currentTarget.value)} onKeyDown={(ev) => {
							if (ev.key === "Escape")
								ev.currentTarget.blur();
						}} />
				</div>
				<List key={tab} desk={desk} items={items} kind={tab} narrowed={search.trim() !== ""} cursor={at} open={open} />
			</section>
			<div class="main">
				{page === "team" && desk.oversees ? <Team desk={desk} samples={samples} open={show} back={() => go("desk")} /> : page === "rules" ? <RulesPage back={() => go("desk")} /> : chat === undefined ? <Nothing waiting={desk.queue.length} /> : <Talk desk={desk} chat={chat} dialog={setDialog} back={() => desk.select("")} />}
			</div>
			<div class="toasts" role="status" aria-live="polite">
				{desk.toasts.map((t) => <div key={t.key} class={"toast" + (t.bad ? " bad" : "")} data-testid="toast">{t.text}</div>)}
			</div>
			{dialog === "resolve" && chat !== undefined && <Resolve desk={desk} chat={chat} close={shut("resolve")} />}
			{dialog === "transfer" && chat !== undefined && <Transfer desk={desk} chat={chat} close={shut("transfer")} />}
			{dialog === "help" && <Help oversees={desk.oversees} close={shut("help")} />}
			{dialog === "leave" && <Leave desk={desk} signOut={signOut} close={shut("leave")} />}
			{dialog === "settings" && <SettingsDialog close={shut("settings")} speak={speak} />}
		</main>
	);
}

/* How many wait, now and then, for who oversees. */
function useSamples(desk: Desk): Sample[] {
	const [samples, setSamples] = useState<Sample[]>([]);
	const oversees = desk.oversees;
	useEffect(() => {
		if (!oversees)
			return undefined;
		const take = () => setSamples((before) => sampled(before, desk.queue, Date.now()));
		take();
		const again = setInterval(take, SAMPLE_MS);
		return () => clearInterval(again);
	}, [oversees]);
	return samples;
}

/* What the chosen list has; what is not here whole is read, and read again. */
function useItems(desk: Desk, tab: Tab, search: string): QueueItem[] {
	useEffect(() => {
		if (!isAsked(tab))
			return undefined;
		const first = setTimeout(() => desk.lookUp(tab, search), search === "" ? 0 : 200);
		const again = setInterval(() => !document.hidden && desk.lookUp(tab, search), AGAIN_MS);
		return () => {
			clearTimeout(first);
			clearInterval(again);
		};
	}, [tab, search, desk.welcomed]);
	if (!isAsked(tab))
		return find(tab === "queue" ? desk.queue : desk.mine, search);
	return desk.found?.what === tab ? desk.found.items : [];
}

function focusComposer(): void {
	document.querySelector<HTMLTextAreaElement>("[data-composer]")?.focus();
}

const AWAY = ["Break", "Lunch", "Meeting", "Training", "Other work"];

function Top({ desk, signOut, help, choose }: { desk: Desk; signOut: () => void; help: () => void; choose: () => void }) {
	const away = desk.presence === "away";
	return (
		<header class="top">
			<h1 class="sr">{say("Desk")}</h1>
			<Mark />
			<div class="me">
				<span class={"avatar" + (away ? "" : " here")} aria-hidden="true">{initials(desk.display || "?")}</span>
				<div>
					<b>{desk.display}</b>
					<select class="presence" aria-label={say("Presence")} data-testid="presence" value={away ? desk.away : ""} onChange={(ev) => {
						const reason = ev.currentTarget.value;
						desk.setPresence(reason === "" ? "online" : "away", reason);
					}}>
						<option value="">{say("Online")}</option>
						{[...new Set([...AWAY, ...(away ? [desk.away] : [])])].map((r) => <option key={r} value={r}>{r === "Away" ? say("Away") : say("Away") + ": " + sayWithin(sayKnown(r))}</option>)}
					</select>
				</div>
			</div>
			<button class="icon" onClick={choose} aria-label={say("Settings")} title={say("Settings")} data-testid="settings-open"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h9M19 7h1M4 17h3M13 17h7M16 4.5v5M10 14.5v5" /></svg></button>
			<button class="icon" onClick={help} aria-label={say("Keys")} title={say("Keys (?)")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9a3 3 0 1 1 4.5 2.6c-.9.5-1.5 1.1-1.5 2.4M12 17.3v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z" /></svg></button>
			<button class="icon" onClick={signOut} aria-label={say("Sign out")} title={say("Sign out")} data-testid="logout"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9" /></svg></button>
		</header>
	);
}

function Nothing({ waiting }: { waiting: number }) {
	return (
		<div class="nothing">
			<Mark />
			<h1>{waiting === 0 ? say("All quiet") : waiting === 1 ? say("One visitor is waiting") : say("{n} visitors are waiting", { n: waiting.toLocaleString(locale()) })}</h1>
			<p>{waiting === 0 ? say("The bot is answering. Who asks for a person will show up in the queue.") : say("Take the next chat, or choose one from the list to read it first.")}</p>
			<p class="dim"><Marked text={say("`c` takes the next, `?` shows all keys")} as="kbd" /></p>
		</div>
	);
}
