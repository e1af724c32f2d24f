// An agent who goes with open chats: what they are told, and where the chats
// are afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn } from "./desk.mjs";

/* Chromium counts an answer without a body (204) as a failed request. */
const expected = [/api\/logout net::ERR_ABORTED/];
const mine = (page) => page.locator("[data-testid=conversation][data-mine=true]");

test("who signs out with an open chat is asked first, and it is back in line before they are gone", async (t) => {
	/* Longer than the test: only giving back brings it into line. */
	const stack = await Stack.start(t, { settings: { agents: { lease: "10 min" } } });
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria", { expected });
	const shopper = await stack.waiting();
	await desk.getByTestId("queue-item").first().waitFor();
	await desk.keyboard.press("c");
	await mine(desk).waitFor();
	await desk.getByTestId("logout").click();
	await desk.getByTestId("leave").getByText("goes back in line at once").waitFor();
	await axe(desk, "signing out with an open chat");
	await browser.shot(desk, "console-sign-out");
	await desk.getByRole("button", { name: "Stay" }).click();
	await mine(desk).waitFor();

	// Closing the tab is asked by the browser; who stays is told why.
	const asked = new Promise((resolve) => desk.once("dialog", async (d) => {
		resolve(d.type());
		await d.dismiss();
	}));
	await desk.evaluate(() => void setTimeout(() => location.reload()));
	assert.equal(await asked, "beforeunload");
	await desk.getByTestId("toast").getByText("your open chat goes back in line after 10 minutes").waitFor();
	await browser.shot(desk, "console-closing");

	const from = shopper.mark;
	await desk.getByTestId("logout").click();
	await desk.getByTestId("leave-submit").click();
	await desk.getByTestId("login").waitFor();
	await shopper.state("queued", { from });
	const otto = await signIn(stack, browser, "otto", { expected });
	await otto.getByTestId("queue-item").first().waitFor();
	// Without a chat nobody asks.
	await otto.getByTestId("logout").click();
	await otto.getByTestId("login").waitFor();
	await until(async () => await otto.locator("dialog[open]").count() === 0, "no question");
	browser.check();
});
