// The whole shopper's conversation by keyboard alone, and what axe-core finds
// in the main states of widget and console (WCAG 2.2 AA and what it calls good
// practice). Nothing here clicks in the shopper's page or sets a focus.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Stack, answerctl, until } from "../blackbox/lib.mjs";
import { axe as check } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn, welcome } from "./desk.mjs";

/* That a fault within the widget would be seen. */
async function finds(page) {
	await page.evaluate(() => {
		const host = [...document.querySelectorAll("body *")].find((e) => e.shadowRoot);
		const button = document.createElement("button");
		button.id = "planted";
		host.shadowRoot.append(button);
	});
	await assert.rejects(check(page, "a planted fault"), /button-name[\s\S]*planted/);
	await page.evaluate(() => [...document.querySelectorAll("body *")].find((e) => e.shadowRoot).shadowRoot.getElementById("planted").remove());
}

/* The element that has the focus, within shadow roots. */
function focused(page) {
	return page.evaluate(() => {
		let e = document.activeElement;
		while (e?.shadowRoot?.activeElement)
			e = e.shadowRoot.activeElement;
		const ring = e === null ? "" : getComputedStyle(e);
		return {
			testid: e?.dataset?.testid ?? "", tag: e?.tagName ?? "", text: e?.textContent?.trim() ?? "",
			name: e?.getAttribute?.("aria-label") ?? "", pressed: e?.getAttribute?.("aria-pressed") ?? "",
			ring: ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) > 0 || ring.boxShadow !== "none",
		};
	});
}

/* Tab until `fits`; a focus that cannot be seen on the way is a fault. */
async function tabTo(page, fits, what, { back = false } = {}) {
	const seen = [];
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press(back ? "Shift+Tab" : "Tab");
		const f = await focused(page);
		if (fits(f)) {
			assert.ok(f.ring || f.tag === "TEXTAREA", `the focus on ${what} can be seen`);
			return f;
		}
		seen.push(f.testid || f.name || f.text.slice(0, 20) || f.tag);
	}
	assert.fail(`${what} is not reached by Tab: ${seen.join(", ")}`);
}

const byId = (id) => (f) => f.testid === id;

