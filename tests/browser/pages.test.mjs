// The widget on pages that were made without a thought of it: enlarged by a
// style, moved, turned and faded, covered by layers and dialogs of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

const SIZE = { width: 1280, height: 800 };
const PARTS = ["panel", "close", "input", "send"];

async function assertWithin(shop, what, parts = PARTS) {
	const { width, height } = shop.viewportSize();
	for (const part of parts) {
		const box = await shop.getByTestId(part).boundingBox();
		assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1, `${what}: ${part} is at ${JSON.stringify(box)}`);
	}
}

test("a page that enlarges itself by a style leaves all of the widget in the window", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const script = `<script async src="${stack.daemon.origin}/widget.js"></script>`;
	for (const [style, size] of [["html { zoom: 1.25 }", SIZE], ["html { zoom: 2 }", SIZE], ["body { zoom: 1.5 }", SIZE], ["html { zoom: 1.25 }", { width: 390, height: 844 }]]) {
		const what = `${style} at ${size.width}`;
		const shop = await browser.person({ viewport: size });
		await shop.goto(await shopPage(t, () => page(script, { head: `<style>${style}</style>` })));
		await assertWithin(shop, what, ["launcher"]);
		await talk(shop);
		await assertWithin(shop, what);
		const log = await shop.getByTestId("panel").locator(".log").boundingBox();
		assert.ok(log.height > 200, `${what}: the log can be read, in ${log.height} px`);
		await axe(shop, what);
		await browser.shot(shop, `widget-page-${style.replace(/\W+/g, "-")}${size.width}`);
		await shop.context().close();
	}
	browser.check();
});
