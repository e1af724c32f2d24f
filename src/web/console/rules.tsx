/*
 * The rules page: what the bot goes by, what is wrong with the files since, why
 * a sentence gets what it gets, and what was not answered lately. It shows;
 * rules are edited in their files.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { dayName, hourMinute } from "../shared/clock.ts";
import { clean, length } from "../shared/wire.ts";
import { ask, outcomeText, readExplained, readRules, readSamples, shortNames, weight, type Candidate, type Explained, type Finding, type Rules, type Sample } from "./rules.ts";
import { Marked } from "./list.tsx";
import { locale, say } from "./say.ts";
import { plain } from "./words.ts";

const AGAIN_MS = 5_000;

export function RulesPage({ back }: { back: () => void }) {
	const [rules, setRules] = useState<Rules | null>(null);
	const [files, setFiles] = useState<string[]>([]);
	const [samples, setSamples] = useState<Sample[] | null>(null);
	const [trouble, setTrouble] = useState("");
	const [sentence, setSentence] = useState("");
	const [explained, setExplained] = useState<Explained | null>(null);
	const [refused, setRefused] = useState("");
	const heading = useRef<HTMLHeadingElement>(null);
	const result = useRef<HTMLDivElement>(null);

	useEffect(() => {
		let on = true;
		const look = async () => {
			const [now, lately] = await Promise.all([ask("/api/rules"), ask("/api/unanswered")]);
			if (!on)
				return;
			if ("ok" in now) {
				setRules(readRules(now.ok));
				setFiles(Array.isArray(now.ok.files) ? now.ok.files.map(String) : []);
			}
			if ("ok" in lately)
				setSamples(readSamples(lately.ok));
			setTrouble("why" in now ? now.why : "why" in lately ? lately.why : "");
		};
		void look();
		heading.current?.focus();
		const again = setInterval(() => !document.hidden && void look(), AGAIN_MS);
		return () => {
			on = false;
			clearInterval(again);
		};
	}, []);

	const limit = rules?.limitText ?? 2000;
	const attempt = async (text: string) => {
		const said = clean(text);
		if (said === "" || length(said) > limit)
			return;
		const answer = await ask("/api/match", { text: said });
		setRefused("why" in answer ? answer.why : "");
		setExplained("ok" in answer ? readExplained(answer.ok, shortNames(files)) : null);
	};
	const again = (text: string) => {
		setSentence(text);
		void attempt(text).then(() => result.current?.scrollIntoView({ block: "nearest" }));
	};

	return (
		<div class="rulespage" data-testid="rules">
			<header>
				<button class="icon back" onClick={back} aria-label={say("Back to the lists")}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m15 5-7 7 7 7" /></svg></button>
				<h1 tabIndex={-1} ref={heading}>{say("Rules")}</h1>
			</header>
			{trouble !== "" && <p class="panel bad" role="status">{trouble}</p>}
			{rules !== null && <State rules={rules} />}

			<section class="panel" aria-labelledby="rules-try">
				<h2 id="rules-try">{say("Try a sentence")}</h2>
				<p class="dim">{say("What the bot would do with it at the start of a chat, and why. Nobody is told and nothing is kept.")}</p>
				<form class="try" onSubmit={(ev) => {
					ev.preventDefault();
					void attempt(sentence);
				}}>
					<input value={sentence} onInput={(ev) => setSentence(ev.currentTarget.value)} aria-label={say("A visitor's sentence")} placeholder="where is my order 12345678?" autocomplete="off" data-testid="rules-sentence" />
					<button class="primary" disabled={clean(sentence) === "" || length(clean(sentence)) > limit} data-testid="rules-try">{say("Try it")}</button>
				</form>
				{length(clean(sentence)) > limit && <p class="error" role="status">{say("At most {limit} characters, as for visitors.", { limit })}</p>}
				<div ref={result} role="status" aria-live="polite">
					{refused !== "" && <p class="error" data-testid="rules-refused">{refused}</p>}
					{explained !== null && <Why e={explained} />}
				</div>
			</section>

			<section class="panel" aria-labelledby="rules-missed">
				<h2 id="rules-missed">{say("Not answered lately")}</h2>
				<p class="dim"><Marked text={say("What no rule answered in the last seven days, the newest first; numbers and addresses are masked. `answerctl unanswered --draft` makes rules of it.")} as="code" /></p>
				<Missed samples={samples} attempt={again} />
			</section>

			{rules !== null && <Files rules={rules} />}
		</div>
	);
}

function moment(ms: number): string {
	const day = dayName(ms, Date.now(), locale(), "", say("yesterday"));
	return (day === "" ? "" : day + ", ") + hourMinute(ms, locale());
}

/* -- what is in force --------------------------------------------------- */

