// What was sent, what was said about it, and what stands in the logs, held
// against each other. Pure: lists in, figures out, so that the check itself is
// tested with doctored lists (see doctored() below and the first row of every
// run). It knows neither sockets nor Redis.

export const MUST_BE_ZERO = ["lost", "doubled", "misordered", "foreign", "stuck"];

/* `sent`: one a message, in the order of each sender: {sender, id, text,
 * acked, stored, refused, conversation, seq, epoch}; the last three as its
 * `stored` said. `logs`: {conversation: {epoch, state, due, events}}, an event
 * {seq, type, id, sender, text, reply_to}. `others`: ids that are none of
 * theirs and rightly there. `foreign` and `stuck`: what the clients saw
 * themselves. Gives the figures and `what`, a line for each
 * fault. */
export function judge({ sent, logs, others = new Set(), foreign = [], stuck = [] }) {
	const f = { sent: sent.length, acked: 0, stored: 0, lost: 0, doubled: 0, misordered: 0, foreign: 0, stuck: 0, what: [] };
	const fault = (kind, text) => {
		f[kind]++;
		f.what.push(`${kind}: ${text}`);
	};
	for (const text of foreign)
		fault("foreign", text);
	for (const text of stuck)
		fault("stuck", text);
	const places = placesOf(logs);
	for (const m of sent) {
		f.acked += m.acked ? 1 : 0;
		f.stored += m.stored ? 1 : 0;
		judgeOne(m, places.get(`${m.sender} ${m.id}`) ?? [], logs, fault);
	}
	for (const [name, log] of Object.entries(logs))
		judgeLog(name, log, sent, others, fault);
	return f;
}

/* "sender id" to where it stands. */
function placesOf(logs) {
	const places = new Map();
	for (const [conversation, log] of Object.entries(logs))
		for (const e of log.events) {
			const key = `${e.sender} ${e.id}`;
			if (!places.has(key))
				places.set(key, []);
			places.get(key).push({ conversation, ...e });
		}
	return places;
}

function judgeOne(m, at, logs, fault) {
	const name = `${m.id} of ${m.sender}`;
	if (at.length === 0) {
		if (!m.refused)
			fault("lost", `${name}${m.stored ? ", which was called stored" : ""}`);
		return;
	}
	if (at.length > 1)
		fault("doubled", `${name} stands at ${at.map((e) => e.seq).join(" and ")}`);
	if (at[0].text !== m.text)
		fault("foreign", `${name} has another text`);
	if (m.conversation !== undefined && at[0].conversation !== m.conversation)
		fault("foreign", `${name} stands in another conversation`);
	/* A seq holds as long as its epoch. */
	if (m.stored && m.epoch === logs[at[0].conversation].epoch && at[0].seq !== m.seq)
		fault("misordered", `${name} was called stored as ${m.seq} and is ${at[0].seq}`);
}

function judgeLog(name, log, sent, others, fault) {
	log.events.forEach((e, i) => {
		if (e.seq !== i + 1)
			fault("misordered", `${name} has seq ${e.seq} at place ${i + 1}`);
	});
	const order = new Map(sent.map((m, i) => [`${m.sender} ${m.id}`, i]));
	const last = new Map();
	const answered = new Set(log.events.map((e) => e.reply_to).filter(Boolean));
	let withBot = true;
	for (const e of log.events) {
		if (e.type === "state")
			withBot = e.state === "bot";
		const i = order.get(`${e.sender} ${e.id}`);
		if (i === undefined) {
			if (e.type === "message" && (e.sender.startsWith("s") || e.sender.startsWith("a:")) && !others.has(e.id))
				fault("foreign", `${e.id} in ${name}, which nobody sent`);
			continue;
		}
		if (i < (last.get(e.sender) ?? -1))
			fault("misordered", `${e.id} in ${name} stands behind what was sent later`);
		last.set(e.sender, i);
		if (withBot && e.sender.startsWith("s") && !answered.has(e.id))
			fault("stuck", `${e.id} in ${name} has no answer`);
	}
	if (log.state !== "closed" && !log.due)
		fault("stuck", `${name} is ${log.state} and has no next step`);
	if (log.state === "assigned" && !log.owner)
		fault("stuck", `${name} is assigned to nobody`);
}

/* A right ledger, and one spoilt in each way: {kind, input}. */
export function doctored() {
	const right = () => {
		const sent = [1, 2, 3].map((n) => ({ sender: "s1", id: `m${n}`, text: `t${n}`, acked: true, stored: true, conversation: "c", seq: 2 * n - 1, epoch: "e" }));
		const events = sent.flatMap((m) => [
			{ seq: m.seq, type: "message", id: m.id, sender: "s1", text: m.text },
			{ seq: m.seq + 1, type: "message", id: `${m.id}.a`, sender: "b", text: "x", reply_to: m.id },
		]);
		return { sent, logs: { c: { epoch: "e", state: "bot", due: 1, events } } };
	};
	const spoilt = (kind, spoil) => {
		const input = right();
		spoil(input, input.logs.c.events);
		return { kind, input };
	};
	const renumber = (events) => events.forEach((e, i) => {
		e.seq = i + 1;
	});
	return [
		{ kind: null, input: right() },
		spoilt("lost", (x, e) => e.splice(4, 2)),
		spoilt("doubled", (x, e) => e.push({ ...e[0], seq: 7 })),
		spoilt("misordered", (x, e) => {
			e.unshift(...e.splice(2, 2));
			renumber(e);
			for (const m of x.sent)
				m.seq = e.find((v) => v.id === m.id).seq;
		}),
		spoilt("misordered", (x, e) => {
			e[5].seq = 8;
		}),
		spoilt("misordered", (x) => {
			x.sent[1].seq = 2;
		}),
		spoilt("foreign", (x, e) => e.push({ seq: 7, type: "message", id: "z1", sender: "s9", text: "?" })),
		spoilt("foreign", (x, e) => {
			e[0].text = "other";
		}),
		spoilt("foreign", (x) => {
			x.foreign = ["a frame of somebody else"];
		}),
		spoilt("stuck", (x, e) => e.pop()),
		spoilt("stuck", (x) => {
			x.logs.c.due = 0;
		}),
		spoilt("stuck", (x) => {
			x.logs.c.state = "assigned";
		}),
		spoilt("stuck", (x) => {
			x.stuck = ["outbox not empty"];
		}),
	];
}
