// What the widget does by the clock: days that end, connections that have died
// unseen, tries that wait. The page's clock is the test's, so nothing here
// takes the time that it tells of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

const scriptOf = (daemon) => `<script async src="${daemon.origin}/widget.js"></script>`;
const message = (shop, text) => shop.locator("[data-testid=message]").filter({ hasText: text });

test("at midnight today becomes yesterday on the screen", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	/* Where it is day, whenever this runs. */
	const timezoneId = new Date().getUTCHours() < 12 ? "Etc/GMT-6" : "Etc/GMT+6";
	const shop = await browser.person({ timezoneId });
	await shop.clock.install();
	await shop.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await talk(shop);
	const day = shop.getByTestId("panel").locator(".day");
	assert.equal(await day.innerText(), "Today");
	const midnight = await shop.evaluate(() => new Date().setHours(24, 0, 0, 0));
	await shop.clock.pauseAt(midnight - 1);
	assert.equal(await day.innerText(), "Today");
	await shop.clock.runFor(50);
	assert.equal(await day.innerText(), "Yesterday");
	assert.equal(await day.count(), 1);
	browser.check();
});
