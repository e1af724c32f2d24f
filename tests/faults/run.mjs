// `make test-faults`: the scenarios, some at a time, each in a process of its
// own; a line as each ends, the table and JSON under build/faults/.
// ONLY=name,name runs those; BRIEF=1 the short form; SEED= another one, which
// the first line names; JOBS= how many at a time. What went wrong leaves all
// that there is to know in NAME-failed.json.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../blackbox/lib.mjs";
import { MUST_BE_ZERO } from "./ledger.mjs";
import { scenarios } from "./scenarios.mjs";

const COLUMNS = ["sent", "acked", "stored", ...MUST_BE_ZERO];
const brief = process.env.BRIEF === "1";
const only = (process.env.ONLY || "").split(",").filter(Boolean);
const seed = Number(process.env.SEED || 20261);
const names = Object.keys(scenarios).filter((n) => (only.length ? only.includes(n) : !brief || scenarios[n].brief));
const unknown = only.filter((n) => !scenarios[n]);
const dir = path.join(build, "faults");
const line = (name, cells, rest) => `${name.padEnd(20)} ${cells.map((c) => String(c ?? "-").padStart(10)).join(" ")}  ${rest}`;

async function play(name) {
	const jobs = [];
	const began = Date.now();
	const t = { after: (job) => jobs.unshift(job) };
	let f;
	try {
		f = await scenarios[name].run(t, { name, seed, brief });
	} catch (e) {
		f = { faults: [e.stack] };
		t.thrown?.(e); /* while all that tells of it is still there */
	}
	for (const job of jobs)
		try {
			await job();
		} catch (e) {
			(f.faults ??= []).push(e.message);
		}
	f.faults = [...(f.faults ?? []), ...(f.what ?? [])];
	f.seconds = Math.round((Date.now() - began) / 1000);
	return { ...f, what: scenarios[name].what, seed, brief };
}

/* In a process of its own, which leaves its figures in a file. */
function playApart(name) {
	const file = path.join(dir, `${name}.json`);
	fs.rmSync(file, { force: true });
	return new Promise((resolve) => {
		const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: ["ignore", "pipe", "pipe"] });
		let words = "";
		for (const stream of [child.stdout, child.stderr])
			stream.on("data", (text) => {
				words += text;
			});
		child.on("close", () => resolve(fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : { faults: [`it ended by itself\n${words}`] }));
	});
}

function show(name, f) {
	const known = new Set([...COLUMNS, "what", "faults", "seconds", "seed", "brief", "skipped"]);
	const more = Object.entries(f).filter(([k, v]) => !known.has(k) && v !== undefined && v !== null).map(([k, v]) => `${k}=${v}`).join(" ");
	const how = f.faults.length ? "FAILED" : f.skipped ? `skipped: ${f.skipped}` : "ok";
	console.log(line(name, COLUMNS.map((c) => f[c]), `${f.seconds} s ${how} ${more}`));
	for (const text of f.faults.slice(0, 8))
		console.log(`    ${text}`);
}

async function playAll() {
	const results = {};
	const one = async (name) => {
		results[name] = await playApart(name);
		show(name, results[name]);
	};
	const together = names.filter((n) => !scenarios[n].alone);
	const jobs = Number(process.env.JOBS || 3);
	await Promise.all(Array.from({ length: jobs }, async () => {
		while (together.length)
			await one(together.shift());
	}));
	for (const name of names.filter((n) => scenarios[n].alone))
		await one(name);
	return results;
}

fs.mkdirSync(dir, { recursive: true });
if (process.argv.length > 2) {
	const [, , name] = process.argv;
	fs.writeFileSync(path.join(dir, `${name}.json`), JSON.stringify(await play(name)));
	process.exit(0);
}
if (unknown.length) {
	console.error(`no scenario ${unknown.join(", ")}; there are: ${Object.keys(scenarios).join(" ")}`);
	process.exit(64);
}
console.log(`seed ${seed}\n${line("scenario", COLUMNS, "")}`);
const results = await playAll();
fs.writeFileSync(path.join(dir, "faults.json"), JSON.stringify(results, null, "\t") + "\n");
const failed = names.filter((n) => results[n].faults.length).length;
const skipped = names.filter((n) => results[n].skipped).length;
console.log(`faults: ${names.length - failed - skipped} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failed ? 1 : 0);
