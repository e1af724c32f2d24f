// The widget on pages that were made without a thought of it: enlarged by a
// style, moved, turned and faded, covered by layers and dialogs of their own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

const SIZE = { width: 1280, height: 800 };
const PARTS = ["panel", "close", "input", "send"];

async function assertWithin(shop, what, parts = PARTS) {
	const { width, height } = shop.viewportSize();
	for (const part of parts)
		await until(async () => {
			const box = await shop.getByTestId(part).boundingBox();
			assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width + 1 && box.y + box.height <= height + 1, `${what}: ${part} is at ${JSON.stringify(box)}`);
			return true;
		}, `${part} is within the window`);
}

/* What a click there would meet. */
const hit = (shop, part) => shop.getByTestId(part).evaluate((e) => {
	const { x, y, width, height } = e.getBoundingClientRect();
	return e.contains(e.getRootNode().elementFromPoint(x + width / 2, y + height / 2));
});

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
		if (style.includes("2 }"))
			await axe(shop, what);
		await browser.shot(shop, `widget-page-${style.replace(/\W+/g, "-")}${size.width}`);
		await shop.context().close();
	}
	browser.check();
});

const MOVED = `<style>
	body { margin: 0; transform: translateX(-200px) scale(.8); filter: blur(2px) opacity(.4); contain: layout paint; will-change: transform }
	main { height: 3000px }
	.layer { position: fixed; inset: 0; z-index: 2147483647; background: tomato }
	[popover] { inset: 0; margin: auto; padding: 40px; border: 9px solid; background: lime; opacity: .2; overflow: hidden }
	::backdrop { background: rgb(0 0 0 / .8); pointer-events: auto }
</style>`;
const LAYER = `<div class="layer"></div><dialog><button id="ok">OK</button></dialog>`;

test("where the page moves, fades or covers all that it has, the widget stays in its corner, on top of it; a modal dialog of the page is above", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const script = `${LAYER}<script async src="${stack.daemon.origin}/widget.js"></script>`;
	const shop = await browser.person({ viewport: SIZE });
	await shop.goto(await shopPage(t, () => page(script, { head: MOVED })));
	const launcher = shop.getByTestId("launcher");
	await launcher.waitFor();
	const corner = { x: SIZE.width - 76, y: SIZE.height - 76, width: 56, height: 56 };
	assert.deepEqual(await launcher.boundingBox(), corner);
	await shop.evaluate(() => scrollTo(0, 900));
	assert.deepEqual(await launcher.boundingBox(), corner, "also where the page was scrolled");
	assert.equal(await shop.evaluate(() => document.activeElement.tagName), "BODY", "the focus is where it was");
	const looks = await launcher.evaluate((e) => {
		const { host } = e.getRootNode();
		const { borderTopWidth, backgroundColor, opacity } = getComputedStyle(host);
		return [borderTopWidth, backgroundColor, opacity, getComputedStyle(host, "::backdrop").display];
	});
	assert.deepEqual(looks, ["0px", "rgba(0, 0, 0, 0)", "1", "none"], "nothing of the page's styles for what is on top");
	assert.equal(await shop.evaluate(() => document.elementFromPoint(10, 10).className), "layer", "and it covers nothing of the page");
	await talk(shop);
	await assertWithin(shop, "on a moved page");
	assert.ok(await hit(shop, "close"));
	await browser.shot(shop, "widget-page-moved");

	// Beside a dialog that is not modal one chats on.
	await shop.evaluate(() => document.querySelector("dialog").show());
	assert.ok(await hit(shop, "close"));
	await shop.evaluate(() => document.querySelector("dialog").close());

	// What the page puts above all is above this, too, and gives it back.
	await shop.evaluate(() => document.querySelector("dialog").showModal());
	assert.equal(await hit(shop, "close"), false);
	await shop.locator("#ok").focus();
	await shop.keyboard.press("Escape");
	assert.equal(await shop.evaluate(() => document.querySelector("dialog").open), false, "Escape was for the dialog");
	assert.ok(await shop.getByTestId("panel").isVisible());
	await shop.getByTestId("input").focus();
	await shop.keyboard.press("Escape");
	await shop.getByTestId("panel").waitFor({ state: "hidden" });
	assert.equal(await shop.getByTestId("launcher").evaluate((e) => e.getRootNode().activeElement === e), true);
	assert.deepEqual(await launcher.boundingBox(), corner);
	browser.check();
});

