// What a shopper sees of a conversation while the panel is closed, and of the
// panel before there is one: an unread message's first words beside the launcher,
// and questions to begin with. And what they are asked when they end it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

const scriptOf = (stack, more = "") => `<script async src="${stack.daemon.origin}/widget.js" ${more}></script>`;
const LONG = "Your parcel was scanned in Bremen this morning. " + "It goes on from there by rail and by bicycle. ".repeat(6);

async function inLine(shop) {
	await talk(shop);
	await shop.getByTestId("human").click();
	await shop.getByTestId("waiting").waitFor();
	await shop.getByTestId("close").click();
	await shop.getByTestId("panel").waitFor({ state: "hidden" });
}

/* A shopper in line, whose panel is closed. */
async function waiting(t) {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(await shopPage(t, () => page(scriptOf(stack))));
	await inLine(shop);
	return { stack, browser, shop };
}

test("what is said while the chat is closed shows its first words beside the launcher, is read out, moves nothing, and is opened or put away", async (t) => {
	const { stack, browser, shop } = await waiting(t);
	const preview = shop.getByTestId("preview");
	const places = async () => [await shop.locator("main").boundingBox(), await shop.getByTestId("launcher").boundingBox()];
	const before = await places();
	const desk = await stack.desk("maria");
	const { conversation } = await desk.claim().done;
	await preview.getByText("maria is with you now").waitFor();
	await desk.ask({ type: "open", conversation }).done;
	await desk.say(conversation, LONG).stored;
	await preview.getByText("Your parcel was scanned").waitFor();
	await preview.getByText("maria", { exact: true }).waitFor();
	assert.deepEqual(await places(), before);
	assert.match(await shop.getByTestId("status").textContent(), /^maria: Your parcel was scanned/);
	const box = await preview.boundingBox();
	assert.ok(box.height < 100 && box.width <= 280 && box.y + box.height <= before[1].y, "two lines above the launcher");
	await axe(shop, "a preview");
	await browser.shot(shop, "widget-preview");

	// Put away, for the next page too; what comes then is told again.
	await shop.getByTestId("preview-dismiss").focus();
	await shop.keyboard.press("Enter");
	await preview.waitFor({ state: "hidden" });
	assert.equal(await shop.getByTestId("launcher").evaluate((e) => e.getRootNode().activeElement === e), true);
	await shop.reload();
	await shop.getByTestId("launcher").getByText("2").waitFor();
	assert.equal(await preview.isVisible(), false);
	await desk.say(conversation, "One more thing: it rains.").stored;
	await preview.getByText("it rains").waitFor();
	await shop.emulateMedia({ colorScheme: "dark" });
	await axe(shop, "a preview in the dark");
	await browser.shot(shop, "widget-preview-dark");
	await shop.getByTestId("preview-open").click();
	await shop.getByTestId("panel").getByText("it rains").waitFor();
	await preview.waitFor({ state: "hidden" });
	await desk.expect((f) => f.type === "read", { what: "it was read" });
	browser.check();
});

test("no preview for who wants less motion, nor where the shop wants none: the number is enough", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await stack.desk("maria");
	for (const [more, reducedMotion] of [["", "reduce"], ['data-preview="off"', "no-preference"]]) {
		const shop = await browser.person({ reducedMotion });
		await shop.goto(await shopPage(t, () => page(scriptOf(stack, more))));
		await inLine(shop);
		const { conversation } = await desk.claim().done;
		await desk.ask({ type: "open", conversation }).done;
		await desk.say(conversation, "Here I am.").stored;
		await shop.getByTestId("launcher").getByText("2").waitFor();
		assert.equal(await shop.getByTestId("preview").isVisible(), false);
	}
	browser.check();
});

test("the shop's questions stand below the greeting until one is asked, by keyboard as well; the greeting stays", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(await shopPage(t, () => page(scriptOf(stack, 'data-greeting="Welcome in." data-starters="Which payment methods do you accept?| | Do you ship abroad? "'))));
	await shop.getByTestId("launcher").click();
	const starters = shop.getByTestId("starter");
	await starters.first().waitFor();
	assert.deepEqual(await starters.allTextContents(), ["Which payment methods do you accept?", "Do you ship abroad?"]);
	await axe(shop, "questions to begin with");
	await browser.shot(shop, "widget-starters");
	await starters.first().focus();
	await shop.keyboard.press("Enter");
	const own = shop.locator("[data-testid=message][data-from=shopper]");
	await own.getByText("Which payment methods do you accept?").waitFor();
	await shop.locator("[data-testid=message][data-from=bot]").first().waitFor();
	assert.equal(await starters.count(), 0);
	assert.equal(await shop.getByText("Welcome in.").count(), 1);
	assert.equal(await shop.getByTestId("panel").evaluate((e) => e.contains(e.getRootNode().activeElement)), true, "one is still in the conversation");
	await shop.reload();
	await until(async () => await own.count() === 1, "it is still there");
	assert.equal(await starters.count(), 0);
	browser.check();
});

test("who ends a chat with a person is asked how it was, and may begin anew", async (t) => {
	const { stack, browser, shop } = await waiting(t);
	const desk = await stack.desk("maria");
	const { conversation } = await desk.claim().done;
	await desk.open(conversation);
	await desk.say(conversation, "Hello, how can I help?").stored;
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("panel").getByText("Hello, how can I help?").waitFor();
	await shop.getByTestId("panel").getByRole("button", { name: "More" }).click();
	await shop.getByTestId("end").click();
	const rating = shop.locator("[data-testid=feedback][data-kind=csat]");
	await rating.getByTestId("rate-4").click();
	assert.equal(await shop.getByTestId("panel").evaluate((e) => e.scrollTop), 0, "the header stays where it is");
	await axe(shop, "asked after ending it");
	await browser.shot(shop, "widget-ended-by-shopper");
	await rating.getByTestId("feedback-send").click();
	await shop.locator("[data-testid=feedback][data-kind=ces]").waitFor();
	const { event } = await desk.event(conversation, (e) => e.type === "feedback");
	assert.equal(event.score, 4);
	await shop.getByTestId("anew").waitFor();
	browser.check();
});
