// What is shown: links that cannot run anything, times, colours, rows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../src/web/load.mjs";

const { linkify, safeHref } = await load("shared/linkify.ts");
const { duration, etaMinutes, dayName } = await load("shared/clock.ts");
const { contrast, parseHex, readable, textOn } = await load("shared/colour.ts");
const { rows } = await load("widget/rows.ts");
const { Timeline } = await load("shared/timeline.ts");
const { languages, textsFor, fill, isRtl } = await load("widget/texts.ts");
const { ago, askText, reasonText, ratingText, findCanned, fillCanned, offeredCanned, soughtCanned, patience, slug } = await load("console/words.ts");

const links = (text) => linkify(text).filter((p) => p.href).map((p) => [p.text, p.href]);

test("web and mail addresses become links without the sentence's punctuation", () => {
	assert.deepEqual(links("See https://shop.example/a?b=1&c=2."), [["https://shop.example/a?b=1&c=2", "https://shop.example/a?b=1&c=2"]]);
	assert.deepEqual(links("(https://en.example/wiki/Mug_(cup))!"), [["https://en.example/wiki/Mug_(cup)", "https://en.example/wiki/Mug_(cup)"]]);
	assert.deepEqual(links("www.shop.example, please"), [["www.shop.example", "https://www.shop.example/"]]);
	assert.deepEqual(links("write to anna.weber@shop.example."), [["anna.weber@shop.example", "mailto:anna.weber@shop.example"]]);
	assert.deepEqual(links("order 12345678 for 20.50 at 5 pm"), []);
});

test("the parts put together are the text, whatever it is", () => {
	for (const text of ["", "https://", "a https://x.example b", "<b>https://x.example</b>", "https://x.example https://y.example", "😀 www.a.example 😀", "javascript:alert(1)", "a@b", "http://[::1", "https://x.example/".repeat(50)])
		assert.equal(linkify(text).map((p) => p.text).join(""), text);
});

