/*
 * Where an agent writes: Enter sends, Shift+Enter breaks the line, "/" at the
 * start offers the canned replies, later on those whose name begins like what
 * follows. In note mode it looks like the note that it will be, so that nobody
 * tells a visitor what was meant for a colleague.
 */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { length, TEXT_LIMIT } from "../shared/wire.ts";
import type { Chat } from "./chat.ts";
import type { Canned, Desk } from "./desk.ts";
import { slotValues } from "./facts.ts";
import { say } from "./say.ts";
import { fillCanned, offeredCanned, SLOT, soughtCanned } from "./words.ts";

const TYPING_AGAIN_MS = 3_000;
const TYPING_OFF_MS = 5_000;
const SHOWN_CANNED = 8;

export function Composer({ desk, chat }: { desk: Desk; chat: Chat }) {
	const input = useRef<HTMLTextAreaElement>(null);
	const [text, setText] = useState(chat.draft);
	const [note, setNote] = useState(chat.note);
	const [pick, setPick] = useState(0);
	const [hidden, setHidden] = useState(false);
	const [caret, setCaret] = useState(0);
	/* A canned reply was put in, which ends there: its first blank is to be
	 * selected, else one goes on behind it. */
	const put = useRef(-1);
	const typing = useTyping(desk, chat.id);

	const sought = hidden ? null : soughtCanned(text, caret);
	const found = sought === null ? [] : offeredCanned(desk.canned, sought).slice(0, SHOWN_CANNED);
	const listed = found.length > 0 || sought?.from === 0;
	const over = length(text.trim()) - TEXT_LIMIT;

	const write = (value: string, at = value.length) => {
		setCaret(at);
		desk.draft(chat, value, note);
		setText(value);
		setPick(0);
		setHidden(false);
		if (!note)
			typing(value.trim() !== "" && !value.startsWith("/"));
	};
	const setMode = (on: boolean) => {
		desk.draft(chat, chat.draft, on);
		setNote(on);
		typing(false);
		input.current?.focus();
	};
	const suggested = chat.suggestion !== "" && !note && text === "";
	const useSuggestion = () => {
		write(chat.suggestion);
		input.current?.focus();
	};
	const name = chat.item?.name ?? "";
	const use = (c: Canned) => {
		const { from, to } = sought ?? { from: 0, to: text.length };
		const before = text.slice(0, from) + fillCanned(c.text, { ...slotValues(chat.facts), agent: desk.display, name, visitor: name });
		write(before + text.slice(to));
		setHidden(true);
		put.current = before.length;
		input.current?.focus();
	};
	/* The next {{slot}} that is not filled in. */
	const slot = note ? null : SLOT.exec(text);
	const toSlot = () => {
		if (slot === null)
			return false;
		input.current?.focus();
		input.current?.setSelectionRange(slot.index, slot.index + slot[0].length);
		return true;
	};
	const send = (ev?: Event) => {
		ev?.preventDefault();
		if (toSlot())
			return;
		if (!desk.say(chat, text, note))
			return;
		typing(false);
		write("");
		setMode(false);
	};
	const keyed = (ev: KeyboardEvent) => {
		if (ev.isComposing || ev.keyCode === 229)
			return;
		if (found.length > 0 && (ev.key === "ArrowDown" || ev.key === "ArrowUp")) {
			ev.preventDefault();
			setPick((pick + (ev.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
		} else if (found.length > 0 && (ev.key === "Enter" || ev.key === "Tab")) {
			ev.preventDefault();
			use(found[pick] as Canned);
		} else if (ev.key === "Tab" && !ev.shiftKey && toSlot()) {
			ev.preventDefault();
		} else if (suggested && ev.key === "ArrowRight") {
			ev.preventDefault();
			useSuggestion();
		} else if (ev.key === "Escape") {
			ev.stopPropagation();
			if (listed)
				setHidden(true);
			else
				input.current?.blur();
		} else if (ev.key === "Enter" && !ev.shiftKey) {
			send(ev);
		}
	};

	useLayoutEffect(() => {
		const e = input.current;
		if (e === null)
			return;
		e.style.height = "auto";
		e.style.height = Math.min(e.scrollHeight, 220) + "px";
		if (put.current >= 0 && !toSlot())
			e.setSelectionRange(put.current, put.current);
		put.current = -1;
	}, [text]);
	/* Before the next key can come: Escape must not be undone after it. */
	useLayoutEffect(() => {
		input.current?.focus();
		return () => typing(false);
	}, []);

	return (
		<form class={"composer" + (note ? " noting" : "")} onSubmit={send} data-mode={note ? "note" : "message"}>
			<div role="status" aria-atomic="true">{suggested && (
				<div class="suggestion" data-testid="suggestion">
					<p><b>{say("The bot would say")}</b> {chat.suggestion}</p>
					<button type="button" onClick={useSuggestion} aria-keyshortcuts="ArrowRight u" data-testid="suggestion-use">{say("Use")}{" "}<kbd>→</kbd></button>
				</div>
			)}</div>
			{listed && (
				<ul class="canned" role="listbox" id="canned" aria-label={say("Canned replies")} data-testid="canned">
					{found.map((c, i) => (
						<li key={c.name} role="option" id={"canned-" + i} aria-selected={i === pick} onMouseDown={(ev) => {
							ev.preventDefault();
							use(c);
						}}><b>/{c.name}</b><span>{c.text}</span></li>
					))}
					{found.length === 0 && <li class="none">{say("No canned reply fits. Escape keeps what you typed.")}</li>}
				</ul>
			)}
			<textarea ref={input} rows={1} value={text} placeholder={note ? say("A note for the team") : say("Your answer, or / for a canned reply")} dir="auto"
				aria-label={note ? say("Note for the team") : say("Message to the visitor")} aria-invalid={over > 0} data-testid="composer" data-composer="1"
				aria-haspopup="listbox" aria-controls={listed ? "canned" : undefined} aria-activedescendant={found.length > 0 ? "canned-" + pick : undefined} aria-autocomplete="list"
				onInput={(ev) => write(ev.currentTarget.value, ev.currentTarget.selectionStart)} onKeyDown={keyed} onBlur={() => typing(false)}
				onPaste={(ev) => ev.clipboardData?.files.length && desk.toast(say("Only text can be sent here."), true)} />
			<div class="under">
				<div class="modes" role="group" aria-label={say("Kind")}>
					<button type="button" aria-pressed={!note} onClick={() => setMode(false)}>{say("Message")}</button>
					<button type="button" aria-pressed={note} onClick={() => setMode(!note)} data-testid="note-toggle">{say("Note")}{" "}<kbd>n</kbd></button>
				</div>
				<span class={"hint" + (over > 0 ? " over" : "")} role={over > 0 ? "alert" : undefined}>
					{over > 0 ? say("{n} characters too many", { n: over }) : slot !== null ? say("Fill in {slot}: Tab goes there", { slot: slot[0] }) : note ? say("Only the team will see this") : say("Enter sends, Shift+Enter breaks the line")}
				</span>
				<button class="primary" disabled={text.trim() === "" || over > 0} data-testid="send">{note ? say("Save note") : say("Send")}</button>
			</div>
		</form>
	);
}

/* Tells the visitor that somebody writes: at once, again while it lasts, and
 * when it is over. */
function useTyping(desk: Desk, conversation: string): (on: boolean) => void {
	const state = useRef({ sent: 0, timer: 0 });
	const typing = (on: boolean) => {
		const s = state.current;
		const now = Date.now();
		clearTimeout(s.timer);
		if (on && now - s.sent > TYPING_AGAIN_MS) {
			s.sent = now;
			desk.typing(conversation, true);
		} else if (!on && s.sent > 0) {
			s.sent = 0;
			desk.typing(conversation, false);
		}
		if (on)
			s.timer = window.setTimeout(() => typing(false), TYPING_OFF_MS);
	};
	return typing;
}
