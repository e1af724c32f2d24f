/*
 * The supervisor's page: how many wait and how long, who is on, whose chats are
 * whose; looking into one, and moving all chats of a colleague.
 */

import { useEffect, useRef, useState, type Inputs } from "preact/hooks";
import { duration } from "../shared/clock.ts";
import { Chart } from "./chart.tsx";
import type { Desk } from "./desk.ts";
import { Modal } from "./dialogs.tsx";
import { useNow } from "./list.tsx";
import { readReport, type Day } from "./report.ts";
import { say, sayKnown, sayWithin, type Text } from "./say.ts";
import { lines, type Colleague, type Sample } from "./team.ts";
import { initials, patience, plain } from "./words.ts";

const AGAIN_MS = 5_000;
const REPORT_MS = 30_000;

export function Team({ desk, samples, open, back }: { desk: Desk; samples: Sample[]; open: (conversation: string) => void; back: () => void }) {
	const now = useNow();
	const [moving, setMoving] = useState<Colleague | null>(null);
	const heading = useRef<HTMLHeadingElement>(null);
	useEffect(() => heading.current?.focus(), []);
	useEvery(AGAIN_MS, () => desk.lookUp("agents"), [desk.welcomed]);
	const team = desk.colleagues;
	const on = team.filter((c) => c.status === "online");
	const chats = team.reduce((n, c) => n + c.chats, 0);
	const queues = lines(desk.queue, desk.queues, now);
	const longest = queues.reduce((s, q) => Math.max(s, q.longestS), 0);
	const times = samples.map((s) => Math.round(s.at / 1000));
	return (
		<section class="page team" aria-labelledby="team-title" data-testid="team">
			<header class="page-top">
				<button class="icon back" onClick={back} aria-label={say("Back to the list")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m14 6-6 6 6 6" /></svg></button>
				<h1 id="team-title" tabIndex={-1} ref={heading}>{say("Team")}</h1>
			</header>
			<dl class="tiles" aria-label={say("Now")}>
				<Tile name={say("Waiting")} value={String(desk.queue.length)} testid="tile-waiting" />
				<Tile name={say("Longest wait")} value={desk.queue.length === 0 ? "–" : duration(longest)} kind={patience(longest)} testid="tile-longest" />
				<Tile name={say("Online")} value={outOf(on.length, team.length)} kind={on.length === 0 && desk.queue.length > 0 ? "tooLong" : ""} testid="tile-online" />
				<Tile name={say("With agents")} value={String(chats)} testid="tile-chats" />
			</dl>
			<div class="charts">
				<Chart title={say("Waiting")} says={say("the last hour, while this page is open")} times={times} series={[{ name: say("Waiting"), colour: "--accent", values: samples.map((s) => s.waiting) }]} />
				<Chart title={say("Longest wait")} says={say("minutes")} times={times} series={[{ name: say("Minutes"), colour: "--amber", values: samples.map((s) => Math.round(s.longestS / 6) / 10) }]} />
			</div>
			<Figures />
			<h2>{say("Queues")}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={say("Queues")}><table class="data">
				<thead><tr><th scope="col">{say("Queue")}</th><th scope="col" class="n">{say("Waiting")}</th><th scope="col" class="n">{say("Longest")}</th><th scope="col" class="n">{say("Agents online")}</th></tr></thead>
				<tbody>{queues.map((q) => (
					<tr key={q.queue} data-testid={"line-" + q.queue}>
						<th scope="row">{plain(q.queue)}</th>
						<td class="n">{q.waiting}</td>
						<td class={"n wait " + (q.waiting > 0 ? patience(q.longestS) : "")}>{q.waiting > 0 ? duration(q.longestS) : "–"}</td>
						<td class="n">{on.filter((c) => c.queues.includes(q.queue)).length}</td>
					</tr>
				))}</tbody>
			</table></div>
			<h2>{say("Agents")}</h2>
			<div class="scroll" tabIndex={0} role="region" aria-label={say("Agents")}><table class="data">
				<thead><tr><th scope="col">{say("Name")}</th><th scope="col">{say("Status")}</th><th scope="col" class="n">{say("Chats")}</th><th scope="col"><span class="sr">{say("Look into and move")}</span></th></tr></thead>
				<tbody>{team.map((c) => <Row key={c.name} who={c} open={open} move={() => setMoving(c)} />)}</tbody>
			</table></div>
			{moving !== null && <Move desk={desk} who={moving} close={() => setMoving(null)} />}
		</section>
	);
}

/* What the day was like so far, and the week. */
function Figures() {
	const [days, setDays] = useState<Day[] | null>(null);
	useEvery(REPORT_MS, () => void fetch("/api/report", { cache: "no-store" }).then((r) => (r.ok ? r.json() : undefined)).then((json) => json !== undefined && setDays(readReport(json)), () => undefined), []);
	const today = days?.[days.length - 1];
	if (days === null || today === undefined)
		return null;
	const bars = (pick: (d: Day) => number) => days.map(pick);
	return (
		<>
			<h2>{say("Today")}</h2>
			<dl class="tiles" aria-label={say("Today")} data-testid="today">
				<Tile name={say("Conversations")} value={String(today.conversations)} testid="today-conversations" />
				<Tile name={say("Answered by bot")} value={String(today.answered)} testid="today-answered" />
				<Tile name={say("Handed over")} value={String(today.handedOver)} testid="today-handed-over" />
				<Tile name={say("Gave up waiting")} value={String(today.abandoned)} kind={today.abandoned * 10 > today.handedOver ? "long" : ""} testid="today-abandoned" />
				<Tile name={say("Median wait")} value={today.waitHalfS === null ? "–" : "≤ " + duration(today.waitHalfS)} testid="today-wait" />
				<Tile name={say("First reply, mean")} value={today.replyMeanS === null ? "–" : duration(today.replyMeanS)} testid="today-reply" />
				<Tile name={say("Rating") + (today.ratings === 0 ? "" : ", " + (today.ratings === 1 ? say("1 vote") : say("{n} votes", { n: today.ratings })))} value={today.rating === null ? "–" : outOf(today.rating.toFixed(1), 5)} testid="today-rating" />
				<Tile name={say("Resolved")} value={String(today.resolved)} testid="today-resolved" />
			</dl>
			{days.length > 1 && <div class="charts">
				<Chart title={say("Conversations")} says={say("a day")} daily times={days.map((d) => d.at)} series={[{ name: say("All"), colour: "--accent", values: bars((d) => d.conversations) }, { name: say("Handed over"), colour: "--blue", values: bars((d) => d.handedOver) }, { name: say("Gave up"), colour: "--red", values: bars((d) => d.abandoned) }]} />
				<Chart title={say("Rating")} says={say("mean of the day, 1 to 5")} none={say("Nobody has rated yet")} daily times={days.map((d) => d.at)} series={[{ name: say("Rating"), colour: "--amber", values: days.map((d) => d.rating) }]} />
			</div>}
		</>
	);
}

/* At once, and again while somebody looks at the page. */
function useEvery(ms: number, run: () => void, inputs: Inputs): void {
	useEffect(() => {
		run();
		const again = setInterval(() => !document.hidden && run(), ms);
		return () => clearInterval(again);
	}, inputs);
}

function Tile({ name, value, kind = "", testid }: { name: string; value: string; kind?: string; testid: string }) {
	return <div class={"tile " + kind} data-testid={testid}><dt>{name}</dt><dd>{value}</dd></div>;
}

function outOf(n: string | number, all: number): string {
	return say("{n} of {all}", { n, all });
}

const STATUS: Record<Colleague["status"], Text> = { online: "Online", away: "Away", gone: "Not here" };

function Row({ who, open, move }: { who: Colleague; open: (conversation: string) => void; move: () => void }) {
	return (
		<tr data-testid={"agent-" + who.name}>
			<th scope="row"><span class="with-avatar"><span class={"avatar" + (who.status === "online" ? " here" : "")} aria-hidden="true">{initials(who.display)}</span>{who.display}</span></th>
			<td>{say(STATUS[who.status])}{who.status === "away" && who.reason !== "" && who.reason !== "Away" && <span class="dim">: {sayWithin(sayKnown(who.reason))}</span>}</td>
			<td class="n">{outOf(who.chats, who.capacity)}</td>
			<td class="do">{who.conversations.length > 0 && <>
				<details><summary>{say("Look into")}</summary><ul role="list">{who.conversations.map((c, i) => <li key={c}><button class="link" onClick={() => open(c)}>{say("Chat {n}", { n: i + 1 })}</button></li>)}</ul></details>
				<button onClick={move} data-testid={"move-" + who.name}>{say("Move all …")}</button>
			</>}</td>
		</tr>
	);
}

function Move({ desk, who, close }: { desk: Desk; who: Colleague; close: () => void }) {
	const others = desk.colleagues.filter((c) => c.name !== who.name && c.status === "online");
	const queues = desk.queues.filter((q) => q !== "*");
	const [to, setTo] = useState(queues[0] === undefined ? "" : "queue:" + queues[0]);
	const [note, setNote] = useState("");
	const count = who.conversations.length;
	return (
		<Modal title={count === 1 ? say("Move the chat of {name}", { name: who.display }) : say("Move all {n} chats of {name}", { n: count, name: who.display })} close={close}>
			<form onSubmit={(ev) => {
				ev.preventDefault();
				const [kind, name = ""] = [to.slice(0, to.indexOf(":")), to.slice(to.indexOf(":") + 1)];
				for (const conversation of who.conversations)
					desk.transfer(conversation, kind === "agent" ? { agent: name } : { queue: name }, note);
				desk.lookUp("agents");
				close();
			}}>
				<label>{say("To")}<select value={to} onChange={(ev) => setTo(ev.currentTarget.value)} data-testid="move-to">
					<optgroup label={say("Back in line")}>{queues.map((q) => <option key={q} value={"queue:" + q}>{plain(q)}</option>)}</optgroup>
					{others.length > 0 && <optgroup label={say("To a colleague")}>{others.map((c) => <option key={c.name} value={"agent:" + c.name}>{c.display}, {outOf(c.chats, c.capacity)}</option>)}</optgroup>}
				</select></label>
				<label>{say("Note (optional)")}<textarea rows={3} maxLength={2000} value={note} onInput={(ev) => setNote(ev.currentTarget.value)} /></label>
				<div class="end"><button type="button" onClick={close}>{say("Cancel")}</button><button class="primary" data-testid="move-submit">{say("Move")}</button></div>
			</form>
		</Modal>
	);
}
