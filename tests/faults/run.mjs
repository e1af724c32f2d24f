// `make test-faults`: each scenario after the other, a line as each ends, the
// table and JSON under build/faults/. ONLY=name,name runs those; BRIEF=1 the
// short form; SEED= another one, which a failing line names.

import fs from "node:fs";
import path from "node:path";
import { build } from "../blackbox/lib.mjs";
import { MUST_BE_ZERO } from "./ledger.mjs";
import { scenarios } from "./scenarios.mjs";

const COLUMNS = ["sent", "acked", "stored", ...MUST_BE_ZERO];
const brief = process.env.BRIEF === "1";
const only = (process.env.ONLY || "").split(",").filter(Boolean);
const seed = Number(process.env.SEED || 20261);
const names = Object.keys(scenarios).filter((n) => (only.length ? only.includes(n) : !brief || scenarios[n].brief));
const unknown = only.filter((n) => !scenarios[n]);
const line = (name, cells, rest) => `${name.padEnd(20)} ${cells.map((c) => String(c ?? "-").padStart(10)).join("")}  ${rest}`;

async function play(name) {
	const jobs = [];
	const began = Date.now();
	let f;
	try {
		f = await scenarios[name].run({ after: (job) => jobs.unshift(job) }, { seed, brief });
	} catch (e) {
		f = { faults: [e.stack] };
	}
	for (const job of jobs)
		try {
			await job();
		} catch (e) {
			(f.faults ??= []).push(e.message);
		}
	f.faults = [...(f.faults ?? []), ...(f.what ?? [])];
	f.seconds = Math.round((Date.now() - began) / 1000);
	return f;
}

if (unknown.length) {
	console.error(`no scenario ${unknown.join(", ")}; there are: ${Object.keys(scenarios).join(" ")}`);
	process.exit(64);
}
const results = {};
const table = [line("scenario", COLUMNS, "")];
console.log(`seed ${seed}\n${table[0]}`);
for (const name of names) {
	const f = results[name] = { what: scenarios[name].what, ...await play(name), seed };
	const more = ["reconnect_p99_ms", "ack_p99_ms", "answer_p99_ms", "answers_meanwhile", "resets", "refused"].filter((k) => f[k] !== undefined && f[k] !== null).map((k) => `${k}=${f[k]}`).join(" ");
	table.push(line(name, COLUMNS.map((c) => f[c]), `${f.seconds} s ${f.faults.length ? "FAILED" : "ok"} ${more}`));
	console.log(table.at(-1));
	for (const text of f.faults.slice(0, 8))
		console.log(`    ${text}`);
}
const dir = path.join(build, "faults");
fs.mkdirSync(dir, { recursive: true });
fs.writeFileSync(path.join(dir, "faults.json"), JSON.stringify(results, null, "\t") + "\n");
fs.writeFileSync(path.join(dir, "faults.txt"), table.join("\n") + "\n");
const failed = names.filter((n) => results[n].faults.length).length;
console.log(`faults: ${names.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
