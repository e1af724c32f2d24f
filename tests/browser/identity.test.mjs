// Customers who share a browser: what is on the screen, in the field and not
// sent yet is for the one whom the page names, and for nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { jwt, secretFile, soon } from "../blackbox/vouch.mjs";
import { Browser } from "./browser.mjs";
import { away, page, shopPage, talk } from "./shop.mjs";

const ada = { jwt: jwt({ sub: "ada", exp: soon() }) };
const ben = { jwt: jwt({ sub: "ben", exp: soon() }) };
const ELM = "Which payment methods do you accept on Elm Street?";
const LOST = "this never gets out";
const words = (shop) => shop.getByTestId("panel").innerText();
const message = (shop, text) => shop.locator("[data-testid=message]").filter({ hasText: text });
const notice = (shop) => shop.getByTestId("notice").filter({ hasText: "belongs to another account" });
const identify = (shop, user) => shop.evaluate((who) => window.answerd.identify(who), user);
const draft = (shop) => shop.getByTestId("input").inputValue();

/* A shop that names whoever has signed in as soon as the widget is there. */
async function start(t) {
	const stack = await Stack.start(t, { settings: { identity_secret_file: secretFile(t) } });
	const browser = await Browser.start(t);
	const shop = await browser.person();
	const signedIn = { user: ada };
	const url = await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js"${signedIn.user ? ` onload='answerd.identify(${JSON.stringify(signedIn.user)})'` : ""}></script>`));
	await shop.routeWebSocket(/\/chat$/, (ws) => {
		const server = ws.connectToServer();
		ws.onMessage((text) => text.includes(LOST) || server.send(text));
	});
	await shop.goto(url);
	await talk(shop, ELM);
	return { stack, browser, shop, url, as: async (user) => {
		signedIn.user = user;
		await shop.goto(url);
		await shop.getByTestId("panel").waitFor();
	} };
}

test("the next customer sees nothing of the one before, is told, and each finds their own chat again", async (t) => {
	const { browser, shop, as } = await start(t);
	await shop.getByTestId("input").fill(LOST);
	await shop.getByTestId("input").press("Enter");
	await message(shop, LOST).waitFor();
	await shop.getByTestId("input").fill("half a sentence");
	await as(ben);
	assert.equal(await draft(shop), "");
	await notice(shop).waitFor();
	assert.ok(!/Elm Street|never gets out/.test(await words(shop)));
	await browser.shot(shop, "widget-another-customer");
	await shop.getByTestId("input").fill("Do you ship to Norway?");
	await shop.getByTestId("input").press("Enter");
	await shop.locator("[data-testid=message][data-from=bot]").first().waitFor();
	assert.equal(await notice(shop).count(), 0);
	await as(ada);
	await message(shop, "Elm Street").waitFor();
	assert.ok(!/Norway|never gets out/.test(await words(shop)));
	assert.equal(await notice(shop).count(), 0, "she has hers");
	assert.equal(await draft(shop), "");
	await as(ben);
	await message(shop, "Norway").waitFor();
	assert.ok(!(await words(shop)).includes("Elm Street"));
	browser.check();
});

test("after signing out nothing is shown, also where the page says it without a reload; signing in brings it back", async (t) => {
	const { browser, shop, as } = await start(t);
	await shop.getByTestId("input").fill(LOST);
	await shop.getByTestId("input").press("Enter");
	await message(shop, LOST).waitFor();
	await as(null);
	await Browser.drawn(shop);
	assert.ok(!/Elm Street|never gets out/.test(await words(shop)), "not before the daemon has said it either");
	await notice(shop).waitFor();
	assert.ok(!/Elm Street|never gets out/.test(await words(shop)));
	// Whoever it was, or the page was late to say who is there.
	await identify(shop, ada);
	await message(shop, "Elm Street").waitFor();
	await message(shop, LOST).waitFor();
	assert.equal(await notice(shop).count(), 0);
	await shop.getByTestId("input").fill("half a sentence");
	await identify(shop, null);
	await Browser.drawn(shop);
	assert.ok(!/Elm Street|never gets out/.test(await words(shop)));
	assert.equal(await draft(shop), "");
	await notice(shop).waitFor();
	browser.check();
});

test("a page that says late who is there does not lose its draft, nor shows another chat meanwhile", async (t) => {
	const { browser, shop, as } = await start(t);
	await shop.getByTestId("input").fill("half a sentence");
	let hellos = 0;
	shop.on("websocket", () => hellos++);
	await as(null);
	await identify(shop, ada);
	await message(shop, "Elm Street").waitFor();
	assert.equal(await draft(shop), "half a sentence");
	assert.equal(await notice(shop).count(), 0);
	assert.equal(hellos, 1, "as nobody it did not ask");
	browser.check();
});

test("a page without the customer hears nothing from one with", async (t) => {
	const { browser, shop, url, as } = await start(t);
	await as(null);
	await notice(shop).waitFor();
	const tab = await shop.context().newPage();
	await away(shop, true);
	await tab.goto(url);
	await tab.getByTestId("launcher").click();
	await identify(tab, ada);
	await message(tab, "Elm Street").waitFor();
	await tab.getByTestId("input").fill("And do you ship to Norway?");
	await tab.getByTestId("input").press("Enter");
	await until(async () => await message(tab, "Norway").getAttribute("data-status") === "stored", "it is stored");
	await Browser.drawn(shop);
	assert.ok(!/Elm Street|Norway/.test(await words(shop)));
	// In front again it asks for itself, and is nobody's.
	await away(tab, true);
	await away(shop, false);
	await notice(shop).waitFor();
	assert.ok(!/Elm Street|Norway/.test(await words(shop)));
	browser.check();
});
