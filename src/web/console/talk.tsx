/*
 * One conversation: the facts on top, everything that was said, and what can be
 * done with it. Sticks to the end only when the reader is there.
 */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { dayKey, dayName, duration, hourMinute } from "../shared/clock.ts";
import { linkify, safeHref } from "../shared/linkify.ts";
import type { Item } from "../shared/timeline.ts";
import { transcriptText } from "../shared/transcript.ts";
import { Composer } from "./composer.tsx";
import type { Chat, SendStatus } from "./chat.ts";
import type { Desk } from "./desk.ts";
import { useNow, Tick } from "./list.tsx";
import { language, locale, say, type Text } from "./say.ts";
import { ago, askText, feedbackText, initials, languageName, pagePath, patience, plain, ratingText, reasonText, stateText, stateWord, who } from "./words.ts";

export type Dialog = "" | "resolve" | "transfer" | "help" | "settings" | "leave";

interface Props {
	desk: Desk;
	chat: Chat;
	dialog: (d: Dialog) => void;
	back: () => void;
}

const NEAR_PX = 80;
const STATUS: Record<SendStatus, Text> = {
	queued: "Sending", acked: "Received", stored: "Delivered", read: "Read", failed: "Not sent",
};

export function Talk({ desk, chat, dialog, back }: Props) {
	const mine = desk.isMine(chat.id);
	return (
		<section class="talk" data-testid="conversation" data-conversation={chat.id} data-mine={String(mine)} aria-label={say("Chat with {name}", { name: who(chat.item, chat.id) })}>
			<Head desk={desk} chat={chat} mine={mine} dialog={dialog} back={back} />
			<Log key={chat.id} desk={desk} chat={chat} />
			<Foot desk={desk} chat={chat} mine={mine} />
		</section>
	);
}

