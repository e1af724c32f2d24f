/*
 * The dialogs: resolve with an outcome, transfer, sign out with open chats, and
 * the list of keys.
 * Native <dialog>: the browser keeps the focus inside and closes on Escape.
 */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "./chat.ts";
import type { Desk } from "./desk.ts";
import { signOutText, unsentText } from "./leave.ts";
import { say, sayKnown, type Text } from "./say.ts";
import { plain, slug, who } from "./words.ts";

/* Chats named one by one. */
const NAMED = 5;
/* Colleagues to be chosen with one press; the field knows all. */
const SHOWN = 6;

export function Modal({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
	const ref = useRef<HTMLDialogElement>(null);
	/* Before the next key can come. The browser gives the focus back when it
	 * closes; where it has gone on by then, it stays. */
	useLayoutEffect(() => {
		const before = document.activeElement as HTMLElement | null;
		const dialog = ref.current;
		dialog?.showModal();
		return () => {
			if (before?.isConnected && (document.activeElement === document.body || dialog?.contains(document.activeElement)))
				before.focus();
		};
	}, []);
	return (
		<dialog ref={ref} onClose={close} aria-labelledby="dialog-title" onClick={(ev) => ev.target === ref.current && ref.current?.close()}>
			<div class="dialog">
				<h2 id="dialog-title">{title}</h2>
				{children}
			</div>
		</dialog>
	);
}

export function Resolve({ desk, chat, close }: { desk: Desk; chat: Chat; close: () => void }) {
	const outcomes = desk.outcomes.length > 0 ? desk.outcomes : ["solved"];
	const [next, setNext] = useState(false);
	return (
		<Modal title={say("How did it end?")} close={close}>
			<p class="dim">{say("The chat is closed and the visitor is asked for feedback.")}</p>
			<div class="choices" onKeyDown={(ev) => {
				const n = Number(ev.key);
				if (n >= 1 && n <= outcomes.length) {
					desk.resolve(chat.id, outcomes[n - 1] as string, next);
					close();
				}
			}}>
				{outcomes.map((outcome, i) => (
					<button key={outcome} data-testid={"outcome-" + slug(outcome)} onClick={() => {
						desk.resolve(chat.id, outcome, next);
						close();
					}}>{sayKnown(plain(outcome))}{i < 9 && <kbd>{i + 1}</kbd>}</button>
				))}
			</div>
			<label class="check"><input type="checkbox" checked={next} data-testid="resolve-next" onChange={(ev) => setNext(ev.currentTarget.checked)} />{say("Then take the next chat")}</label>
			<div class="end"><button onClick={close}>{say("Cancel")}</button></div>
		</Modal>
	);
}

export function Transfer({ desk, chat, close }: { desk: Desk; chat: Chat; close: () => void }) {
	const [to, setTo] = useState<"agent" | "queue">("agent");
	const [name, setName] = useState("");
	const queue = useRef<HTMLSelectElement>(null);
	const note = useRef<HTMLTextAreaElement>(null);
	const queues = [...new Set([...desk.queues, ...desk.queue.map((i) => i.queue), chat.item?.queue ?? ""])].filter((q) => q !== "" && q !== "*");
	useEffect(() => desk.lookUp("agents"), []);
	const there = desk.colleagues.filter((c) => c.status === "online" && c.name !== desk.name);
	const submit = (ev: Event) => {
		ev.preventDefault();
		const whom = (to === "agent" ? name : queue.current?.value)?.trim() ?? "";
		if (whom === "")
			return;
		desk.transfer(chat.id, to === "agent" ? { agent: whom } : { queue: whom }, note.current?.value ?? "");
		close();
	};
	return (
		<Modal title={say("Pass this chat on")} close={close}>
			<form onSubmit={submit}>
				<div class="modes" role="group" aria-label={say("To whom")}>
					<button type="button" aria-pressed={to === "agent"} onClick={() => setTo("agent")}>{say("To a colleague")}</button>
					<button type="button" aria-pressed={to === "queue"} onClick={() => setTo("queue")}>{say("To a queue")}</button>
				</div>
				{to === "agent"
					? <><div class="there" role="group" aria-label={say("Who is online")} data-testid="transfer-online">{there.length === 0 ? <p class="dim">{say("No other colleague is online.")}</p>
						: there.slice(0, SHOWN).map((c) => <button type="button" key={c.name} aria-pressed={name === c.name} onClick={() => setName(c.name)}>{c.display} <small>{say("{n} of {all} chats", { n: c.chats, all: c.capacity })}</small></button>)}</div>
					<label>{say("Sign-in name")}<datalist id="colleagues">{there.map((c) => <option key={c.name} value={c.name}>{c.display}, {say("{n} of {all} chats", { n: c.chats, all: c.capacity })}</option>)}</datalist><input value={name} onInput={(ev) => setName(ev.currentTarget.value)} list="colleagues" required maxLength={64} autocapitalize="none" spellcheck={false} data-testid="transfer-agent" /></label></>
					: <label>{say("Queue")}<select ref={queue} data-testid="transfer-queue">{(queues.length > 0 ? queues : ["default"]).map((q) => <option key={q} value={q}>{plain(q)}</option>)}</select></label>}
				<label>{say("Note for them (optional)")}<textarea ref={note} rows={3} maxLength={2000} /></label>
				<div class="end"><button type="button" onClick={close}>{say("Cancel")}</button><button class="primary" data-testid="transfer-submit">{say("Pass on")}</button></div>
			</form>
		</Modal>
	);
}

/* Signing out while chats are open, or something is not sent. */
export function Leave({ desk, signOut, close }: { desk: Desk; signOut: () => void; close: () => void }) {
	const chats = desk.mine.length;
	const unsent = unsentText(desk.unsent());
	return (
		<Modal title={chats === 0 ? say("Sign out?") : say("Sign out with open chats?")} close={close}>
			<div class="leave" data-testid="leave">
				{chats > 0 && <p>{signOutText(chats, desk.welcomed ? 0 : desk.leaseS)}</p>}
				{chats > 0 && <ul role="list">{desk.mine.slice(0, NAMED).map((i) => <li key={i.conversation}><b>{who(i, i.conversation)}</b> <span class="dim">{i.preview}</span></li>)}{chats > NAMED && <li class="dim">{say("and {n} more", { n: chats - NAMED })}</li>}</ul>}
				{unsent !== "" && <p>{unsent}</p>}
			</div>
			<div class="end"><button onClick={close}>{say("Stay")}</button><button class="primary" onClick={() => {
				close();
				signOut();
			}} data-testid="leave-submit">{chats === 0 ? say("Sign out") : say("Give back and sign out")}</button></div>
		</Modal>
	);
}

/* The third: for whom alone. */
const KEYS: [string, Text, "overseers"?][] = [
	["c", "Take the next chat"],
	["t", "Take the chat on the screen"],
	["j  k", "Down and up in the list (also the arrows)"],
	["Enter", "Open the chosen chat"],
	["1 … 5", "Queue, Mine, Bot, All, Closed"],
	["Alt+↓↑", "Next and previous of my chats, also while writing"],
	["w  Alt+w", "My chat that waits longest for an answer, also while writing"],
	["s", "Search in the list"],
	["m", "Write a message"],
	["n", "Write a note"],
	["/", "Canned replies (in the message)"],
	["u  →", "Use what the bot would say (→ in the empty message)"],
	["r", "Resolve"],
	["x", "Close the view"],
	["g", "Rules page and back"],
	["p", "Team page and back", "overseers"],
	["Escape", "Leave the message field"],
	["?", "This list"],
];

export function Help({ oversees, close }: { oversees: boolean; close: () => void }) {
	return (
		<Modal title={say("Keys")} close={close}>
			<dl class="keys" data-testid="help">
				{KEYS.filter((k) => oversees || k[2] === undefined).map(([key, what]) => <div key={key}><dt>{key.split("  ").map((k) => <kbd key={k}>{k}</kbd>)}</dt><dd>{say(what)}</dd></div>)}
			</dl>
			<div class="end"><button onClick={close}>{say("Close")}</button></div>
		</Modal>
	);
}