test("what is typed in the widget is for no shortcut of the page, and no trap of the page takes the focus out of it", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shortcuts = `<input id="search"><script>
		for (const name of ["keydown", "keypress", "keyup"])
			document.addEventListener(name, (ev) => {
				if (!/^(INPUT|TEXTAREA)$/.test(ev.target.tagName) && /^[s/]$/.test(ev.key)) {
					ev.preventDefault();
					document.getElementById("search").focus();
				}
			});
		document.addEventListener("focusin", (ev) => {
			if (window.trapped && ev.target.id !== "search")
				document.getElementById("search").focus();
		});
	</script>`;
	const shop = await browser.person({ viewport: SIZE });
	await shop.goto(await shopPage(t, () => page(`${shortcuts}<script async src="${stack.daemon.origin}/widget.js"></script>`)));
	await talk(shop);
	const input = shop.getByTestId("input");
	await input.pressSequentially("is it 1/2 price");
	assert.equal(await input.inputValue(), "is it 1/2 price");
	await shop.evaluate(() => {
		window.trapped = true;
		document.body.tabIndex = -1;
		document.body.focus();
	});
	assert.equal(await shop.evaluate(() => document.activeElement.id), "search", "the page has its trap");
	await input.click();
	await input.pressSequentially("?");
	assert.equal(await input.inputValue(), "is it 1/2 price?");
	await shop.getByTestId("close").focus();
	await shop.keyboard.press("Escape");
	await shop.getByTestId("panel").waitFor({ state: "hidden" });
	browser.check();
});

test("a browser without a top layer has the widget in the page", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ viewport: SIZE });
	await shop.addInitScript(() => {
		for (const name of ["popover", "showPopover", "hidePopover", "togglePopover"])
			delete HTMLElement.prototype[name];
	});
	await shop.goto(await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js" data-position="left"></script>`)));
	await talk(shop);
	await assertWithin(shop, "without a top layer");
	assert.ok(await hit(shop, "send"));
	const box = await shop.getByTestId("launcher").boundingBox();
	assert.deepEqual([box.x, box.y], [20, SIZE.height - 76]);
	browser.check();
});

test("a shop that puts another body in place, or empties it, keeps the chat until it takes it away", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ viewport: SIZE });
	await shop.goto(await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js"></script>`)));
	await talk(shop);
	const isOnTop = () => shop.getByTestId("panel").evaluate((e) => e.getRootNode().host.matches(":popover-open"));
	const anotherBody = () => shop.evaluate(() => {
		const body = document.createElement("body");
		body.innerHTML = "<h1>Another page</h1>";
		document.body.replaceWith(body);
	});
	const emptied = () => shop.evaluate(() => {
		document.body.innerHTML = "<h1>One more</h1>";
	});
	for (const [change, text] of [[anotherBody, "on another page"], [emptied, "on one more"], [anotherBody, "on the last"]]) {
		await change();
		assert.ok(await isOnTop());
		await assertWithin(shop, text);
		await shop.getByTestId("input").fill(text);
		await shop.getByTestId("input").press("Enter");
		await shop.locator("[data-testid=message][data-status=stored]").filter({ hasText: text }).waitFor();
	}
	assert.equal(await shop.locator("[data-testid=message][data-from=shopper]").count(), 4);
	await shop.evaluate(() => window.answerd.destroy());
	await anotherBody();
	assert.equal(await shop.getByTestId("launcher").count(), 0);
	browser.check();
});