function Head({ desk, chat, mine, dialog, back }: Props & { mine: boolean }) {
	const item = chat.item;
	const name = who(item, chat.id);
	return (
		<header class="head">
			<div class="head-top">
				<button class="icon back" onClick={back} aria-label={say("Back to the list")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m14 6-6 6 6 6" /></svg></button>
				<span class={"avatar" + (chat.present === true ? " here" : "")} aria-hidden="true">{initials(name)}</span>
				<div class="title">
					<h1>{name}{item?.verified && <span class="verified" title={say("Signed in at the shop")}><Tick /><span class="sr">{say("verified")}</span></span>}</h1>
					<p>{chat.present !== null && <span>{chat.present ? say("On the page now") : say("Has left the page")}</span>}<Onlookers desk={desk} chat={chat} /></p>
				</div>
				<div class="actions">
					<button class="icon" onClick={() => void copy(desk, chat)} data-testid="copy" aria-label={say("Copy the conversation")} title={say("Copy the conversation")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 9h10v11H9ZM5 15V4h10" /></svg></button>
					{mine && <button onClick={() => desk.release(chat.id)} data-testid="release" title={say("Back in line at its old place")}>{say("Give back")}</button>}
					{(mine || (desk.oversees && item?.state === "assigned")) && <button onClick={() => dialog("transfer")} data-testid="transfer">{say("Transfer")}</button>}
					{mine && <button class="primary" onClick={() => dialog("resolve")} data-testid="resolve">{say("Resolve")}{" "}<kbd>r</kbd></button>}
					{!mine && <button class="icon" onClick={() => desk.close(chat.id)} data-testid="close-view" aria-label={say("Close this view")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6 6 18" /></svg></button>}
				</div>
			</div>
			<Facts chat={chat} />
			<Others desk={desk} chat={chat} />
		</header>
	);
}

/* For a ticket, a mail, another tool: what the visitor knows as well. */
async function copy(desk: Desk, chat: Chat): Promise<void> {
	const text = transcriptText(desk.items(chat).filter((i) => i.text !== ""), (i) => speaker(chat, i), locale());
	/* Pages without https have none. */
	const clipboard = navigator.clipboard as Clipboard | undefined;
	const copied = await clipboard?.writeText(text).then(() => true, () => false) === true;
	desk.toast(copied ? say("The conversation was copied, without notes.") : say("This browser does not let the page copy."), !copied);
}

function speaker(chat: Chat, item: Item): string {
	return item.from === "shopper" ? who(chat.item, chat.id) : item.from === "bot" ? say("Bot") : item.from === "agent" ? item.name || say("Agent") : say("System");
}

/* Colleagues who have it open as well. */
function Onlookers({ desk, chat }: { desk: Desk; chat: Chat }) {
	const others = (chat.facts?.open ?? []).filter((o) => o.name !== desk.name);
	const names = others.slice(0, 3).map((o) => o.display).join(", ") + (others.length > 3 ? " " + say("and others") : "");
	return <span role="status" data-testid="onlookers">{others.length > 0 && <span class="onlookers">{say("Also open at {names}", { names })}</span>}</span>;
}

function Facts({ chat }: { chat: Chat }) {
	const item = chat.item;
	const now = useNow();
	const facts = chat.facts;
	if (item === null)
		return null;
	const page = facts?.page || item.page;
	const href = safeHref(page);
	const waited = (now - item.since) / 1000;
	/* "order" was asked with order_id: they stand together. */
	const key = (source: string) => facts?.slots.find((s) => s.name === source + "_id" || s.name === source);
	const asked = new Set(facts?.found.map((f) => key(f.source)));
	const about = plain(item.intent || (facts?.intent ?? ""));
	const rated = chat.others?.find((o) => o.rating.kind !== "");
	return (
		<dl class="facts" data-testid="facts">
			{item.kind === "complaint" && <div><dt class="sr">{say("Kind")}</dt><dd><span class="tag complaint">{say("Complaint")}</span></dd></div>}
			{reasonText(item.reason) !== "" && <div><dt>{say("Why")}</dt><dd>{reasonText(item.reason)}</dd></div>}
			{facts !== null && facts.considered.length > 0 && <div class="several" data-testid="considered"><dt title={say("What the bot's rules came close to; 1 is sure")}>{say("Nearest")}</dt><dd>{facts.considered.map((c) => <span key={c.intent}>{plain(c.intent)} <small>{c.score.toFixed(2)}</small></span>)}</dd></div>}
			{about !== "" && about !== reasonText(item.reason) && <div><dt>{say("About")}</dt><dd>{about}</dd></div>}
			{item.state === "queued" && <div><dt>{say("Waiting")}</dt><dd class={"wait " + patience(waited)}>{duration(waited)}</dd></div>}
			{facts?.found.map(({ source, facts: own }) => (
				<div class="found several" data-testid={"found-" + source}><dt>{plain(source)}</dt><dd>{key(source) && <span class="pick">{key(source)?.value}</span>}{own.map((f) => <span><small>{plain(f.name)}</small> {f.value}</span>)}</dd></div>
			))}
			{facts?.slots.filter((f) => !asked.has(f)).map((f) => <div><dt>{plain(f.name.replace(/_id$/, ""))}</dt><dd class="pick">{f.value}</dd></div>)}
			{facts !== null && facts.email !== "" && <div><dt>{say("Mail")}</dt><dd class="pick">{facts.email}</dd></div>}
			{facts !== null && facts.phone !== "" && <div><dt>{say("Phone")}</dt><dd class="pick">{facts.phone}</dd></div>}
			{rated !== undefined && <div data-testid="rated-before"><dt>{say("Last time")}</dt><dd>{ratingText(rated.rating)}</dd></div>}
			{item.locale !== "" && <div class="minor"><dt>{say("Language")}</dt><dd>{languageName(item.locale)}</dd></div>}
			{page !== "" && <div><dt>{say("Page")}</dt><dd>{href === null ? page : <a href={href} target="_blank" rel="noopener noreferrer">{pagePath(page)}</a>}</dd></div>}
			{facts !== null && facts.cart.length > 0 && <Cart lines={facts.cart} />}
			{item.queue !== "" && item.queue !== "default" && <div class="minor"><dt>{say("Queue")}</dt><dd>{plain(item.queue)}</dd></div>}
			{item.priority > 0 && <div><dt>{say("Priority")}</dt><dd>{item.priority}</dd></div>}
			{facts !== null && facts.visitor !== "" && <div class="minor"><dt>{say("Visitor")}</dt><dd class="pick id">{facts.visitor}</dd></div>}
		</dl>
	);
}

function Cart({ lines }: { lines: string[] }) {
	return (
		<div data-testid="cart"><dt>{say("Cart")}</dt><dd>{lines.length === 1 ? lines[0]
			: <details class="cart"><summary>{lines[0]} {say("and {n} more", { n: lines.length - 1 })}</summary><ul role="list">{lines.slice(1).map((l) => <li>{l}</li>)}</ul></details>}</dd></div>
	);
}

/* What else this visitor has talked about. */
function Others({ desk, chat }: { desk: Desk; chat: Chat }) {
	const now = useNow();
	const others = chat.others ?? [];
	if (others.length === 0)
		return null;
	return (
		<details class="others" data-testid="others">
			<summary>{others.length === 1 ? say("One other conversation of this visitor") : say("{n} other conversations of this visitor", { n: others.length })}</summary>
			<ul role="list">{others.map((o) => (
				<li key={o.conversation}><button onClick={() => desk.select(o.conversation)}>
					<span class="preview">{o.preview || "…"}</span>
					<span class="dim">{[plain(o.intent), stateWord(o.state), ratingText(o.rating), ago((now - o.since) / 1000)].filter(Boolean).join(" · ")}</span>
				</button></li>
			))}</ul>
		</details>
	);
}

function Log({ desk, chat }: { desk: Desk; chat: Chat }) {
	const box = useRef<HTMLDivElement>(null);
	const following = useRef(true);
	const [below, setBelow] = useState(0);
	const items = desk.items(chat).filter((i) => i.type !== "message" || i.text !== "");
	const count = items.length;
	const today = dayKey(Date.now());

	const toEnd = () => {
		const e = box.current;
		if (e !== null)
			e.scrollTop = e.scrollHeight;
	};
	const look = () => {
		if (following.current && document.hasFocus() && !document.hidden)
			desk.markSeen(chat);
	};
	const scrolled = () => {
		const e = box.current;
		if (e === null)
			return;
		following.current = e.scrollHeight - e.scrollTop - e.clientHeight < NEAR_PX;
		setBelow(following.current ? 0 : Math.max(1, below));
		look();
	};
	useLayoutEffect(() => {
		if (following.current)
			toEnd();
		else
			setBelow(below + 1);
	}, [count, chat.typing]);
	useEffect(look, [count, chat.log.high]);
	useEffect(() => {
		const watch = new ResizeObserver(() => following.current && toEnd());
		if (box.current !== null)
			watch.observe(box.current);
		addEventListener("focus", look);
		return () => {
			watch.disconnect();
			removeEventListener("focus", look);
		};
	}, []);

	return (
		<div class="logbox">
			<div class="log" ref={box} onScroll={scrolled} tabIndex={0} aria-label={say("Conversation")}>
				<div class="rows" role="log" aria-live="polite" aria-busy={!chat.loaded}>
					{items.map((item, i) => <Entry key={item.key} desk={desk} chat={chat} item={item} before={items[i - 1]} today={today} />)}
				</div>
				{!chat.loaded && count === 0 && desk.welcomed && <p class="mark-line reading"><span>{say("Reading …")}</span></p>}
				{chat.typing && <p class="writing" role="status"><i /><i /><i /><span class="sr">{say("The visitor is writing")}</span></p>}
			</div>
			{below > 0 && <button class="jump" onClick={() => {
				following.current = true;
				toEnd();
				setBelow(0);
			}}>{say("Latest messages")}</button>}
		</div>
	);
}

interface EntryProps {
	desk: Desk;
	chat: Chat;
	item: Item;
	before: Item | undefined;
	/* Today is yesterday tomorrow. */
	today: string;
}

/* Of two thousand entries only those are drawn again of which something is
 * another. */
function Entry({ desk, chat, item, before, today }: EntryProps) {
	const status = desk.isOwn(item) ? desk.status(chat, item) : null;
	const visitor = who(chat.item, chat.id);
	return useMemo(() => entry(desk, chat, item, before, status), [item, before, status, visitor, today, language()]);
}

function entry(desk: Desk, chat: Chat, item: Item, before: Item | undefined, status: SendStatus | null) {
	const newDay = item.at > 0 && (before === undefined || dayKey(before.at) !== dayKey(item.at));
	const day = newDay ? <div class="day"><span>{dayName(item.at, Date.now(), locale(), say("Today"), say("Yesterday"))}</span></div> : null;
	const hook = { "data-testid": "event", "data-type": item.type, "data-from": item.from, "data-id": item.id };
	if (item.type === "state")
		return <>{day}<p class="mark-line" {...hook}><span>{stateText(item)} · {hourMinute(item.at, locale())}</span></p></>;
	if (item.type === "ask_feedback")
		return <>{day}<p class="mark-line" {...hook}><span>{askText(item.kind)}</span></p></>;
	if (item.type === "feedback")
		return <>{day}<div class="rated" {...hook}><b>{feedbackText(item, chat.log.list().find((a) => a.type === "ask_feedback" && a.id === item.ask)?.kind ?? item.kind)}</b>{item.comment !== "" && <p dir="auto">“{item.comment}”</p>}</div></>;
	const joined = !newDay && before?.type === item.type && before.from === item.from && before.name === item.name && item.at - before.at < 300_000;
	const classes = ["msg", item.type === "note" ? "note" : item.from, joined ? "joined" : "", status === "failed" ? "failed" : ""];
	const name = item.type === "note" ? item.name === "" ? say("Reminder") : say("Note by {name}", { name: item.name }) : speaker(chat, item);
	return (
		<>
			{day}
			<div class={classes.filter(Boolean).join(" ")} {...hook} data-status={status ?? undefined}>
				<div class={joined ? "sr" : "who"}>{name}{item.type === "note" && <em> · {say("only the team sees this")}</em>}</div>
				<div class="bubble" dir="auto" lang={item.type === "note" ? undefined : chat.item?.locale || undefined}><Rich text={item.text} /></div>
				{item.buttons.length > 0 && <div class="offered">{item.buttons.map((b) => <span>{b.text}</span>)}</div>}
				<div class="meta" aria-live={status === "failed" ? undefined : "off"}>
					{item.at > 0 && <time dateTime={new Date(item.at).toISOString()}>{hourMinute(item.at, locale())}</time>}
					{item.intent !== "" && item.from === "bot" && <span>{plain(item.intent)}</span>}
					{item.late && <span>{say("seen by the visitor before the hand-over")}</span>}
					{status !== null && item.type === "message" && <span class={"st " + status}>{say(STATUS[status])}</span>}
					{status !== null && item.type === "note" && status !== "stored" && status !== "read" && <span class={"st " + status}>{say(STATUS[status])}</span>}
					{status === "failed" && <button class="link" onClick={() => desk.retry(chat, item)}>{say("Try again")}</button>}
				</div>
			</div>
		</>
	);
}

function Rich({ text }: { text: string }) {
	return <>{linkify(text).map((p) => p.href === undefined ? p.text : <a href={p.href} target="_blank" rel="noopener noreferrer nofollow">{p.text}</a>)}</>;
}

function Foot({ desk, chat, mine }: { desk: Desk; chat: Chat; mine: boolean }) {
	if (mine)
		return <Composer key={chat.id} desk={desk} chat={chat} />;
	const waiting = chat.item?.state === "queued" || desk.queue.some((i) => i.conversation === chat.id);
	const bots = chat.item?.state === "bot";
	return (
		<footer class="foot-note">
			{chat.lost !== "" && <p>{chat.lost}</p>}
			{waiting ? <button class="primary" onClick={() => desk.claim(chat.id)} data-testid="claim-this">{say("Take this chat")}{" "}<kbd>t</kbd></button>
				: desk.oversees && chat.item?.state === "assigned" ? <><p>{say("{name} has this chat.", { name: chat.item.agent })}</p><button onClick={() => desk.takeOver(chat.id)} data-testid="take-over">{say("Take over")}</button></>
				: desk.oversees && bots ? <><p>{say("The bot is answering.")}</p><button onClick={() => desk.claim(chat.id)} data-testid="take-over">{say("Take over")}</button></>
				: chat.lost === "" && <p>{chat.item?.agent ? say("{name} has this chat.", { name: chat.item.agent }) : bots ? say("The bot is answering; you are reading along.") : say("You are reading along.")}</p>}
		</footer>
	);
}
