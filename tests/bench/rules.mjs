// Rules of any number for the benchmark, the same from the same number on
// every machine, and the shipped rules' examples by intent.

import fs from "node:fs";
import path from "node:path";

const FILE = 500; /* intents in one file */
const words = ("order delivery refund return account address payment invoice parcel shipping card price discount voucher code exchange " +
	"size colour stock store newsletter password email phone warranty repair manual subscription courier locker customs fee receipt review " +
	"gift balance bank transfer charge basket checkout tracking label box photo proof claim deadline battery charger cable screen quality offer").split(" ");
const verbs = "cancel change track find get ask send check need want lost stop start update open close".split(" ");

/* Goods of the shop: made up, so that large sets are large. */
function good(i) {
	const a = ["bo", "ka", "li", "mu", "ne", "po", "ra", "si", "tu", "va"];
	return [i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100) % 10, Math.floor(i / 1000) % 10].map((d) => a[d]).join("") + "x";
}

/* `n` rules of one phrase each, four to an intent, beside those of `shipped`,
 * which answer: what a message costs then is not that nobody understood it. */
export function writeRules(dir, n, shipped) {
	fs.cpSync(shipped, dir, { recursive: true });
	fs.rmSync(path.join(dir, "tests"), { recursive: true, force: true });
	for (let at = 0; at < n; at += FILE) {
		let text = "language: en\nintents:\n";
		for (let i = at; i < Math.min(n, at + FILE); i += 4) {
			text += `  - name: rule_${i}\n    about: ${words[i % words.length]} ${i}\n    match:\n`;
			for (let k = i; k < Math.min(i + 4, n, at + FILE); k++)
				text += `      - (${verbs[k % verbs.length]}|${verbs[(k * 7 + 3) % verbs.length]}) ~ ${good(k)} ~~ (${words[k % words.length]}|${words[(k * 5 + 1) % words.length]})\n`;
			text += `    answer:\n      - About that, look at https://shop.example/help/${i}.\n`;
		}
		fs.writeFileSync(path.join(dir, `r${String(at / FILE).padStart(3, "0")}.yaml`), text);
	}
}

/* [{name, examples}], enough YAML for the files we ship. */
export function readExamples(dir) {
	const intents = [];
	for (const file of fs.readdirSync(dir).filter((f) => f.endsWith(".yaml"))) {
		let inside = false;
		for (const line of fs.readFileSync(path.join(dir, file), "utf8").split("\n")) {
			const name = /^ {2}- name: (\S+)/.exec(line);
			const item = /^ {6}- (.*)$/.exec(line);
			if (name)
				intents.push({ name: name[1], examples: [] });
			if (/^ {4}\w+:/.test(line))
				inside = /^ {4}examples:/.test(line);
			else if (inside && item && intents.length)
				intents.at(-1).examples.push(item[1].trim().replace(/^(['"])(.*)\1$/, "$2"));
		}
	}
	return intents.filter((i) => i.examples.length > 0);
}
