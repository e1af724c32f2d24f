// What the rules page makes of the daemon's answers, also of nonsense.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../src/web/load.mjs";

const { outcomeText, readExplained, readRules, readSamples, shortNames, weight } = await load("console/rules.ts");

test("files are told without the folder that they share", () => {
	const short = shortNames(["/etc/answerd/intents/_language/de.yaml", "/etc/answerd/intents/orders.yaml"]);
	assert.equal(short("/etc/answerd/intents/orders.yaml"), "orders.yaml");
	assert.equal(short("/etc/answerd/intents/_language/de.yaml"), "_language/de.yaml");
	assert.equal(short("/elsewhere/x.yaml"), "/elsewhere/x.yaml");
	assert.equal(shortNames([])("a/b.yaml"), "a/b.yaml");
});

test("a finding has its place, what is wrong, and what to do", () => {
	const rules = readRules({
		files: ["r/a.yaml", "r/b.yaml"], in_force: false, errors: 2, engine: "jit",
		findings: [
			{ level: "error", file: "r/a.yaml", line: 3, col: 5, text: "unknown key \"patern\"; did you mean \"pattern\"?" },
			{ level: "warning", file: "r", line: 0, col: 0, text: "no such folder" }, null, 7,
		],
		limits: [{ file: "r/b.yaml", line: 9, phrase: "a*", count: 2 }],
	});
	assert.deepEqual(rules.findings, [
		{ bad: true, place: "a.yaml:3:5", text: "unknown key \"patern\"", remedy: "did you mean \"pattern\"?" },
		{ bad: false, place: "r", text: "no such folder", remedy: "" },
	]);
	assert.deepEqual(rules.limits, [{ place: "b.yaml:9", phrase: "a*", count: 2 }]);
	assert.equal(rules.inForce, false);
	assert.equal(rules.jit, true);
	const nothing = readRules({ files: 7, findings: "x", limits: null });
	assert.deepEqual([nothing.files, nothing.findings, nothing.limits, nothing.inForce, nothing.limitText], [[], [], [], false, 2000]);
});

test("who won is marked, and a miss has no winner", () => {
	const raw = {
		outcome: "answer", intent: "refund", score: 1.5, winners: [{ intent: "refund", score: 1.5 }], corrections: ["refnud>refund"],
		evidence: [{ intent: "refund", total: 1.5, pieces: [{ phrase: "<refund>", file: "r/a.yaml", line: 2, weight: 1.5 }] }, { intent: null, total: -1, pieces: [] }],
	};
	const e = readExplained(raw, (f) => f.slice(2));
	assert.deepEqual(e.candidates.map((c) => [c.intent, c.won, c.total]), [["refund", true, 1.5], ["", false, -1]]);
	assert.deepEqual(e.candidates[0].pieces[0], { phrase: "<refund>", place: "a.yaml:2", weight: 1.5, sentence: 0 });
	assert.deepEqual(e.corrections, [{ from: "refnud", to: "refund" }]);
	assert.equal(outcomeText(e), "The bot answers");
	assert.ok(readExplained({ ...raw, outcome: "clarify" }, (f) => f).candidates.every((c) => !c.won));
	assert.equal(outcomeText(readExplained({ outcome: "miss" }, (f) => f)), "No rule answers");
	assert.equal(outcomeText(readExplained({ outcome: "escalate", by_miss: false }, (f) => f)), "Handed to a person");
	assert.equal(outcomeText(readExplained({ outcome: "escalate", by_miss: true }, (f) => f)), "No rule answers: handed to a person");
	assert.match(outcomeText(readExplained({ outcome: "miss", meta: "yes" }, (f) => f)), /“yes”/);
	assert.deepEqual(readExplained({}, (f) => f).candidates, []);
});

test("what was missed several times is listed once; weights have their sign", () => {
	const samples = readSamples({ samples: [{ text: "Parrots?", at: 3, locale: "en" }, { text: "seeds", at: 2 }, { text: "parrots? ", at: 1 }, { text: " " }, 4] });
	assert.deepEqual(samples, [{ text: "Parrots?", locale: "en", at: 3, count: 2 }, { text: "seeds", locale: "", at: 2, count: 1 }]);
	assert.deepEqual([1, -0.5, 0].map(weight), ["+1.00", "−0.50", "0.00"]);
});
