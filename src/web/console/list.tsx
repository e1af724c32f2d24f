/*
 * The list at the side: who waits, and whom one has. Rows have one height, so
 * that of five thousand only those in sight exist.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { duration } from "../shared/clock.ts";
import { owedSince } from "./chat.ts";
import type { Desk } from "./desk.ts";
import type { QueueItem } from "./item.ts";
import { TABS, type Tab } from "./lists.ts";
import { say, sayKnown, type Text } from "./say.ts";
import { ago, languageName, patience, plain, ratingText, reasonText, stateWord, who, type Patience } from "./words.ts";

const ROW_PX = 92;
const SPARE_ROWS = 6;
const PATIENCE: Record<Patience, Text> = { fine: "Waits for", long: "Waits long", tooLong: "Waits too long" };

interface Props {
	desk: Desk;
	items: QueueItem[];
	kind: Tab;
	/* A search narrows it. */
	narrowed: boolean;
	/* Where the keyboard is; -1: nowhere. */
	cursor: number;
	open: (item: QueueItem) => void;
}

export function List({ desk, items, kind, narrowed, cursor, open }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const [top, setTop] = useState(0);
	const [height, setHeight] = useState(600);
	const now = useNow();

	useLayoutEffect(() => {
		const element = box.current;
		if (element === null)
			return undefined;
		const watch = new ResizeObserver(() => setHeight(element.clientHeight));
		watch.observe(element);
		return () => watch.disconnect();
	}, []);
	useEffect(() => {
		const element = box.current;
		if (element === null || cursor < 0)
			return;
		if (cursor * ROW_PX < element.scrollTop)
			element.scrollTop = cursor * ROW_PX;
		else if ((cursor + 1) * ROW_PX > element.scrollTop + element.clientHeight)
			element.scrollTop = (cursor + 1) * ROW_PX - element.clientHeight;
	}, [items[cursor]?.conversation]);

	/* The list may have become shorter than where one was. */
	const from = Math.min(top, Math.max(0, items.length * ROW_PX - height));
	const first = Math.max(0, Math.floor(from / ROW_PX) - SPARE_ROWS);
	const last = Math.min(items.length, Math.ceil((from + height) / ROW_PX) + SPARE_ROWS);
	return (
		<div class="list" role="tabpanel" id="list" aria-labelledby={"tab-" + kind} ref={box} onScroll={() => setTop(box.current?.scrollTop ?? 0)}>
			{items.length === 0 && (narrowed ? <div class="empty"><b>{say("Nothing found")}</b><p>{say("Looked at: what was said last, the visitor, the page, the subject.")}</p></div> : <Empty kind={kind} />)}
			<Spacer px={first * ROW_PX} />
			<ul role="list" aria-label={sayKnown(TABS.find((t) => t.tab === kind)?.label ?? "")}>
				{items.slice(first, last).map((item, i) => (
					<Row key={item.conversation} desk={desk} item={item} kind={kind} now={now} at={first + i} count={items.length}
						cursor={cursor === first + i} open={() => open(item)} />
				))}
			</ul>
			<Spacer px={(items.length - last) * ROW_PX} />
		</div>
	);
}

/* The policy allows no style attributes, but scripts may set heights. */
function Spacer({ px }: { px: number }) {
	const ref = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		if (ref.current !== null)
			ref.current.style.height = px + "px";
	}, [px]);
	return <div ref={ref} />;
}

interface RowProps {
	desk: Desk;
	item: QueueItem;
	kind: Tab;
	now: number;
	at: number;
	count: number;
	cursor: boolean;
	open: () => void;
}