test("nothing that could run becomes a link", () => {
	for (const bad of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x.example/1", "", "//", "java\nscript:alert(1)"])
		assert.equal(safeHref(bad), null, bad);
	assert.equal(safeHref("/returns", "https://shop.example/a"), "https://shop.example/returns");
	assert.equal(safeHref("tel:+4930123456"), "tel:+4930123456");
});

test("a long text without links is quick to look through", () => {
	const began = process.cpuUsage();
	linkify("a.".repeat(50_000));
	linkify("a@".repeat(50_000));
	linkify("@.".repeat(50_000) + "www.".repeat(20_000));
	assert.ok(process.cpuUsage(began).user / 1e3 < 1500);
});

test("waiting times read as clocks, and a range of minutes holds what it says", () => {
	assert.deepEqual([0, 59, 61, 3599, 3600, 36061].map(duration), ["0:00", "0:59", "1:01", "59:59", "1:00:00", "10:01:01"]);
	assert.deepEqual(etaMinutes([61, 200]), [1, 4]);
	assert.deepEqual(etaMinutes([0, 20]), [0, 1]);
});

test("days are called by name", () => {
	const noon = new Date(2024, 4, 15, 12).getTime();
	assert.equal(dayName(noon, noon, "en", "Today", "Yesterday"), "Today");
	assert.equal(dayName(noon - 86_400_000, noon, "en", "Today", "Yesterday"), "Yesterday");
	assert.match(dayName(noon - 3 * 86_400_000, noon, "en", "Today", "Yesterday"), /Sunday/);
	assert.match(dayName(noon - 3 * 86_400_000, noon, "no such locale!", "Today", "Yesterday"), /Sunday/);
});

test("yesterday is the day before, however long today is", (t) => {
	const zone = process.env.TZ;
	t.after(() => {
		if (zone === undefined)
			delete process.env.TZ;
		else
			process.env.TZ = zone;
	});
	process.env.TZ = "Europe/Berlin";
	// The clocks went back: half past eleven is 24.5 hours after midnight.
	const now = Date.parse("2026-10-25T22:30:00Z");
	assert.equal(dayName(Date.parse("2026-10-24T20:00:00Z"), now, "en", "Today", "Yesterday"), "Yesterday");
	assert.equal(dayName(Date.parse("2026-10-24T22:10:00Z"), now, "en", "Today", "Yesterday"), "Today");
	// And forward.
	assert.equal(dayName(Date.parse("2026-03-28T12:00:00Z"), Date.parse("2026-03-29T21:30:00Z"), "en", "Today", "Yesterday"), "Yesterday");
});

test("any colour of a shop can be read, on light and on dark", () => {
	for (const hex of ["#000", "#fff", "#ff0", "#a4502f", "#1f5f4a", "#777777", "#00f", "#e91e63", "#808080", "#ffe"]) {
		const rgb = parseHex(hex);
		assert.ok(contrast(rgb, parseHex(textOn(rgb))) >= 4.2, hex);
		for (const ground of ["#f3f4f3", "#282c33"])
			assert.ok(contrast(readable(rgb, parseHex(ground)).match(/\d+/g).map(Number), parseHex(ground)) >= 4.5, hex + " on " + ground);
	}
	assert.equal(parseHex("red; background: url(x)"), null);
});

function source(frames, more = {}) {
	const log = new Timeline();
	frames.forEach((f, i) => log.put({ at: 1_700_000_000_000 + i * 1000, seq: i + 1, ...f }));
	return { past: [], current: log.list(), status: () => "stored", rated: () => false, fresh: false, listening: true, ...more };
}
const own = (id, text) => ({ type: "message", id, from: "shopper", text });
const bot = (id, text, buttons) => ({ type: "message", id, from: "bot", text, buttons });

test("quick replies can be pressed until the shopper says something; then the one that was taken is marked", () => {
	const offered = [own("m1", "hi"), bot("m1.a", "Which?", [{ text: "Red", value: "r" }, { text: "Blue", value: "b" }])];
	const [, , before] = rows(source(offered));
	assert.equal(before.open, true);
	const after = rows(source([...offered, own("m2", "Blue")])).find((r) => r.key === "bot:m1.a");
	assert.deepEqual([after.open, after.used], [false, "Blue"]);
	assert.equal(rows(source(offered, { listening: false }))[2].open, false);
});

test("states are said when they change, and the bot's first one is not news", () => {
	const events = rows(source([{ type: "state", state: "bot" }, own("a", "x"), { type: "state", state: "queued" }, { type: "state", state: "queued" }, { type: "state", state: "assigned", agent: "Maria" }, { type: "state", state: "closed" }]))
		.filter((r) => r.kind === "event").map((r) => r.event + r.name);
	assert.deepEqual(events, ["queued", "assignedMaria", "closed"]);
});

test("a question for feedback goes when the shopper writes on, and stays as thanks when it was answered", () => {
	const ask = { type: "ask_feedback", id: "f1", kind: "solved" };
	const kinds = (list, more) => rows(source(list, more)).filter((r) => r.kind === "ask").map((r) => r.rated);
	assert.deepEqual(kinds([own("a", "x"), ask]), [false]);
	assert.deepEqual(kinds([own("a", "x"), ask, own("b", "y")]), []);
	assert.deepEqual(kinds([own("a", "x"), ask, own("b", "y")], { rated: () => true }), [true]);
	// A second one right after it: thanks are said once.
	const two = [own("a", "x"), ask, { type: "feedback", id: "m", ask: "f1" }, { ...ask, id: "f2", kind: "ces" }];
	assert.deepEqual(kinds(two), [false]);
	assert.deepEqual(kinds([...two, { type: "feedback", id: "n", ask: "f2" }]), [true]);
});

test("what one sender says in a row is one group; a day is named once", () => {
	const list = rows(source([own("a", "1"), own("b", "2"), bot("b.a", "3"), bot("b.b", "4")])).filter((r) => r.kind === "message");
	assert.deepEqual(list.map((r) => [r.first, r.last]), [[true, false], [false, true], [true, false], [false, true]]);
	assert.equal(rows(source([own("a", "1"), own("b", "2")])).filter((r) => r.kind === "day").length, 1);
});

test("every language has every text with the same slots", () => {
	const slots = (t) => (t.match(/\{\w+\}/g) ?? []).sort();
	for (const [name, texts] of Object.entries(languages))
		for (const key of Object.keys(languages.en)) {
			assert.ok(texts[key]?.length > 0, name + "." + key);
			assert.deepEqual(slots(texts[key]), slots(languages.en[key]), name + "." + key);
		}
	assert.equal(textsFor("de-AT"), languages.de);
	assert.equal(textsFor("xx"), languages.en);
	assert.equal(fill("{n} of {m}", { n: 2 }), "2 of {m}");
	assert.deepEqual(["ar-EG", "he", "en", "area"].map(isRtl), [true, true, false, false]);
});

test("what ends the waiting and what leaves a contact stand side by side and do not begin alike", () => {
	for (const t of Object.values(languages))
		for (const pair of [[t.contact, t.leaveLine], [t.contactAgain, t.withdraw]]) {
			const [one, other] = pair.map((text) => text.split(" ")[0]);
			assert.notEqual(one, other);
		}
});

test("a rating is told against its scale", () => {
	assert.deepEqual([["", 0], ["csat", 4], ["solved", 1], ["solved", 0], ["nps", 9], ["odd", 3]].map(([kind, score]) => ratingText({ kind, score })), ["", "Rating 4 of 5", "Solved", "Not solved", "Would recommend 9 of 10", "Rating 3"]);
});

test("canned replies are found by name first, and filled in", () => {
	const all = [{ name: "refund-sent", text: "It is on its way" }, { name: "greeting", text: "Hello {{agent}}, about your refund" }, { name: "bye", text: "Bye" }];
	assert.deepEqual(findCanned(all, "refund").map((c) => c.name), ["refund-sent", "greeting"]);
	assert.deepEqual(findCanned(all, "rfs").map((c) => c.name), ["refund-sent"]);
	assert.deepEqual(findCanned(all, "").length, 3);
	assert.equal(fillCanned("Hi {{ name }}, {{agent}} {{other}} {{order.status}}", { name: "Anna", agent: "Maria", "order.status": "sent", other: "" }), "Hi Anna, Maria {{other}} sent");
	assert.equal(slug("Passed on!"), "passed-on");
	assert.deepEqual([10, 130, 400].map(patience), ["fine", "long", "tooLong"]);
});

test("a canned reply is sought at the start by anything, later on by the beginning of a name before the caret", () => {
	const all = [{ name: "refund-sent", text: "It is on its way" }, { name: "bye", text: "Bye, and a refund" }];
	const offered = (text, caret = text.length) => {
		const sought = soughtCanned(text, caret);
		return sought && [text.slice(sought.from, sought.to), ...offeredCanned(all, sought).map((c) => c.name)];
	};
	assert.deepEqual(offered("/refund"), ["/refund", "refund-sent", "bye"]);
	assert.deepEqual(offered("/a ref"), ["/a ref", "bye"]);
	assert.deepEqual(offered("Hello,\n/Ref"), ["/Ref", "refund-sent"]);
	assert.deepEqual(offered("Hello, /re and so on", 10), ["/re", "refund-sent"]);
	assert.deepEqual(offered("Hello, /way"), ["/way"], "nothing but names");
	for (const text of ["Hello, /", "and/or", "https://re", "Hello, /re and so on", "1 /2 /"])
		assert.equal(offered(text), null, text);
});

test("what is past is told in the largest unit, and what was asked by its kind", () => {
	assert.deepEqual([0, 59, 60, 3599, 3600, 86_399, 86_400, 900_000].map(ago), ["just now", "just now", "1 min ago", "59 min ago", "1 h ago", "23 h ago", "1 d ago", "10 d ago"]);
	assert.deepEqual(["solved", "csat", "ces", "nps"].map(askText), ["Asked whether it helped", "Asked for a rating", "Asked how easy it was", "Asked for feedback"]);
	assert.equal(reasonText("claimed"), "", "whose it is stands beside it");
	assert.equal(reasonText("kettle_broken"), "Kettle broken");
});