test("a shopper goes through the whole conversation by keyboard alone", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await stack.desk("maria");
	const shop = await browser.person();
	const message = (from, like) => shop.locator(`[data-testid=message][data-from=${from}]`).filter({ hasText: like });
	const write = async (text) => {
		assert.equal((await focused(shop)).testid, "input", "one can write at once");
		await shop.keyboard.type(text);
		await shop.keyboard.press("Enter");
	};
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").waitFor();
	await check(shop, "the launcher");
	await finds(shop);

	// Open, ask.
	await tabTo(shop, byId("launcher"), "the launcher");
	await shop.keyboard.press("Enter");
	await shop.getByTestId("panel").waitFor();
	await until(async () => (await focused(shop)).testid === "input", "the focus is where one writes");
	await check(shop, "the panel before a word");
	await write("How can I pay?");
	await message("bot", /./).first().waitFor();
	await check(shop, "a first answer");

	// Escape closes and gives the focus back; Enter opens it again.
	await shop.keyboard.press("Escape");
	await shop.getByTestId("panel").waitFor({ state: "hidden" });
	assert.equal((await focused(shop)).testid, "launcher");
	await shop.keyboard.press("Enter");
	await shop.getByTestId("panel").waitFor();
	await until(async () => (await focused(shop)).testid === "input", "the focus is back");

	// A quick reply.
	await write("xyzzy plugh frobnicate");
	await shop.getByTestId("quick-reply").last().waitFor();
	await check(shop, "quick replies");
	const label = (await shop.getByTestId("quick-reply").last().innerText()).trim();
	await tabTo(shop, (f) => f.testid === "quick-reply" && f.text === label, "the quick reply", { back: true });
	await shop.keyboard.press("Enter");
	await message("shopper", label).waitFor();
	const waiting = shop.getByTestId("waiting");
	if (!/person/i.test(label)) {
		// Talk to a person.
		await tabTo(shop, byId("human"), "the way to a person");
		await shop.keyboard.press("Enter");
	}
	await waiting.waitFor();
	await until(async () => /\d|next/i.test(await waiting.innerText()), "the place in line is told");
	await check(shop, "waiting");

	// An announcement, dismissed.
	const run = answerctl(["announce", "Our warehouse moves today; parcels leave tomorrow.", "--level", "warning", "--until", "+1h"], { daemon: stack.daemon });
	assert.equal(run.status, 0, run.stderr);
	const banner = shop.getByTestId("announcement");
	await banner.waitFor();
	assert.match(await banner.innerText(), /warehouse/);
	assert.equal(await banner.evaluate((e) => e.parentElement.getAttribute("role")), "status", "read out without taking the focus");
	await check(shop, "an announcement");
	await browser.shot(shop, "20-announcement");
	await tabTo(shop, (f) => /dismiss/i.test(f.name), "the announcement's button", { back: true });
	await shop.keyboard.press("Enter");
	await banner.waitFor({ state: "detached" });

	// The agent comes and answers.
	const [{ conversation }] = [await desk.expect((f) => f.type === "queue" && f.items.length > 0)].map((f) => f.items[0]);
	await desk.take(conversation);
	await desk.say(conversation, "Hello, how can I help you?").stored;
	await message("agent", "how can I help you").waitFor();
	await waiting.waitFor({ state: "hidden" });
	await until(async () => (await shop.getByTestId("status").textContent()) === "", "the place in line is not read out any more");
	if ((await focused(shop)).testid !== "input")
		await tabTo(shop, byId("input"), "the input");
	await write("Can I pay by invoice?");
	await desk.event(conversation, (e) => e.type === "message" && e.text === "Can I pay by invoice?");
	await check(shop, "with an agent");
	await desk.say(conversation, "Yes, you can.").stored;
	await desk.ask({ type: "resolve", conversation, outcome: desk.welcome.outcomes[0] }).done;

	// Rate, with a comment.
	const rating = shop.locator("[data-testid=feedback][data-kind=csat]");
	await rating.waitFor();
	await check(shop, "asked to rate");
	await tabTo(shop, byId("rate-4"), "the rating", { back: true });
	await shop.keyboard.press("Space");
	assert.equal((await focused(shop)).pressed, "true");
	await tabTo(shop, (f) => f.tag === "TEXTAREA" && f.testid !== "input", "the comment");
	await shop.keyboard.type("Quick");
	await check(shop, "rating");
	await tabTo(shop, byId("feedback-send"), "the button that sends the rating");
	await shop.keyboard.press("Enter");
	const feedback = await desk.event(conversation, (e) => e.type === "feedback");
	assert.deepEqual([feedback.event.score, feedback.event.comment], [4, "Quick"]);
	await check(shop, "rated");

	// The menu; then start anew.
	await tabTo(shop, (f) => f.tag === "BUTTON" && /menu|more|options/i.test(f.name), "the menu", { back: true });
	await shop.keyboard.press("Enter");
	await until(async () => (await focused(shop)).testid === "transcript", "the menu's first entry has the focus");
	await check(shop, "the menu");
	await shop.keyboard.press("Escape");
	assert.equal(await shop.getByTestId("panel").isVisible(), true, "Escape closes the menu only");
	await tabTo(shop, byId("anew"), "start anew");
	await shop.keyboard.press("Enter");
	await until(async () => (await focused(shop)).testid === "input", "one can write at once");
	await write("What are your delivery options?");
	await message("bot", /deliver/i).last().waitFor();
	await check(shop, "a new conversation");
	browser.check();
});