function Row({ desk, item, kind, now, at, count, cursor, open }: RowProps) {
	const waited = (now - item.since) / 1000;
	const unread = kind === "mine" ? desk.unread(item.conversation) : 0;
	const chat = desk.chats.get(item.conversation);
	const said = kind === "mine" ? chat?.log.list().findLast((i) => i.type === "message" && i.from !== "system" && i.text !== "" && !i.contact) : undefined;
	const preview = said === undefined ? item.preview : (said.from === "shopper" ? "" : desk.isOwn(said) ? say("You") + ": " : said.from === "agent" ? said.name + ": " : say("Bot") + ": ") + said.text;
	/* Begun and left: it would be forgotten. */
	const begun = kind === "mine" && desk.selected !== item.conversation && chat !== undefined && chat.draft.trim() !== "";
	const owed = kind === "mine" && chat !== undefined ? owedSince(chat) : 0;
	const owedS = (now - owed) / 1000;
	const why = [ratingText(item.rating), reasonText(item.reason), plain(item.intent)].filter((t, i, all) => t !== "" && all.indexOf(t) === i && !(item.kind === "complaint" && t === say("Complaint")));
	const classes = ["row", desk.selected === item.conversation ? "selected" : "", cursor ? "cursor" : "", unread > 0 ? "unread" : ""];
	return (
		<li aria-posinset={at + 1} aria-setsize={count}>
			<button class={classes.filter(Boolean).join(" ")} onClick={open} data-testid="queue-item" data-kind={kind} data-conversation={item.conversation}
				aria-current={desk.selected === item.conversation ? "true" : undefined}>
				<span class="line">
					<span class="name">{who(item, item.conversation)}</span>
					{item.verified && <span class="verified" title={say("Signed in at the shop")}><Tick /><span class="sr">{say("verified")}</span></span>}
					{item.priority > 0 && <span class="tag prio">{say("Priority")}</span>}
					{kind === "queue" ? <time class={"wait " + patience(waited)} title={say(PATIENCE[patience(waited)])}><span class="sr">{say(PATIENCE[patience(waited)])}: </span>{duration(waited)}</time>
						: kind !== "mine" ? <span class="when"><span class={"state " + item.state}>{item.state === "assigned" && item.agent || stateWord(item.state)}</span> <time>{ago(waited)}</time></span>
						: <span class="when">{owed > 0 && !chat?.typing && <time class={"wait " + patience(owedS)} title={say("Waits for your answer")} data-testid="owed"><span class="sr">{say("Waits for your answer")}: </span>{duration(owedS)}</time>}
						{unread > 0 ? <span class="count">{unread}<span class="sr"> {say("unread")}</span></span>
						: chat?.typing ? <span class="typing-note">{say("writing …")}</span> : null}</span>}
				</span>
				<span class="preview" dir="auto" lang={item.locale || undefined}>{preview || "…"}</span>
				<span class="line small">
					{begun && <span class="tag draft" data-testid="draft">{say("Draft")}</span>}
					{item.kind === "complaint" && <span class="tag complaint">{say("Complaint")}</span>}
					<span class="why">{why.join(" · ")}</span>
					{item.locale !== "" && <span class="lang" title={languageName(item.locale)}>{item.locale.split(/[-_]/)[0]}</span>}
				</span>
			</button>
		</li>
	);
}

function Empty({ kind }: { kind: Tab }) {
	if (kind === "bot")
		return <div class="empty"><b>{say("The bot is talking to nobody")}</b><p>{say("Who writes in the shop appears here while the bot answers.")}</p></div>;
	if (kind !== "queue" && kind !== "mine")
		return <div class="empty"><b>{say("Nothing here yet")}</b><p>{say("Conversations appear here as they happen.")}</p></div>;
	return kind === "queue"
		? <div class="empty"><b>{say("Nobody is waiting")}</b><p>{say("New chats appear here by themselves, the most urgent on top.")}</p></div>
		: <div class="empty"><b>{say("No chats of yours")}</b><p><Marked text={say("Press `c` to take the next one from the queue.")} as="kbd" /></p></div>;
}

/* A text with keys or commands in it, which stand between backticks. */
export function Marked({ text, as: As }: { text: string; as: "kbd" | "code" }) {
	return <>{text.split("`").map((part, i) => (i % 2 === 1 ? <As>{part}</As> : part))}</>;
}

export function Tick() {
	return <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m5 12.5 4.5 4.5L19 7.5" /></svg>;
}

export function useNow(): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, []);
	return now;
}
