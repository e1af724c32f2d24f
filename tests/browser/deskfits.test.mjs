// The desk console where agents, screens and shoppers differ: a phone, forced
// colours, the arrow keys, a connection that goes, texts of any length and
// language.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn } from "./desk.mjs";

/* What sticks out of the window to the side, by its class. */
function sticksOut(page) {
	return page.evaluate(() => [...document.querySelectorAll(".screen *")]
		.filter((e) => e.getClientRects().length > 0 && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className || e.tagName));
}

test("on a phone a word without an end pushes nothing out of sight, and what is said says its language", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	await stack.waiting("x".repeat(900), { hello: { locale: "fr" } });
	const desk = await signIn(stack, browser, "maria", { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
	const row = desk.getByTestId("queue-item");
	await row.first().waitFor();
	assert.deepEqual(await sticksOut(desk), []);
	assert.equal(await row.locator(".preview").getAttribute("lang"), "fr");
	await axe(desk, "a phone's list");
	await browser.shot(desk, "console-phone-list");
	await desk.getByTestId("claim-next").click();
	const said = desk.locator("[data-testid=event][data-from=shopper] .bubble").first();
	await said.waitFor();
	assert.equal(await said.getAttribute("lang"), "fr");
	assert.deepEqual(await sticksOut(desk), []);
	await browser.shot(desk, "console-phone-chat");
	browser.check();
});

test("arrows go through the lists, and in forced colours one sees which is chosen", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria", { forcedColors: "active" });
	await stack.waiting();
	await desk.keyboard.press("c");
	await desk.getByTestId("composer").waitFor();
	await desk.keyboard.press("Escape");
	const chosen = () => desk.locator("[role=tab][aria-selected=true]").getAttribute("data-testid");
	await desk.getByTestId("tab-mine").focus();
	await desk.keyboard.press("ArrowLeft");
	await desk.keyboard.press("ArrowLeft");
	assert.equal(await chosen(), "tab-closed");
	assert.equal(await desk.evaluate(() => document.activeElement.dataset.testid), "tab-closed", "the focus goes along");
	await desk.keyboard.press("Home");
	await desk.keyboard.press("ArrowRight");
	assert.equal(await chosen(), "tab-mine");
	assert.equal(await desk.locator("[role=tab][tabindex='0']").count(), 1, "one of them is a stop for Tab");
	assert.equal(await desk.getByRole("tabpanel").getAttribute("aria-labelledby"), "tab-mine");
	const grounds = await desk.evaluate((ids) => {
		const probe = document.createElement("i");
		document.body.append(probe);
		probe.style.backgroundColor = "Highlight";
		const all = [probe, ...ids.map((id) => document.querySelector(`[data-testid=${id}]`))].map((e) => getComputedStyle(e).backgroundColor);
		probe.remove();
		return all.slice(1).map((c) => c === all[0]);
	}, ["tab-mine", "tab-queue", "page-desk", "page-rules"]);
	assert.deepEqual(grounds, [true, false, true, false], "what is chosen has the colour for that, what is not has not");
	await axe(desk, "the lists in forced colours");
	await browser.shot(desk, "console-forced-colours");
	browser.check();
});

test("where the device says that it is offline, desk and shopper ask at once whether anybody hears, not with the next ping", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria", { expected: [/./] });
	const shop = await browser.person({ expected: [/./] });
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("human").waitFor();
	for (const page of [desk, shop])
		await until(() => page.evaluate(() => {
			const asked = [];
			const { send } = WebSocket.prototype;
			WebSocket.prototype.send = function (text) {
				asked.push(JSON.parse(text).type);
				send.call(this, text);
			};
			dispatchEvent(new Event("offline"));
			WebSocket.prototype.send = send;
			return asked.includes("ping");
		}), "it asks at once whether anybody hears");
	browser.check();
});

/* What of a list or a chat is cut off at its own edge. */
function cutOff(page) {
	return page.evaluate(() => [...document.querySelectorAll(".tabs, .pages, .under, .actions, .end, .take button, .tiles")]
		.filter((e) => e.getClientRects().length > 0 && e.scrollWidth > e.clientWidth + 1).map((e) => `${e.className}: ${e.scrollWidth} of ${e.clientWidth} px`));
}