test("a screen reader hears each thing once that is said, that somebody writes, and why something is not sent", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("input").waitFor();
	await shop.getByTestId("input").evaluate((input) => {
		window.heard = [];
		const log = input.getRootNode().querySelector("[role=log]");
		new MutationObserver((changes) => {
			for (const { target, addedNodes } of changes)
				for (const node of [target.nodeType === Node.TEXT_NODE ? target : null, ...addedNodes]) {
					const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
					if (element?.isConnected && !element.closest("[aria-live=off]"))
						window.heard.push(element.textContent);
				}
		}).observe(log, { childList: true, subtree: true, characterData: true });
	});
	const heard = async (text) => (await shop.evaluate(() => window.heard)).filter((h) => h.includes(text)).length;
	const own = (n) => shop.locator("[data-testid=message][data-from=shopper]").nth(n);
	const stored = (n) => until(async () => ["stored", "read"].includes(await own(n).getAttribute("data-status")), "it is stored");
	const write = async (text) => {
		await shop.getByTestId("input").fill(text);
		await shop.getByTestId("input").press("Enter");
	};
	await write("Which payment methods do you accept?");
	await shop.getByText("You can pay by").waitFor();
	await stored(0);
	await write("I would like to talk to a person.");
	await stored(1);
	const desk = await stack.desk("maria");
	const { conversation } = await desk.claim().done;
	await desk.ask({ type: "open", conversation }).done;
	desk.send({ type: "typing", conversation, on: true });
	await shop.getByRole("status").getByText("maria is writing …").waitFor({ state: "attached" });
	await desk.say(conversation, "Hello, this is Maria.").stored;
	await shop.getByText("Hello, this is Maria.").waitFor();
	await shop.getByText("maria is writing …").waitFor({ state: "detached" });
	desk.send({ type: "read", conversation, upto: 5 });
	await own(1).and(shop.locator("[data-status=read]")).waitFor();
	for (const text of ["Which payment methods", "You can pay by", "I would like to talk", "Hello, this is Maria."])
		assert.equal(await heard(text), 1, text);
	for (const text of ["Received", "Delivered", "Read"])
		assert.equal(await heard(text), 0, text);

	await write("x".repeat(2001));
	await until(async () => await shop.getByTestId("status").textContent() === "1 characters too many", "it is said why nothing was sent");
	browser.check();
});

test("where the panel has all of the window the focus never goes behind it", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ viewport: { width: 320, height: 640 } });
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("starter").first().waitFor();
	const round = async (first, last) => {
		for (const back of [false, true]) {
			const seen = [];
			for (let i = 0; i < 16; i++) {
				await shop.keyboard.press(back ? "Shift+Tab" : "Tab");
				const f = await focused(shop);
				assert.ok(await shop.evaluate(() => document.activeElement?.shadowRoot != null), `in the panel, not at ${f.tag} ${f.text.slice(0, 20)}`);
				seen.push(f.name || f.text);
			}
			const at = seen.indexOf(back ? first : last);
			assert.equal(seen[at + 1], back ? last : first, seen.join(", "));
		}
	};
	await round("More", "Send");
	await shop.getByTestId("human").click();
	await shop.getByTestId("contact").click();
	await shop.getByTestId("contact-input").waitFor();
	await round("More", "Cancel");
	await shop.setViewportSize({ width: 1280, height: 800 });
	await shop.locator("[data-testid=contact-form] button").last().focus();
	await shop.keyboard.press("Tab");
	assert.equal((await focused(shop)).testid, "launcher", "beside a page that can be seen one goes on");
	browser.check();
});

test("an announcement comes, ends, stays dismissed after a reload, in the dark and on a phone", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const announce = (...args) => {
		const run = answerctl(["announce", ...args], { daemon: stack.daemon });
		assert.equal(run.status, 0, run.stderr);
		return run.stdout.trim().split(" ")[1];
	};
	const shop = await browser.person({ viewport: { width: 375, height: 667 }, colorScheme: "dark", isMobile: true, hasTouch: true });
	const id = announce("<b>Sale</b> until Sunday: everything 10 % off.");
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	const banner = shop.getByTestId("announcement");
	await banner.waitFor();
	assert.match(await banner.innerText(), /<b>Sale<\/b>/, "text is text");
	await check(shop, "an announcement in the dark");
	await browser.shot(shop, "21-announcement-phone-dark");
	const second = announce("A second one", "--until", "+1h");
	await until(async () => (await banner.count()) === 2, "both are shown");
	await banner.filter({ hasText: "Sale" }).getByRole("button").click();
	await until(async () => (await banner.count()) === 1, "one is dismissed");
	await shop.reload();
	await banner.filter({ hasText: "second" }).waitFor();
	assert.equal(await banner.count(), 1, "what was dismissed stays away");
	answerctl(["announce", "--over", second], { daemon: stack.daemon });
	await until(async () => (await banner.count()) === 0, "over is over");
	assert.notEqual(id, second);
	browser.check();
});