function State({ rules }: { rules: Rules }) {
	const errors = rules.findings.filter((f) => f.bad);
	const warnings = rules.findings.filter((f) => !f.bad);
	return (
		<>
			{!rules.inForce && (
				<section class="panel bad" aria-labelledby="rules-errors" data-testid="rules-errors">
					<h2 id="rules-errors">{rules.errors === 1 ? say("The files have an error") : say("The files have {n} errors", { n: rules.errors })}</h2>
					<p>{say("Tried {tried}, and not taken: the bot goes on with the rules of {loaded}. Mend the files and save; they are read again by themselves.", { tried: moment(rules.triedMs), loaded: moment(rules.loadedMs) })}</p>
					<Findings list={errors} />
					{rules.errors > errors.length && <p class="more">{say("And {n} more, once these are mended.", { n: rules.errors - errors.length })}</p>}
				</section>
			)}
			<section class="panel" aria-labelledby="rules-now" data-testid="rules-now">
				<h2 id="rules-now">{say("In force")}{rules.loading && <span class="state queued">{say("reading the files …")}</span>}</h2>
				<dl class="tiles">
					<div><dt>{say("Loaded")}</dt><dd>{moment(rules.loadedMs)}</dd></div>
					<div><dt>{say("Intents")}</dt><dd>{rules.intents}</dd></div>
					<div><dt>{say("Files")}</dt><dd>{rules.files.length}</dd></div>
					<div><dt>{say("Version")}</dt><dd><code>{rules.version}</code></dd></div>
					<div><dt>{say("Patterns run")}</dt><dd>{rules.jit ? say("compiled (JIT)") : say("interpreted")}</dd></div>
				</dl>
				{!rules.jit && <p class="dim">{say("PCRE2's compiler is not at hand here: the same answers, some ten times slower.")}</p>}
				{rules.limits.length > 0 && (
					<div class="limits" data-testid="rules-limits">
						<h3>{say("At PCRE2's limits")}</h3>
						<p><Marked text={say("These gave up on some messages, so a “no” of theirs may be wrong. `answerctl lint` says how to write them.")} as="code" /></p>
						<ul class="findings">{rules.limits.map((l) => <li key={l.place + l.phrase}><code>{l.place}</code><p><q>{l.phrase}</q>, {l.count === 1 ? say("once") : say("{n} times", { n: l.count })}</p></li>)}</ul>
					</div>
				)}
				{rules.inForce && warnings.length > 0 && <details><summary>{warnings.length === 1 ? say("One warning") : say("{n} warnings", { n: warnings.length })}</summary><Findings list={warnings} /></details>}
			</section>
		</>
	);
}

function Findings({ list }: { list: Finding[] }) {
	return (
		<ul class="findings" data-testid="rules-findings">
			{list.map((f, i) => <li key={i}><code>{f.place}</code><p>{f.text}</p>{f.remedy !== "" && <p class="remedy">{f.remedy}</p>}</li>)}
		</ul>
	);
}

function Files({ rules }: { rules: Rules }) {
	return (
		<section class="panel" aria-labelledby="rules-files">
			<h2 id="rules-files">{say("Files")}</h2>
			<ul class="files">{rules.files.map((f) => <li key={f}><code>{f}</code></li>)}</ul>
		</section>
	);
}

