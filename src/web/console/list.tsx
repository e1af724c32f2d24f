/*
 * The list at the side: who waits, and whom one has. Rows have one height, so
 * that of five thousand only those in sight exist.
 */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { duration } from "../shared/clock.ts";
import type { Desk, QueueItem } from "./desk.ts";
import { language, patience, plain, reasonText, who } from "./words.ts";

const ROW_PX = 92;
const SPARE_ROWS = 6;

interface Props {
	desk: Desk;
	items: QueueItem[];
	kind: "queue" | "mine";
	/* Where the keyboard is. */
	cursor: number;
	open: (item: QueueItem, index: number) => void;
}

export function List({ desk, items, kind, cursor, open }: Props) {
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
	}, [cursor]);

	const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
	const last = Math.min(items.length, Math.ceil((top + height) / ROW_PX) + SPARE_ROWS);
	return (
		<div class="list" ref={box} onScroll={() => setTop(box.current?.scrollTop ?? 0)}>
			{items.length === 0 && <Empty kind={kind} />}
			<Spacer px={first * ROW_PX} />
			<ul role="list" aria-label={kind === "queue" ? "Queue" : "My chats"}>
				{items.slice(first, last).map((item, i) => (
					<Row key={item.conversation} desk={desk} item={item} kind={kind} now={now} at={first + i} count={items.length}
						cursor={cursor === first + i} open={() => open(item, first + i)} />
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
	kind: "queue" | "mine";
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
	const said = kind === "mine" ? chat?.log.list().findLast((i) => i.type === "message" && i.from !== "system" && i.text !== "") : undefined;
	const preview = said === undefined ? item.preview : (said.from === "shopper" ? "" : desk.isOwn(said) ? "You: " : "Bot: ") + said.text;
	const classes = ["row", desk.selected === item.conversation ? "selected" : "", cursor ? "cursor" : "", unread > 0 ? "unread" : ""];
	return (
		<li aria-posinset={at + 1} aria-setsize={count}>
			<button class={classes.filter(Boolean).join(" ")} onClick={open} data-testid="queue-item" data-kind={kind} data-conversation={item.conversation}
				aria-current={desk.selected === item.conversation ? "true" : undefined}>
				<span class="line">
					<span class="name">{who(item, item.conversation)}</span>
					{item.verified && <span class="verified" title="Signed in at the shop"><Tick /><span class="sr">verified</span></span>}
					{item.priority > 0 && <span class="tag prio">Priority</span>}
					{kind === "queue" ? <time class={"wait " + patience(waited)} title="Waiting time"><span class="sr">waits for </span>{duration(waited)}</time>
						: unread > 0 ? <span class="count">{unread}<span class="sr"> unread</span></span>
						: chat?.typing ? <span class="typing-note">writing …</span> : null}
				</span>
				<span class="preview">{preview || "…"}</span>
				<span class="line small">
					{item.kind === "complaint" && <span class="tag complaint">Complaint</span>}
					<span class="why">{[reasonText(item.reason), plain(item.intent)].filter((t) => t !== "" && !(item.kind === "complaint" && t === "Complaint")).join(" · ")}</span>
					{item.locale !== "" && <span class="lang" title={language(item.locale)}>{item.locale.split(/[-_]/)[0]}</span>}
				</span>
			</button>
		</li>
	);
}

function Empty({ kind }: { kind: "queue" | "mine" }) {
	return kind === "queue"
		? <div class="empty"><b>Nobody is waiting</b><p>New chats appear here by themselves, the most urgent on top.</p></div>
		: <div class="empty"><b>No chats of yours</b><p>Press <kbd>c</kbd> to take the next one from the queue.</p></div>;
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