test("axe finds nothing in the console; no error is in the browser's log before one signs in; the suggestion has one key", async (t) => {
	const stack = await Stack.start(t);
	const { name, password } = stack.addAgent("maria");
	const browser = await Browser.start(t);
	const desk = await browser.person();
	const sockets = [];
	desk.on("websocket", (w) => sockets.push(w.url()));
	await desk.goto(`${stack.daemon.origin}/console/`);
	await desk.getByTestId("login-name").waitFor();
	assert.deepEqual(sockets, [], "no connection that must fail");
	browser.check();
	await check(desk, "the sign-in");
	await until(async () => (await focused(desk)).testid === "login-name", "one can write at once");
	await desk.keyboard.type(name);
	await desk.keyboard.press("Tab");
	await desk.keyboard.type(password);
	await desk.keyboard.press("Enter");
	await welcome(desk);
	await check(desk, "an empty desk");
	// Signed in, a reload asks for nothing.
	await desk.reload();
	await welcome(desk);

	const s = await stack.waiting();
	await desk.getByTestId("queue-item").first().waitFor();
	await check(desk, "somebody waits");
	await desk.keyboard.press("c");
	await desk.locator("[data-testid=conversation][data-mine=true]").waitFor();
	await check(desk, "a chat");
	await s.say("how can I pay?");
	const suggestion = desk.getByTestId("suggestion");
	await suggestion.waitFor();
	await check(desk, "a suggestion");
	await browser.shot(desk, "22-suggestion");
	const composer = desk.getByTestId("composer");
	await until(async () => (await focused(desk)).testid === "composer", "the composer has the focus");
	await desk.keyboard.press("ArrowRight");
	await until(async () => (await composer.inputValue()).length > 20, "one key takes it over, to be edited");
	assert.equal(await suggestion.count(), 0);
	await desk.keyboard.type(" Anything else?");
	await desk.keyboard.press("Enter");
	const answer = await s.expect((f) => f.type === "message" && f.from === "agent");
	assert.match(answer.text, /pay.* Anything else\?$/is);
	// And outside of the field.
	await s.say("do you deliver to France?");
	await s.say("how can I pay?");
	// Not what the bot would say to the question before.
	await suggestion.filter({ hasText: /pay/i }).waitFor();
	await desk.keyboard.press("Escape");
	await desk.keyboard.press("u");
	await until(async () => (await composer.inputValue()).length > 20, "so does u");
	await composer.fill("");
	await desk.keyboard.press("Escape");
	await desk.keyboard.press("n");
	await check(desk, "a note");
	await desk.keyboard.press("Escape");
	await desk.keyboard.press("?");
	await desk.getByTestId("help").waitFor();
	await check(desk, "the keys");
	// Both keys in one task: the browser tells of the closing after it.
	await desk.evaluate(() => {
		document.querySelector("dialog").close();
		document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true }));
	});
	await desk.locator("[data-testid^=outcome-]").first().waitFor();
	await check(desk, "resolving");
	browser.check();
});

test("a key counts that comes before the page was drawn again", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	const s = await stack.waiting();
	await desk.getByTestId("queue-item").first().waitFor();
	/* A key goes where the focus is; `drawn` waits until all has followed. */
	await desk.evaluate(() => {
		window.press = async (key) => {
			document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
			for (let i = 0; i < 10; i++)
				await null;
		};
		window.drawn = async () => {
			for (let i = 0; i < 3; i++)
				await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
		};
	});

	// Escape as soon as there is a field to leave: it is not entered after it.
	const left = desk.evaluate(() => new Promise((done) => {
		new MutationObserver(async (_, watch) => {
			if (document.querySelector("[data-testid=composer]") === null)
				return;
			watch.disconnect();
			await window.press("Escape");
			await window.drawn();
			done(document.activeElement.tagName);
		}).observe(document.body, { childList: true, subtree: true });
	}));
	await desk.keyboard.press("c");
	assert.equal(await left, "BODY", "the field is left");

	// A dialog that closes takes the focus from nobody who has it by then.
	await desk.getByRole("button", { name: "Keys" }).focus();
	await desk.keyboard.press("Enter");
	await desk.getByTestId("help").waitFor();
	await desk.evaluate(async () => {
		document.querySelector("dialog").close();
		await window.press("m");
		await window.drawn();
	});
	assert.equal((await focused(desk)).testid, "composer");
	assert.equal(await desk.locator("dialog").count(), 0);
	// Nor does it leave the focus nowhere.
	await desk.getByRole("button", { name: "Keys" }).focus();
	await desk.keyboard.press("Enter");
	await desk.getByTestId("help").waitFor();
	await desk.keyboard.press("Escape");
	await desk.locator("dialog").waitFor({ state: "detached" });
	assert.equal((await focused(desk)).name, "Keys");

	// The second key of two is for the dialog that the first one opened.
	await desk.evaluate(async () => {
		await window.press("r");
		await window.press("1");
	});
	await s.state("closed");
	browser.check();
});
