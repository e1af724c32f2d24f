// The console's rules page in a browser: by keyboard alone, live while files
// change, in both schemes and on a phone; and nothing of rules, visitors or
// findings that would like to be a script runs there.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, answerctl, intents, tempDir, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn } from "./desk.mjs";
import { nothingRan, payloads } from "./payloads.mjs";

function ownRules(t) {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.cpSync(intents, dir, { recursive: true });
	return dir;
}

async function attempt(desk, text) {
	await desk.getByTestId("rules-sentence").fill(text);
	await desk.getByTestId("rules-sentence").press("Enter");
}

const broken = "intents:\n  - name: pottery\n    patern: [pottery class]\n    match: [pottery ~ (class]\n    answer: [On Tuesday at six.]\n";

test("the rules page by keyboard: what is in force, a sentence explained, what was missed, an error and its mending", async (t) => {
	const dir = ownRules(t);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	for (const text of ["do you have zebrafinch seeds?", "can my parrot come along", "do you have zebrafinch seeds?"])
		await (await stack.shopper()).say(text);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	await desk.keyboard.press("g");
	await desk.getByTestId("rules-now").waitFor();
	assert.equal(await desk.evaluate(() => document.activeElement.textContent), "Rules", "the page's heading is read first");
	const samples = desk.getByTestId("rules-samples");
	await until(async () => /zebrafinch seeds\?2×/.test(await samples.textContent()), "all three are listed");
	assert.equal(await samples.locator("li").count(), 2, "the same one once");
	await axe(desk, "the rules page");
	await browser.shot(desk, "console-rules-light");
	await desk.emulateMedia({ colorScheme: "dark" });
	await axe(desk, "the rules page, dark");
	await browser.shot(desk, "console-rules-dark");
	await desk.emulateMedia({ colorScheme: "light" });

	await desk.keyboard.press("Tab");
	assert.equal(await desk.evaluate(() => document.activeElement.dataset.testid), "rules-sentence");
	await desk.keyboard.type("i want a refnud for order 10234567");
	await desk.keyboard.press("Enter");
	const won = desk.locator("[data-testid=rules-candidate].won");
	await won.first().waitFor();
	const why = await desk.getByTestId("rules-why").textContent();
	assert.match(why, /refnud refund/, "corrected");
	assert.match(why, /10234567/);
	assert.match(why, /−1\.00, against/, "what spoke against it");
	assert.match(await won.first().textContent(), /refunds\.yaml:\d+/);
	assert.match(await desk.getByTestId("rules-outcome").textContent(), /The bot answers/);
	await axe(desk, "a sentence explained");
	await browser.shot(desk, "console-rules-explained");
	await desk.getByTestId("rules-samples").getByRole("button").first().focus();
	await desk.keyboard.press("Enter");
	await until(async () => /No rule answers/.test(await desk.getByTestId("rules-outcome").textContent()), "tried by its button");

	const file = path.join(dir, "zz-pottery.yaml");
	fs.writeFileSync(file, broken);
	const errors = desk.getByTestId("rules-errors");
	await errors.waitFor();
	const text = await errors.textContent();
	assert.match(text, /zz-pottery\.yaml:3:5/);
	assert.match(text, /unknown key "patern"/);
	await axe(desk, "rules with errors");
	await desk.getByRole("heading", { name: "Rules", exact: true }).scrollIntoViewIfNeeded();
	await browser.shot(desk, "console-rules-error");
	fs.rmSync(file);
	await errors.waitFor({ state: "detached" });

	await desk.getByTestId("page-rules").focus();
	await desk.keyboard.press("g");
	await desk.getByTestId("rules").waitFor({ state: "detached" });
	browser.check();
});

test("a chat is left unread while the rules are looked at, and comes back with its page; on a phone the page has the screen", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	const shopper = await stack.waiting("where is my order 12345678");
	await desk.getByTestId("queue-item").first().waitFor();
	await desk.keyboard.press("c");
	const mine = desk.locator("[data-testid=conversation][data-mine=true]");
	await mine.waitFor();
	await desk.getByTestId("page-rules").click();
	await desk.getByTestId("rules-now").waitFor();
	await shopper.message("are you there?").stored;
	await desk.locator("[data-testid=tab-mine] .dot").waitFor();
	await desk.getByTestId("page-desk").click();
	await mine.waitFor();
	await desk.getByText("are you there?").last().waitFor();
	await desk.locator("[data-testid=tab-mine] .dot").waitFor({ state: "detached" });

	const phone = await signIn(stack, browser, "paul", { viewport: { width: 390, height: 844 } });
	await phone.getByTestId("page-rules").click();
	await phone.getByTestId("rules-now").waitFor();
	await attempt(phone, "i want a refnud for order 10234567");
	await phone.getByTestId("rules-candidate").first().waitFor();
	await axe(phone, "the rules page on a phone");
	await browser.shot(phone, "console-rules-narrow");
	assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
	await phone.getByRole("button", { name: "Back to the lists" }).click();
	await phone.getByTestId("claim-next").waitFor();
	browser.check();
});

