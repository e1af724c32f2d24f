// An agent with several chats at once: what was begun in one of them while
// another is looked at.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn, welcome } from "./desk.mjs";

const expected = [/api\/logout net::ERR_ABORTED/];
const talk = (desk) => desk.getByTestId("conversation");
const composer = (desk) => desk.getByTestId("composer");

/* Who sits at a desk with `n` chats, the last of them on the screen: their
 * conversations in the order of the list. */
async function withChats(t, n, options) {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria", { expected, ...options });
	const shoppers = [];
	for (let i = 0; i < n; i++) {
		const shopper = await stack.waiting();
		await desk.getByTestId("tab-queue").filter({ hasText: "1" }).waitFor();
		await desk.keyboard.press("Escape");
		await desk.keyboard.press("c");
		await desk.getByTestId("tab-mine").filter({ hasText: String(i + 1) }).waitFor();
		await composer(desk).waitFor();
		shoppers.push(shopper);
	}
	const ids = await desk.locator("[data-kind=mine]").evaluateAll((rows) => rows.map((r) => r.dataset.conversation));
	const row = (i) => desk.locator(`[data-kind=mine][data-conversation="${ids[i]}"]`);
	const shows = (i) => until(async () => await talk(desk).getAttribute("data-conversation") === ids[i], `chat ${i} is on the screen`);
	await shows(n - 1);
	return { stack, browser, desk, shoppers, row, shows };
}

test("what was begun in a chat is marked in the list, is there after the page was loaded again, and goes with the agent", async (t) => {
	const { browser, desk, row, shows } = await withChats(t, 2);
	await composer(desk).fill("To be checked with the kiln");
	await desk.getByTestId("note-toggle").click();
	await row(0).click();
	await shows(0);
	await row(1).getByTestId("draft").waitFor();
	await composer(desk).fill("Dear visitor");
	await browser.shot(desk, "console-drafts");
	await axe(desk, "a draft in the list");

	desk.on("dialog", (d) => d.accept());
	await desk.reload();
	await welcome(desk);
	await shows(0);
	assert.equal(await composer(desk).inputValue(), "Dear visitor");
	await composer(desk).press("Enter");
	await desk.locator("[data-testid=event][data-from=agent][data-status=stored]").waitFor();
	await row(1).getByTestId("draft").waitFor();
	await row(1).click();
	await shows(1);
	assert.equal(await composer(desk).inputValue(), "To be checked with the kiln");
	assert.equal(await desk.locator("form.composer").getAttribute("data-mode"), "note");
	await row(0).click();
	await shows(0);
	assert.equal(await composer(desk).inputValue(), "", "that one was sent");

	const kept = () => desk.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
	assert.match(await kept(), /kiln/);
	await desk.getByTestId("logout").click();
	await desk.getByTestId("leave-submit").click();
	await desk.getByTestId("login").waitFor();
	assert.doesNotMatch(await kept(), /kiln/);
	browser.check();
});

test("keys lead from chat to chat while one writes, and to who waits longest", async (t) => {
	const { browser, desk, shoppers, shows } = await withChats(t, 3);
	await composer(desk).fill("begun");
	await desk.keyboard.press("Alt+ArrowDown");
	await shows(0);
	assert.equal(await composer(desk).evaluate((e) => e === document.activeElement), true, "one can go on writing");
	await desk.keyboard.type("Hello you");
	await desk.keyboard.press("Enter");
	await desk.keyboard.press("Alt+ArrowUp");
	await shows(2);
	assert.equal(await composer(desk).inputValue(), "begun");
	await desk.keyboard.press("Alt+ArrowUp");
	await shows(1);

	// The second and third have no answer yet; the first asks again, last of all.
	await shoppers[0].say("and when does it come?");
	await desk.getByTestId("tab-mine").getByText("unread").waitFor();
	await desk.keyboard.press("Alt+KeyW");
	await shows(2);
	await desk.keyboard.press("Alt+KeyW");
	await shows(1);
	for (const i of [1, 2]) {
		await shows(i);
		await composer(desk).fill("Hello");
		await desk.keyboard.press("Enter");
		await desk.keyboard.press("Escape");
		await desk.getByTestId("tab-queue").click();
		await desk.keyboard.press("w");
		await shows(i === 1 ? 2 : 0);
	}
	await desk.getByTestId("composer").waitFor();
	assert.equal(await desk.getByTestId("tab-mine").getAttribute("aria-selected"), "true");
	await desk.keyboard.press("Alt+KeyW");
	await desk.getByTestId("toast").getByText("None of your other chats waits").waitFor();
	await desk.keyboard.press("Escape");
	await desk.keyboard.press("?");
	await desk.getByTestId("help").getByText("longest").waitFor();
	await browser.shot(desk, "console-help");
	browser.check();
});

test("a conversation is copied with who said what and when, without notes; where that is refused one is told", async (t) => {
	const { stack, browser, desk, shoppers } = await withChats(t, 1);
	await shoppers[0].say("my kettle hums\nat night").stored;
	await composer(desk).fill("An odd one.");
	await desk.getByTestId("note-toggle").click();
	await composer(desk).press("Enter");
	await composer(desk).fill("Does it, now?");
	await composer(desk).press("Enter");
	await desk.locator("[data-testid=event][data-from=agent][data-type=message][data-status=stored]").waitFor();
	await desk.getByText("my kettle hums").last().waitFor();
	await desk.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: stack.daemon.origin });
	await desk.getByTestId("copy").click();
	await desk.getByTestId("toast").getByText("copied, without notes").waitFor();
	const text = await desk.evaluate(() => navigator.clipboard.readText());
	const time = "\\d+:\\d\\d [AP]M  ";
	const lines = text.trim().replaceAll("\u202f", " ");
	assert.match(lines, new RegExp(`^\\d+/\\d+/\\d+\n\n${time}Visitor \\w+: `));
	assert.match(lines, new RegExp(`\n${time}Bot: .*`));
	assert.match(lines, new RegExp(`\n${time}Visitor \\w+: my kettle hums\nat night\n(.*\n)*${time}maria: Does it, now\\?$`));
	assert.doesNotMatch(text, /odd one/);
	await axe(desk, "a chat with its buttons");
	await browser.shot(desk, "console-copy");
	await desk.evaluate(() => {
		navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
	});
	await desk.getByTestId("copy").click();
	await desk.getByTestId("toast").getByText("does not let the page copy").waitFor();
	browser.check();
});
