// The main job in a real browser, once from end to end: a shopper asks and is
// answered, asks for a person, an agent takes the chat in the console, both
// talk, the agent resolves it, the shopper rates. Whatever the pages throw on
// the way fails it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, freePort, until } from "../blackbox/lib.mjs";
import { Browser } from "./browser.mjs";

test("a shopper asks, is answered, asks for a person, is helped, and rates", async (t) => {
	const stack = await Stack.start(t);
	const { daemon } = stack;
	const { name, password } = stack.addAgent("maria");
	const browser = await Browser.start(t);

	// The shopper asks.
	const shop = await browser.person();
	await shop.goto(`${daemon.origin}/demo/`);
	await shop.getByTestId("launcher").waitFor();
	await browser.shot(shop, "1-demo-shop");
	await shop.getByTestId("launcher").click();
	const input = shop.getByTestId("input");
	await input.waitFor();
	const say = async (text) => {
		await input.fill(text);
		await input.press("Enter");
		await shop.getByTestId("message").and(shop.locator("[data-from=shopper]")).filter({ hasText: text }).waitFor();
	};
	const question = "How can I cancel my order?";
	await say(question);
	const own = shop.locator("[data-testid=message][data-from=shopper]").filter({ hasText: question });
	await until(async () => ["stored", "read"].includes(await own.getAttribute("data-status")), "the message is shown as stored");
	const answer = shop.locator("[data-testid=message][data-from=bot]").filter({ hasText: /cancel/i });
	await answer.first().waitFor();
	await browser.shot(shop, "2-answered");

	// A reload shows the same, once.
	await shop.reload();
	await own.waitFor();
	await answer.first().waitFor();
	assert.equal(await own.count(), 1);
	assert.equal(await answer.count(), 1);

	// The shopper asks for a person and waits.
	await shop.getByTestId("human").click();
	const waiting = shop.getByTestId("waiting");
	await waiting.waitFor();
	await until(async () => /number 1|place is kept/.test(await waiting.innerText()), "the place is shown, or that nobody is online");
	await browser.shot(shop, "3-waiting");

	// The agent signs in; a wrong password is told.
	const desk = await browser.person({ expected: [/401/, /WebSocket connection to .*desk/] });
	await desk.goto(`${daemon.origin}/console/`);
	await desk.getByTestId("login-name").fill(name);
	await desk.getByTestId("login-password").fill("not the password");
	await desk.getByTestId("login-submit").click();
	await until(async () => (await desk.getByTestId("login-error").innerText()).length > 0, "the mistake is told");
	await browser.shot(desk, "4-sign-in");
	await desk.getByTestId("login-password").fill(password);
	await desk.getByTestId("login-submit").click();

	// The queue says who waits and why; the agent reads and takes it.
	const item = desk.getByTestId("queue-item").filter({ hasText: /cancel my order/i });
	await item.waitFor();
	await browser.shot(desk, "5-queue");
	await item.click();
	const talk = desk.getByTestId("conversation");
	await talk.waitFor();
	await talk.getByText(question).first().waitFor();
	await browser.shot(desk, "6-preview");
	await desk.getByTestId("claim-this").click();
	await desk.locator("[data-testid=conversation][data-mine=true]").waitFor();
	await shop.getByTestId("waiting").waitFor({ state: "hidden" });

	// Both talk.
	const composer = desk.getByTestId("composer");
	const hello = "Hello, this is Maria. Which order is it?";
	await composer.fill(hello);
	await composer.press("Enter");
	await shop.locator("[data-testid=message][data-from=agent]").filter({ hasText: hello }).waitFor();
	const reply = "It is 12345678, thank you!";
	await say(reply);
	await talk.locator("[data-testid=event][data-from=shopper]").filter({ hasText: reply }).waitFor();
	const script = "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>";
	await say(script);
	await talk.getByText(script).first().waitFor();
	assert.doesNotMatch(await desk.title(), /owned/);
	assert.doesNotMatch(await shop.title(), /owned/);
	// A note stays among agents.
	await desk.getByTestId("note-toggle").click();
	await composer.fill("A regular, be generous.");
	await composer.press("Enter");
	await talk.locator("[data-testid=event][data-type=note]").waitFor();
	await browser.shot(desk, "7-agent-talks");
	await browser.shot(shop, "8-shopper-talks");
	assert.equal(await shop.getByText("be generous").count(), 0);

	// Resolved and rated.
	await desk.getByTestId("resolve").click();
	await desk.locator("[data-testid^=outcome-]").first().click();
	const rating = shop.locator("[data-testid=feedback][data-kind=csat]");
	await rating.waitFor();
	await browser.shot(shop, "9-asked-to-rate");
	await rating.getByTestId("rate-5").click();
	await rating.locator("textarea").fill("Quick and kind");
	await rating.getByTestId("feedback-send").click();
	// And then how easy it was.
	const effort = shop.locator("[data-testid=feedback][data-kind=ces]");
	await effort.getByTestId("rate-6").click();
	await browser.shot(shop, "10-asked-how-easy");
	await effort.getByTestId("feedback-send").click();
	await shop.locator("[data-testid=feedback][data-kind=ces].done").waitFor();
	await browser.shot(shop, "10-rated");
	const agent = await stack.desk("maria");
	const keys = stack.redis.cli("KEYS", "*conv:*:log");
	const conversation = /conv:\{?([A-Za-z0-9_-]+)\}?:log/.exec(keys)[1];
	await agent.open(conversation);
	await agent.event(conversation, (e) => e.type === "feedback" && e.score === 6);
	const log = agent.log(conversation);
	const feedback = log.find((e) => e.type === "feedback");
	assert.deepEqual(log.filter((e) => e.type === "feedback").map((e) => e.score), [5, 6]);
	assert.equal(feedback.score, 5);
	assert.equal(feedback.comment, "Quick and kind");
	assert.equal(log.at(-1).type === "feedback" || log.some((e) => e.type === "state" && e.state === "closed"), true);
	browser.check();
});

test("a shopper on a phone sees the whole conversation and goes on after the daemon's restart", async (t) => {
	const stack = await Stack.start(t, { settings: { listen: `127.0.0.1:${await freePort()}` } });
	const browser = await Browser.start(t);
	const shop = await browser.person({ viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true, expected: [/WebSocket connection/, /ERR_CONNECTION_REFUSED/] });
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	const input = shop.getByTestId("input");
	await input.waitFor();
	const say = async (text) => {
		await input.fill(text);
		await shop.getByTestId("send").click();
	};
	await say("Which payment methods do you accept?");
	await shop.locator("[data-testid=message][data-from=bot]").first().waitFor();
	await browser.shot(shop, "11-phone");
	const box = await shop.getByTestId("panel").boundingBox();
	assert.ok(box.width >= 370, `the panel fills the phone: ${box.width}`);
	// The daemon stops; what is written meanwhile is kept and sent later.
	const { address } = stack.daemon;
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	await say("Where is my refund?");
	const own = shop.locator("[data-testid=message][data-from=shopper]").filter({ hasText: "Where is my refund?" });
	await own.waitFor();
	assert.notEqual(await own.getAttribute("data-status"), "stored");
	await browser.shot(shop, "12-phone-offline");
	await stack.another({ settings: { listen: address } });
	await until(async () => ["stored", "read"].includes(await own.getAttribute("data-status")), "it is sent and stored");
	await until(async () => (await shop.locator("[data-testid=message][data-from=bot]").count()) === 2, "and answered, once");
	assert.equal(await own.count(), 1);
	browser.check();
});
