// The benchmark's figures as a Markdown page, with the targets beside them.

const n = (v, digits = 1) => (v === null || v === undefined ? "–" : v.toFixed(digits));

function rows(head, list) {
	return [`| ${head.join(" | ")} |`, `|${head.map(() => "---").join("|")}|`, ...list.map((r) => `| ${r.join(" | ")} |`), ""].join("\n");
}

const limits = { answerd: 3.5, "without spool": 2.8, "without log and spool": 2.3 };

export function table(r) {
	const out = [
		`answerd ${r.commit}, ${r.date}; ${r.machine.cpu}, ${r.machine.cores} cores, Linux ${r.machine.kernel}, load ${n(r.machine.load, 2)} at the start; ` +
		`${Object.entries(r.versions).map(([k, v]) => `${k}: ${v}`).join("; ")}. CPU is the server's own, in µs a message.`, "",
	];
	if (!r.spool)
		out.push("This build has no spool: “answerd” is rules and log.", "");
	if (r.versus)
		out.push("## A message and its answer, 100 shoppers, each waiting for the answer", "", rows(
			["", "µs", "× bare echo", "target", "× Node ws", "messages/s"],
			r.versus.map((v) => [v.name, n(v.cpu_us), n(v.times_bare), limits[v.name] ? `≤ ${limits[v.name]}` : "", v.times_ws ? `${n(v.times_ws, 2)} (≤ 0.75)` : "", n(v.per_s, 0)])));
	if (r.connections) {
		const base = r.connections[0].answerd.cpu_us;
		out.push("## Connections", "", rows(
			["connections", "talking", "answerd µs", "× that of 100", "without log", "bare echo", "all connected in s", "refused", "kB a shopper"],
			r.connections.map((c) => [c.connections, c.talking, n(c.answerd.cpu_us), n(c.answerd.cpu_us / base, 2), n(c["without log and spool"].cpu_us), n(c["bare echo"].cpu_us),
				n(c.answerd.connect_s, 2), c.answerd.refused, n(c.answerd.kb_a_shopper)])),
		"Targets: 10,000 of whom 100 talk ≤ 1.3 × 100 connections; 10,000 connect in ≤ 3 s, none refused; ≤ 9 kB a shopper.", "");
	}
	if (r.latency)
		out.push(`## Latency at ${r.latency.rate} messages a second, half of what it can`, "", rows(
			["", "", "p50 µs", "p99", "p99.9"],
			["answerd", "bare echo that keeps", "bare echo"].flatMap((name) => Object.entries(r.latency[name]).map(([key, v]) => [name, key.replace("_us", ""), n(v.p50, 0), n(v.p99, 0), n(v.p999, 0)]))),
		`Ack p99: ${n(r.latency.ack_p99_times_bare, 2)} × the bare echo's (target ≤ 2). CPU at this pace, where nobody saves wake-ups by being busy: ` +
			`answerd ${n(r.latency.cpu_us.answerd)} µs, bare echo that keeps ${n(r.latency.cpu_us["bare echo that keeps"])}, bare echo ${n(r.latency.cpu_us["bare echo"])}: ${n(r.latency.cpu_us.answerd / r.latency.cpu_us["bare echo"])} ×.`, "");
	if (r.rules)
		out.push("## Rules", "", rows(["rules beside the shipped", "µs", "start ms", "RSS MB", "longest turn of the loop ms", "while reloading", "longest ack ms", "while reloading"],
			r.rules.map((x) => [x.rules, n(x.cpu_us), n(x.start_ms, 0), n(x.rss_mb), n(x.turn_ms), n(x.turn_while_reloading_ms), n(x.ack_max_ms), n(x.ack_max_while_reloading_ms)])),
		"Targets: 10,000 rules start in ≤ 1 s, reload stalls ≤ 20 ms; ≤ 30 MB with the shipped rules.", "");
	if (r.length)
		out.push("## Length of the conversation", "", rows(["events", "µs"], r.length.map((x) => [x.events, n(x.cpu_us)])));
	if (r.waiting)
		out.push("## Waiting for a person", "", rows(["waiting", "µs"], r.waiting.map((x) => [x.waiting, n(x.cpu_us)])));
	if (r.agents)
		out.push("## Agents, across two daemons", "", rows(["", "a second", "µs of both daemons"], [
			["hand-offs through the queue", n(r.agents.hand_offs.per_s, 0), n(r.agents.hand_offs.cpu_us, 0)],
			["messages, agent to shopper", n(r.agents.messages_to_shopper.per_s, 0), n(r.agents.messages_to_shopper.cpu_us, 0)]]),
		"The clients are one Node process, which is what limits the numbers a second.", "");
	if (r.broadcast)
		out.push("## An announcement to 10,000 shoppers", "",
			`${r.broadcast.announced} heard it, within ${n(r.broadcast.announce_ms, 0)} ms from the first to the last; ${n(r.broadcast.announce_cpu_us)} µs each.`, "");
	if (r.understanding)
		out.push("## Understanding a sentence", "", rows(["", "µs", "same intent as answerd's rules"],
			r.understanding.map((x) => [x.name, n(x.us), x.error ?? (x.right === undefined ? "" : `${n(100 * x.right, 0)} %`)])));
	out.push(`In all ${r.seconds} s, ${r.rounds} rounds.`, ...r.complaints.map((c) => `Trouble: ${c}`), "");
	return out.join("\n");
}