test("on a slow line a chat that is opened moves nothing and holds nothing up, and says that it is read", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	await stack.waiting("my kettle hums");
	let held = false;
	let release;
	const desk = await signIn(stack, browser, "maria", {
		/* What the daemon says waits while `held` is set. */
		async prepare(page) {
			await page.routeWebSocket(/desk$/, (ws) => {
				const server = ws.connectToServer();
				const late = [];
				server.onMessage((text) => held ? late.push(text) : ws.send(text));
				release = () => {
					held = false;
					late.splice(0).forEach((text) => ws.send(text));
				};
			});
		},
	});
	await desk.getByTestId("queue-item").waitFor();
	const next = desk.getByTestId("claim-next");
	const before = await next.boundingBox();
	held = true;
	await desk.getByTestId("queue-item").click();
	await desk.getByTestId("conversation").getByText("Reading …").waitFor();
	assert.equal(await desk.getByTestId("connection").count(), 0);
	assert.deepEqual(await next.boundingBox(), before);
	assert.equal(await next.isEnabled(), true);
	await browser.shot(desk, "console-reading");
	release();
	await desk.getByTestId("conversation").getByText("my kettle hums").waitFor();
	assert.equal(await desk.getByText("Reading …").count(), 0);
	browser.check();
});

test("the desk speaks the browser's language or the one that is chosen, and fits in it", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	await stack.waiting("I have a complaint, my mug is broken", { hello: { locale: "fr" } });
	const desk = await signIn(stack, browser, "vera", { args: ["--role", "supervisor"], locale: "de-DE" });
	assert.equal(await desk.evaluate(() => document.documentElement.lang), "de");
	for (const width of [1280, 390]) {
		await desk.setViewportSize({ width, height: 800 });
		for (const tab of ["queue", "mine", "bot", "all", "closed"]) {
			await desk.getByTestId(`tab-${tab}`).click();
			assert.deepEqual([await sticksOut(desk), await cutOff(desk)], [[], []], `${tab} at ${width} px`);
		}
	}
	await desk.setViewportSize({ width: 1280, height: 800 });
	await desk.getByTestId("claim-next").click();
	await desk.getByTestId("composer").waitFor();
	await desk.getByTestId("event").filter({ hasText: "vera hat den Chat genommen" }).waitFor();
	assert.match(await desk.getByTestId("facts").innerText(), /Sprache\s+Französisch/);
	for (const width of [1280, 390]) {
		await desk.setViewportSize({ width, height: 800 });
		assert.deepEqual([await sticksOut(desk), await cutOff(desk)], [[], []], `a chat at ${width} px`);
		await axe(desk, `a chat at ${width} px`);
		await browser.shot(desk, `console-german-${width}`);
	}
	await desk.setViewportSize({ width: 1280, height: 800 });
	await desk.keyboard.press("Escape");
	for (const [key, dialog, words] of [["?", "help", /Nächsten Chat nehmen/], ["p", "team", /Längstes Warten/], ["g", "rules", /Einen Satz ausprobieren/]]) {
		await desk.keyboard.press(key);
		await desk.getByTestId(dialog).filter({ hasText: words }).waitFor();
		await axe(desk, dialog);
		await browser.shot(desk, `console-german-${dialog}`);
		if (key === "?")
			await desk.keyboard.press("Escape");
	}

	await desk.getByTestId("settings-open").click();
	await desk.getByTestId("settings-language").selectOption("en");
	await desk.getByTestId("claim-next").filter({ hasText: "Take the next chat" }).waitFor();
	assert.equal(await desk.evaluate(() => document.documentElement.lang), "en");
	await desk.reload();
	await desk.getByTestId("claim-next").filter({ hasText: "Take the next chat" }).waitFor();
	await desk.getByTestId("tab-mine").filter({ hasText: "1" }).waitFor();
	await desk.getByTestId("settings-open").click();
	await desk.getByTestId("settings-language").selectOption("");
	await desk.getByTestId("claim-next").filter({ hasText: "Nächsten Chat nehmen" }).waitFor();
	browser.check();
});

test("a picture that is pasted does not vanish without a word, at either side", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	const shop = await browser.person();
	const paste = (field) => field.evaluate((e) => {
		const clipboardData = new DataTransfer();
		clipboardData.items.add(new File(["x"], "mug.png", { type: "image/png" }));
		e.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
	});
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await paste(shop.getByTestId("input"));
	const told = shop.getByTestId("announcement").filter({ hasText: "Only text can be sent here." });
	await told.waitFor();
	await axe(shop, "a picture was pasted");
	await told.getByRole("button").click();
	await told.waitFor({ state: "detached" });

	await stack.waiting();
	await desk.getByTestId("claim-next").click();
	await paste(desk.getByTestId("composer"));
	await desk.getByTestId("toast").filter({ hasText: "Only text can be sent here." }).waitFor();
	browser.check();
});
