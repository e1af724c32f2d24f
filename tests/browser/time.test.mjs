// What the widget does by the clock: days that end, connections that have died
// unseen, tries that wait. The page's clock is the test's, so nothing here
// takes the time that it tells of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

const NOT_THERE = [/WebSocket connection/];
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

/* The shopper's connections go through the test's hands: while `alive` is false
 * nothing passes, and nobody is told; while `open` is false none comes about. */
async function holdLine(shop) {
	await shop.addInitScript(() => {
		const line = (window.line = { alive: true, open: true, tried: 0, closed: 0, pings: 0 });
		window.WebSocket = class extends WebSocket {
			constructor(url, protocols) {
				super(url, protocols);
				line.tried++;
				line.last = this;
				this.addEventListener("close", () => line.closed++);
				this.addEventListener("message", (ev) => line.alive || ev.stopImmediatePropagation());
				if (!line.open)
					this.close();
			}

			send(text) {
				line.pings += JSON.parse(text).type === "ping";
				if (line.alive)
					super.send(text);
			}
		};
	});
	await shop.clock.install();
}

const read = (shop, what) => shop.evaluate((name) => window.line[name], what);
const set = (shop, what, value) => shop.evaluate(([name, to]) => (window.line[name] = to), [what, value]);

/* Connected, and time stands still. */
async function connected(shop, stack, t) {
	await shop.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await talk(shop);
	/* Once more where that time was over before it could stand still. */
	await until(async () => await shop.clock.pauseAt(await shop.evaluate(() => Date.now() + 5000)) ?? true, "time stands still");
}

/* Time goes on, and what is written arrives. */
async function works(shop, text) {
	await shop.clock.resume();
	await shop.getByTestId("input").fill(text);
	await shop.getByTestId("input").press("Enter");
	const own = message(shop, text).first();
	await until(async () => ["stored", "read"].includes(await own.getAttribute("data-status")), `${text} is stored`);
}

test("a connection that has died and does not say so is found by a ping", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ expected: NOT_THERE });
	await holdLine(shop);
	await connected(shop, stack, t);
	const tried = await read(shop, "tried");
	const pings = await read(shop, "pings");
	await set(shop, "alive", false);
	for (let i = 0; i < 30 && (await read(shop, "pings")) === pings; i++)
		await shop.clock.runFor(1000);
	assert.equal(await read(shop, "pings"), pings + 1, "it asks");
	await shop.clock.runFor(8000);
	assert.equal(await read(shop, "tried"), tried, "and has patience");
	await set(shop, "alive", true);
	await shop.clock.runFor(4000);
	assert.equal(await read(shop, "tried"), tried + 1, "no answer, another connection");
	await works(shop, "still here");
	browser.check();
});

async function nextTry(shop) {
	const tried = await read(shop, "tried");
	for (let i = 0; i < 70 && (await read(shop, "tried")) === tried; i++)
		await shop.clock.runFor(500);
	assert.equal(await read(shop, "tried"), tried + 1);
}

const EVENTS = [
	["online", () => dispatchEvent(new Event("online"))],
	["visibilitychange", () => document.dispatchEvent(new Event("visibilitychange"))],
	["pageshow", () => {
		dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
		dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
	}],
];

test("back on the network, at the tab, or out of the browser's cache, one is connected at once", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ expected: NOT_THERE });
	await holdLine(shop);
	const refused = () => until(async () => await read(shop, "closed") === await read(shop, "tried"), "nobody is there");
	for (const [what, happens] of EVENTS) {
		await connected(shop, stack, t);
		// Many tries have failed: the next one is far off.
		await set(shop, "open", false);
		await shop.evaluate(() => window.line.last.close());
		for (let i = 0; i < 8; i++) {
			await refused();
			await nextTry(shop);
		}
		await refused();
		const tried = await read(shop, "tried");
		await set(shop, "open", true);
		await shop.clock.runFor(10_000);
		assert.equal(await read(shop, "tried"), tried, "it waits");
		await shop.evaluate(happens);
		await shop.clock.runFor(1);
		await until(async () => await read(shop, "tried") === tried + 1, `${what}: it has waited long enough`);
		await works(shop, "back again");
	}
	browser.check();
});

test("who comes back to a connection that has died does not wait for the ping", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ expected: NOT_THERE });
	await holdLine(shop);
	for (const [what, happens] of EVENTS.slice(0, 2)) {
		await connected(shop, stack, t);
		const tried = await read(shop, "tried");
		const pings = await read(shop, "pings");
		await set(shop, "alive", false);
		await shop.evaluate(happens);
		assert.equal(await read(shop, "pings"), pings + 1, `${what}: it asks`);
		await set(shop, "alive", true);
		await shop.clock.runFor(4500);
		assert.equal(await read(shop, "tried"), tried + 1, `${what}: and does not wait long`);
		await works(shop, "here again");
	}
	browser.check();
});
