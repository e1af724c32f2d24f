// What an agent sees of a chat before and above the words, and the pages that
// keys lead to.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, tempDir, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn } from "./desk.mjs";

const rows = (page) => page.getByTestId("queue-item");

test("the list shows what was said and not a contact, the facts what the bot came close to, and keys lead to the pages", async (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.writeFileSync(path.join(dir, "rules.yaml"), `language: en
intents:
  - {name: newsletter, about: The newsletter, match: [{phrase: newsletter, weight: 0.6}], answer: [Subscribe below.]}
  - {name: unsubscribe, about: Unsubscribe, match: [{phrase: newsletter stop, weight: 0.5}], answer: [There is a link.]}
`);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const browser = await Browser.start(t);
	const paula = await signIn(stack, browser, "paula", { args: ["--role", "supervisor"] });
	const s = await stack.shopper();
	await s.say("newsletter?");
	await s.say("the newsletter must stop");
	await s.state("queued");
	await s.contact({ id: "k1", email: "ida@example.org" }).stored;
	await rows(paula).first().click();
	const near = paula.getByTestId("considered");
	await near.getByText("Newsletter").waitFor();
	await paula.getByText("ida@example.org").last().waitFor();
	assert.match(await rows(paula).first().innerText(), /the newsletter must stop/);
	assert.doesNotMatch(await rows(paula).first().innerText(), /ida@/);
	await paula.keyboard.press("t");
	await paula.locator("[data-testid=conversation][data-mine=true]").waitFor();
	await until(async () => /Bot: /.test(await rows(paula).first().innerText()), "her own show the last message, whose ever");
	assert.doesNotMatch(await rows(paula).first().innerText(), /ida@/);
	await axe(paula, "what the bot came close to");
	await browser.shot(paula, "console-nearest");

	await paula.keyboard.press("Escape");
	await paula.keyboard.press("p");
	await paula.getByTestId("team").waitFor();
	await until(() => paula.evaluate(() => document.activeElement.textContent === "Team"), "the page's heading is read first");
	await paula.keyboard.press("g");
	await paula.getByTestId("rules").waitFor();
	await paula.keyboard.press("p");
	await paula.getByTestId("team").waitFor();
	await paula.keyboard.press("p");
	await paula.locator("[data-testid=conversation][data-mine=true]").waitFor();
	await paula.keyboard.press("Escape");
	await paula.keyboard.press("?");
	await paula.getByTestId("help").getByText("Team page and back").waitFor();
	await axe(paula, "the keys");
	await browser.shot(paula, "console-keys");

	// Agents have no such page, and no key for it.
	const maria = await signIn(stack, browser, "maria");
	await maria.keyboard.press("p");
	await maria.keyboard.press("?");
	await maria.getByTestId("help").waitFor();
	assert.equal(await maria.getByTestId("team").count(), 0);
	assert.equal(await maria.getByText("Team page and back").count(), 0);
	browser.check();
});
