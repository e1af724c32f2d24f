// The desk console's languages: which is spoken, and that the German list and
// the sources have the same texts.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { load } from "../../src/web/load.mjs";

const { german } = await load("console/german.ts");
const { language, locale, say, sayKnown, sayWithin, speak } = await load("console/say.ts");

const dir = new URL("../../src/web/console/", import.meta.url).pathname;
const sources = fs.readdirSync(dir).filter((f) => /\.tsx?$/.test(f) && f !== "german.ts").map((f) => [f, fs.readFileSync(path.join(dir, f), "utf8")]);

test("the first language wanted that there is is spoken, and times are its country's", () => {
	const spoken = (...wanted) => (speak(wanted), [language(), locale()]);
	assert.deepEqual(spoken("de-AT", "en"), ["de", "de-AT"]);
	assert.deepEqual(spoken("fr", "de"), ["de", "de"]);
	assert.deepEqual(spoken("en-GB", "de"), ["en", "en-GB"]);
	assert.deepEqual(spoken("fr"), ["en", "en"]);
	assert.deepEqual(spoken("constructor"), ["en", "en"]);
	assert.deepEqual(spoken(), ["en", "en"]);
});

test("slots are filled in, unknown words stay, and German nouns keep their capitals within a sentence", () => {
	speak(["de"]);
	assert.equal(say("{n} of {all}", { n: 1, all: 2 }), "1 von 2");
	assert.equal(sayKnown("Lunch"), "Mittagspause");
	assert.equal(sayKnown("toString"), "toString");
	assert.equal(sayWithin(say("Complaint")), "Beschwerde");
	speak(["en"]);
	assert.equal(say("{n} of {all}", { n: 1, all: 2 }), "1 of 2");
	assert.equal(sayWithin("Writes German"), "writes German");
});

test("each German text has the slots and keys of the English one, and each is said somewhere", () => {
	const marks = (text) => (text.match(/\{\w+\}|`[^`]*`/g) ?? []).sort().join();
	for (const [text, de] of Object.entries(german)) {
		assert.notEqual(de.trim(), "", text);
		assert.equal(marks(de), marks(text), text);
		assert.ok(sources.some(([, code]) => code.includes(JSON.stringify(text))), `nobody says: ${text}`);
	}
});

test("no page says anything that stands in no list", () => {
	for (const [file, code] of sources.filter(([f]) => f.endsWith(".tsx"))) {
		const bare = [...code.matchAll(/(?:aria-label|title|placeholder|label|name|says|none)="[A-Z][^"]*"|<\/?\w+[^<>{}]*>\s*[A-Z][a-z]+[^<>{}();=]*[<{]/g)].map((m) => m[0]);
		assert.deepEqual(bare, [], file);
	}
});