/* -- why ------------------------------------------------------------------ */

function Why({ e }: { e: Explained }) {
	const most = Math.max(...e.candidates.map((c) => Math.abs(c.total)), 1);
	return (
		<div class="why-so" data-testid="rules-why">
			<p class="outcome"><span class={"state " + (e.outcome === "miss" ? "queued" : e.outcome === "answer" ? "assigned" : "bot")} data-testid="rules-outcome">{outcomeText(e)}</span>
				{e.intent !== "" && <><b>{plain(e.intent)}</b><span class="dim">{e.score.toFixed(2)}</span></>}
			</p>
			{e.answer !== "" && <p class="bubble" data-testid="rules-answer">{e.answer}</p>}
			<dl class="read">
				<div><dt>{say("Read as")}</dt><dd><code>{e.normalised}</code></dd></div>
				{e.corrections.length > 0 && <div><dt>{say("Corrected")}</dt><dd>{e.corrections.map((c) => <span key={c.from}><s>{c.from}</s> {c.to}</span>)}</dd></div>}
				{e.entities.length > 0 && <div><dt>{say("Found")}</dt><dd>{e.entities.map((f, i) => <span key={i}>{plain(f.name)}: <b>{f.value}</b></span>)}</dd></div>}
				{e.near.length > 0 && <div><dt>{say("Nearest")}</dt><dd>{e.near.map((n) => <span key={n.intent}>{plain(n.intent)} {n.score.toFixed(2)}</span>)}</dd></div>}
			</dl>
			{e.limitsHit > 0 && <p class="error">{say("{n} patterns gave up on this sentence.", { n: e.limitsHit })}</p>}
			{e.candidates.length === 0
				? <p class="dim">{say("No phrase of any rule is in it.")}</p>
				: <ol class="candidates">{e.candidates.map((c) => <Scored key={c.intent} c={c} most={most} />)}</ol>}
		</div>
	);
}

function Scored({ c, most }: { c: Candidate; most: number }) {
	return (
		<li class={"candidate" + (c.won ? " won" : "")} data-testid="rules-candidate" data-intent={c.intent}>
			<h3>{c.intent === "" ? say("Against all") : plain(c.intent)}{c.won && <span class="tag prio">{say("won")}</span>}<span class={"sum" + (c.total < 0 ? " minus" : "")}>{weight(c.total)}</span></h3>
			<progress aria-hidden="true" max={most} value={Math.max(0, c.total)} />
			<ul>
				{c.pieces.map((p, i) => (
					<li key={i}><span class={"sum" + (p.weight < 0 ? " minus" : "")}>{weight(p.weight)}<span class="sr">, {p.weight < 0 ? say("against") : say("for")}</span></span>
						<code class="phrase">{p.phrase}</code>
						<span class="dim place">{p.place}{p.sentence > 0 ? ", " + say("sentence {n}", { n: p.sentence + 1 }) : ""}</span>
					</li>
				))}
			</ul>
		</li>
	);
}

/* -- what was missed ------------------------------------------------------ */

function Missed({ samples, attempt }: { samples: Sample[] | null; attempt: (text: string) => void }) {
	if (samples === null)
		return null;
	if (samples.length === 0)
		return <p class="empty-line" data-testid="rules-samples">{say("Nothing: every question got an answer.")}</p>;
	return (
		<ul class="samples" data-testid="rules-samples">
			{samples.map((s) => (
				<li key={s.text}>
					<span class="said" lang={s.locale || undefined} dir="auto">{s.text}</span>
					{s.count > 1 && <b class="times">{s.count}×</b>}
					<span class="dim when">{moment(s.at)}</span>
					<button class="link" onClick={() => attempt(s.text)} aria-label={say("Try") + ": " + s.text}>{say("Try")}</button>
				</li>
			))}
		</ul>
	);
}