/* A YAML string of any text. */
const quoted = (text) => JSON.stringify(text);
/* As a rule's name, which is letters only: what makes it an error. */
const asFile = (payload, i) => "intents:\n" +
	`  - name: ${quoted(payload)}\n    about: ${quoted(payload)}\n    match: [${quoted(payload)}]\n    answer: [${quoted(payload)}]\n` +
	`  - name: fine_${i}\n    ${quoted(payload)}: 1\n    lookup: ${quoted(payload)}\n    match: [${quoted("(" + payload)}]\n    answer: [${quoted("{{" + payload)}]\n`;

test("a hundred injections as names, pages, carts, contacts, notes, canned replies, rules and their errors run nothing", async (t) => {
	const all = payloads();
	const dir = ownRules(t);
	/* Answers that are scripts to be: canned replies, the bot's words and what
	 * a sentence is explained by. A slot would be one that nobody fills. */
	fs.writeFileSync(path.join(dir, "zz-canned.yaml"), "intents:\n" + all.map((p, i) =>
		`  - name: inject_${i}\n    about: ${quoted(p)}\n    match: ["zebrafinch number ${"abcdefghij"[Math.floor(i / 10)]}${"abcdefghij"[i % 10]}x"]\n    answer: [${quoted(p.replace(/\{\{|\}\}/g, "{ {"))}]\n`).join(""));
	const stack = await Stack.start(t, { settings: { intents: dir, limits: { messages_per_minute: 6000, burst: 3000 } } });
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");

	const shoppers = [];
	for (let i = 0; i < all.length; i += 4) {
		const s = await stack.shopper({ hello: { user: { id: `u${i}`, name: all[i].slice(0, 60), email: all[i + 1].slice(0, 200) }, page: `https://shop.example/?q=${all[i + 2]}`.slice(0, 2000), locale: "en" } });
		s.send({ type: "context", page: all[i + 1], cart: [{ name: all[i], quantity: 2, price: all[i + 2] }, all[i + 3], { [all[i + 3]]: all[i] }], contact: all[i + 2].slice(0, 200) });
		await s.say(all[i + 3]);
		await s.human().stored;
		shoppers.push(s);
	}
	await until(async () => await desk.getByTestId("queue-item").count() >= 10, "they wait");
	for (const i of [0, 3, 7, 11]) {
		await desk.getByTestId("queue-item").nth(i % 8).click();
		await desk.getByTestId("facts").waitFor();
		await nothingRan(desk);
	}
	await desk.keyboard.press("Escape");
	await desk.getByTestId("page-desk").focus();
	await desk.keyboard.press("c");
	await desk.locator("[data-testid=conversation][data-mine=true]").waitFor();
	const composer = desk.getByTestId("composer");
	for (const query of ["/", "/script", "/inject", "/onerror"]) {
		await composer.fill(query);
		await desk.getByTestId("canned").waitFor();
		await nothingRan(desk);
	}
	await composer.fill("");

	for (const text of [all[4], all[23], all[61]]) {
		await desk.getByTestId("note-toggle").click();
		await composer.fill(text);
		await composer.press("Enter");
	}
	await until(async () => await desk.locator("[data-testid=event][data-type=note]").count() === 3, "the notes stand there");
	await nothingRan(desk);

	/* In the widget: what the bot says, and announcements. */
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("input").waitFor();
	for (const text of [all[0], all[45], all[89]])
		assert.equal(answerctl(["announce", "--", text], { daemon: stack.daemon }).status, 0);
	for (const i of [1, 2, 14, 17, 31, 88]) {
		await shop.getByTestId("input").fill(`zebrafinch number ${"abcdefghij"[Math.floor(i / 10)]}${"abcdefghij"[i % 10]}x`);
		await shop.getByTestId("input").press("Enter");
	}
	await until(async () => await shop.locator("[data-testid=message][data-from=bot]").count() >= 6, "the bot has answered");
	await nothingRan(shop);

	await desk.getByTestId("page-rules").click();
	await desk.getByTestId("rules-now").waitFor();
	for (const i of [0, 2, 3, 8, 15, 42, 99]) {
		await attempt(desk, `zebrafinch number ${"abcdefghij"[Math.floor(i / 10)]}${"abcdefghij"[i % 10]}x`);
		await desk.locator(`[data-testid=rules-candidate][data-intent=inject_${i}]`).waitFor();
		await nothingRan(desk);
	}
	for (const p of [all[0], all[2], all[17]]) {
		await attempt(desk, p);
		await desk.getByTestId("rules-why").waitFor();
		await nothingRan(desk);
	}
	/* What was not answered: some of these, shown as they were written. */
	await until(async () => await desk.getByTestId("rules-samples").locator("li").count() >= 5, "they are listed");
	fs.writeFileSync(path.join(dir, "zz-broken.yaml"), asFile(all[1], 0));
	await desk.getByTestId("rules-errors").waitFor();
	for (const [i, payload] of all.entries()) {
		fs.writeFileSync(path.join(dir, `zz-broken-${i}.yaml`), asFile(payload, i + 1));
	}
	await until(async () => await desk.getByTestId("rules-findings").first().locator("li").count() >= 150, "the errors of all files");
	assert.match(await desk.getByTestId("rules-errors").textContent(), /<script>|onerror/, "shown as it was written");
	await browser.shot(desk, "console-rules-injections");
	await nothingRan(desk);
	browser.check();
});
