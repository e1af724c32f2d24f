// nlp.js and RiveScript on the same sentences as answerd's rules: how long one
// takes to understand a sentence, and how many of them it gives the same
// intent. nlp.js learns the rules' examples; RiveScript gets them as triggers
// with something before and after.
//
//   node bots.mjs <input.json      {intents: [{name, examples}], sentences}

import fs from "node:fs";
import { dockStart } from "@nlpjs/basic";
import RiveScript from "rivescript";

const { intents, sentences } = JSON.parse(fs.readFileSync(0, "utf8"));
const SECONDS = 3;

async function nlpjs() {
	const dock = await dockStart({ settings: { nlp: { autoSave: false, log: false, threshold: 0.5, languages: ["en"] } }, use: ["Basic", "LangEn"] }).catch(() => dockStart({ use: ["Basic"] }));
	const nlp = dock.get("nlp");
	nlp.settings.autoSave = false;
	nlp.settings.log = false;
	nlp.addLanguage("en");
	for (const { name, examples } of intents)
		for (const e of examples)
			nlp.addDocument("en", e, name);
	await nlp.train();
	return async (text) => (await nlp.process("en", text)).intent;
}

async function rivescript() {
	const bot = new RiveScript({ utf8: false });
	let script = "";
	for (const { name, examples } of intents)
		for (const e of examples) {
			const words = e.toLowerCase().replace(/[^a-z0-9 ]/g, " ").replace(/\s+/g, " ").trim();
			if (words)
				script += `+ [*] ${words} [*]\n- ${name}\n\n`;
		}
	script += "+ *\n- none\n";
	bot.stream(script);
	bot.sortReplies();
	return async (text) => bot.reply("user", text);
}

async function measure(name, make) {
	const ask = await make();
	const got = [];
	for (const s of sentences)
		got.push(await ask(s.text));
	const right = sentences.filter((s, i) => got[i] === s.intent).length;
	const end = Date.now() + SECONDS * 1000;
	const before = process.cpuUsage();
	let n = 0;
	do {
		for (const s of sentences)
			await ask(s.text);
		n += sentences.length;
	} while (Date.now() < end);
	const used = process.cpuUsage(before);
	return { name, us: (used.user + used.system) / n, right: right / sentences.length };
}

const log = console.log;
console.log = () => {};
const out = [];
for (const [name, make] of [["nlp.js", nlpjs], ["RiveScript", rivescript]])
	out.push(await measure(name, make).catch((e) => ({ name, error: e.message })));
log(JSON.stringify(out));
process.exit(0);
