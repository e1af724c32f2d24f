// The widget where people and pages differ: languages from right to left,
// forced colours, less motion, narrow and enlarged pages, a strict policy, a
// page with hostile styles, a daemon that is not there. Each state is looked
// at with axe, and kept as a picture.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, answerctl, intents, tempDir, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { page, shopPage, talk } from "./shop.mjs";

/* Nothing sticks out to the side, once the page has followed its window. */
async function assertFits(shop, what, button) {
	await until(async () => await fits(shop, what, button) ?? true, "it fits");
}

async function fits(shop, what, button = "send") {
	const over = await shop.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
	assert.ok(over <= 0, `${what}: ${over} px too wide`);
	const panel = await shop.getByTestId("panel").boundingBox();
	const size = shop.viewportSize();
	assert.ok(panel.x >= 0 && panel.x + panel.width <= size.width + 1, `${what}: the panel is within the page`);
	const send = await shop.getByTestId(button).boundingBox();
	assert.ok(send.y + send.height <= size.height + 1 && send.x + send.width <= size.width + 1, `${what}: one can send`);
}

const looks = [
	{ name: "right to left", shot: "widget-rtl", lang: "ar", dir: "rtl" },
	{ name: "German", shot: "widget-german", lang: "de" },
	{ name: "forced colours", shot: "widget-forced-colours", context: { forcedColors: "active" } },
	{ name: "less motion, dark", shot: "widget-dark", context: { reducedMotion: "reduce", colorScheme: "dark" } },
	{ name: "320 px", shot: "widget-320", context: { viewport: { width: 320, height: 568 } } },
	/* 200 % of a window of 1280 by 1024 */
	{ name: "enlarged", shot: "widget-enlarged", context: { viewport: { width: 640, height: 512 }, deviceScaleFactor: 2 } },
];

test("the widget fits everybody: languages, colours, motion, sizes", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	for (const look of looks) {
		const url = await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js"></script>`, look));
		const shop = await browser.person(look.context);
		await shop.goto(url);
		await talk(shop);
		await assertFits(shop, look.name);
		await axe(shop, look.name);
		await browser.shot(shop, look.shot);
		if (look.dir === "rtl")
			assert.deepEqual(await shop.getByTestId("panel").evaluate((e) => [getComputedStyle(e).direction, e.lang]), ["rtl", "en"], "English texts, in places that are mirrored");
		if (look.context?.colorScheme === "dark")
			assert.notEqual(await shop.getByTestId("panel").locator(".log").evaluate((e) => getComputedStyle(e).scrollbarColor), "auto", "no white bar in the dark");
		if (look.lang === "de")
			assert.match(await shop.getByTestId("human").innerText(), /Menschen/);
		for (const bubble of await shop.getByTestId("message").locator(".bubble").all())
			assert.equal(await bubble.getAttribute("lang"), look.lang ?? "en", `${look.name}: what is said says its language`);
		await shop.getByTestId("input").fill("a tale ".repeat(400));
		const counter = shop.locator(".counter");
		await counter.waitFor();
		assert.ok((await shop.getByTestId("human").boundingBox()).y + (await shop.getByTestId("human").boundingBox()).height <= (await counter.boundingBox()).y, `${look.name}: the counter covers nothing`);
		await assertFits(shop, look.name + ", a long text");
		await axe(shop, look.name + ", a long text");
		await shop.context().close();
	}
	browser.check();
});

/* The last character stands to the right of the one before. */
function endsRight(element) {
	const text = element.firstChild;
	const left = (from) => {
		const range = document.createRange();
		range.setStart(text, from);
		range.setEnd(text, from + 1);
		return range.getBoundingClientRect().left;
	};
	return left(text.length - 1) > left(text.length - 2);
}

const journeys = [
	{ name: "phone-german", lang: "de", contact: "ida@example.org", context: { viewport: { width: 390, height: 844 }, hasTouch: true } },
	{ name: "rtl-dark", lang: "ar", dir: "rtl", contact: "+44 20 7946 0000", context: { colorScheme: "dark" } },
	{ name: "small-german", lang: "de", contact: "+49 30 1234567", context: { viewport: { width: 320, height: 480 } }, announced: 3 },
];
const NEWS = "Our warehouse moves this week: parcels that were to leave on Tuesday leave on Thursday, and returns take up to ten days longer than usual.";

test("waiting, leaving a contact, being helped and rating fit in German on a phone, from right to left in the dark, and in a small window however much is announced", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await stack.desk("maria");
	for (const { name, contact, context, announced = 0, ...look } of journeys) {
		for (let i = 0; i < announced; i++)
			assert.equal(answerctl(["announce", NEWS, "--level", "warning"], { daemon: stack.daemon }).status, 0);
		const url = await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js"></script>`, look));
		const shop = await browser.person(context);
		const seen = async (state, button) => {
			await assertFits(shop, `${name}, ${state}`, button);
			if (/^(contact|rating)$/.test(state))
				await axe(shop, `${name}, ${state}`);
			await browser.shot(shop, `widget-${name}-${state}`);
		};
		await shop.goto(url);
		await talk(shop);
		await until(async () => await shop.getByTestId("announcement").count() === announced, "one is told all of it");
		await shop.getByTestId("human").click();
		await shop.getByTestId("waiting").waitFor();
		await seen("waiting");
		await shop.getByTestId("contact").click();
		await shop.getByTestId("contact-input").waitFor();
		await seen("contact", "contact-send");
		await shop.getByTestId("contact-input").fill(contact);
		// With a keyboard over the half of it one gets to all of the form.
		const { width, height } = shop.viewportSize();
		await shop.setViewportSize({ width, height: 300 });
		for (const part of ["contact-name", "contact-text", "contact-send"]) {
			await shop.keyboard.press("Tab");
			await until(async () => {
				const box = await shop.getByTestId(part).boundingBox();
				return box.y >= 0 && box.y + 36 <= 300; /* its first line */
			}, `${name}: ${part} is seen`);
		}
		assert.equal(await shop.getByTestId("panel").evaluate((e) => e.scrollTop), 0);
		await shop.setViewportSize({ width, height });
		await shop.keyboard.press("Enter");
		await shop.getByTestId("waiting").getByText(contact).waitFor();
		await shop.getByTestId("contact").getByText(/^(Change contact|Kontakt ändern)$/).waitFor();
		assert.ok(await shop.getByTestId("waiting").locator("span", { hasText: contact }).evaluate(endsRight), `${name}: the full stop is at the sentence's end`);
		await seen("contact-left");
		const { conversation } = await desk.claim().done;
		await desk.say(conversation, "Hello! Which of https://shop.example/kettles and https://shop.example/teapots/stoneware do you mean?").stored;
		await shop.locator("[data-testid=message][data-from=agent]").waitFor();
		desk.send({ type: "typing", conversation, on: true });
		await shop.getByTestId("panel").locator(".typing").waitFor();
		await seen("helped");
		await desk.ask({ type: "resolve", conversation, outcome: desk.welcome.outcomes[0] }).done;
		await shop.getByTestId("rate-2").click();
		await shop.getByTestId("feedback-send").waitFor();
		await seen("rating");
		await shop.context().close();
	}
	browser.check();
});

test("under a strict policy, and among hostile styles, it works and changes nothing on the page", async (t) => {
	const stack = await Stack.start(t);
	const { origin } = stack.daemon;
	const policy = `default-src 'none'; script-src ${origin}; connect-src ${origin} ${origin.replace("http", "ws")}; img-src data:; style-src 'self'`;
	const browser = await Browser.start(t);
	const strict = await shopPage(t, () => page(`<script async src="${origin}/widget.js" data-greeting="Welcome to the strict shop." data-position="left"></script>`), { "Content-Security-Policy": policy });
	const shop = await browser.person();
	await shop.goto(strict);
	await shop.getByTestId("launcher").waitFor();
	const before = await shop.locator("main").boundingBox();
	await shop.getByTestId("launcher").click();
	await shop.getByText("Welcome to the strict shop.").waitFor();
	assert.ok((await shop.getByTestId("panel").boundingBox()).x < 200, "on the left");
	await shop.getByTestId("close").click();
	await talk(shop);
	assert.deepEqual(await shop.locator("main").boundingBox(), before);
	assert.equal(await shop.evaluate(() => document.cookie), "");
	await browser.shot(shop, "widget-strict");
	const style = "<style>* { color: red !important; font: 40px serif !important; display: block; margin: 30px; box-sizing: content-box } button, textarea { position: fixed; opacity: .1; transform: rotate(9deg) } div { border: 9px solid lime }</style>";
	const hostile = await shopPage(t, () => page(`<script async src="${origin}/widget.js"></script>`, { head: style }));
	const other = await browser.person();
	await other.goto(hostile);
	await talk(other);
	const bubble = other.locator("[data-testid=message][data-from=bot] .bubble").first();
	const seen = await bubble.evaluate((e) => [getComputedStyle(e).fontSize, getComputedStyle(e).color, getComputedStyle(e).transform]);
	assert.notEqual(seen[0], "40px");
	assert.notEqual(seen[1], "rgb(255, 0, 0)");
	assert.equal(await other.getByTestId("send").evaluate((e) => getComputedStyle(e).opacity), "1");
	await assertFits(other, "among hostile styles");
	await browser.shot(other, "widget-hostile-page");
	browser.check();
});

test("a language that the shop's software writes with an underscore is that of words, times and the saved file", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js" data-locale="de_DE"></script>`)));
	await talk(shop, "Welche Zahlungsarten gibt es?");
	assert.equal(await shop.getByTestId("panel").getAttribute("lang"), "de-DE");
	const at = await shop.getByTestId("panel").locator("time").first().getAttribute("datetime");
	const time = await shop.evaluate((iso) => new Intl.DateTimeFormat("de", { hour: "numeric", minute: "2-digit" }).format(new Date(iso)), at);
	assert.equal(await shop.getByTestId("panel").locator("time").first().innerText(), time);
	await shop.getByLabel("Mehr").click();
	const saved = shop.waitForEvent("download");
	await shop.getByTestId("transcript").click();
	const text = fs.readFileSync(await (await saved).path(), "utf8");
	const day = await shop.evaluate((iso) => new Intl.DateTimeFormat("de").format(new Date(iso)), at);
	assert.ok(text.startsWith(`${day}\n\n${time}  Sie: Welche Zahlungsarten gibt es?`), text);
	browser.check();
});

test("a browser that lets the page keep nothing, and no two tabs meet, has a chat as well", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	/* As Chromium and Firefox do with all cookies blocked. */
	await shop.addInitScript(() => {
		const refuse = () => {
			throw new DOMException("The request was denied.", "SecurityError");
		};
		for (const area of ["localStorage", "sessionStorage"])
			Object.defineProperty(window, area, { get: refuse });
		window.BroadcastChannel = class {
			constructor() {
				refuse();
			}
		};
		window.lockRequests = 0;
		/* One that is asked without end would hold the page up. */
		LockManager.prototype.request = () => ++window.lockRequests > 50 ? new Promise(() => undefined) : new Promise(refuse);
	});
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await talk(shop);
	assert.equal(await shop.evaluate(() => window.lockRequests), 1);
	browser.check();
});

test("a daemon that is not there does not break the page, and the visitor is told", async (t) => {
	const stack = await Stack.start(t);
	const { origin } = stack.daemon;
	const browser = await Browser.start(t);
	const expected = [/ERR_CONNECTION_REFUSED/, /request failed/];
	const url = await shopPage(t, () => page(`<script async src="${origin}/widget.js"></script><script>window.pageWorks = true</script>`));
	const shop = await browser.person({ expected });
	await shop.goto(url);
	await shop.getByTestId("launcher").waitFor();
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	await shop.getByTestId("launcher").click();
	await shop.getByText("The chat cannot be reached just now.").waitFor();
	const late = await browser.person({ expected });
	await late.goto(url);
	assert.equal(await late.evaluate(() => window.pageWorks), true);
	assert.equal(await late.evaluate(() => document.body.children.length), 3, "nothing was added");
	browser.check();
});

test("on a slow network who has pressed sees that something comes, and can think better of it", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person({ viewport: { width: 375, height: 667 }, hasTouch: true });
	let release;
	const held = new Promise((resolve) => (release = resolve));
	await shop.route("**/widget/panel.js", async (route) => {
		await held;
		await route.continue();
	});
	await shop.goto(`${stack.daemon.origin}/demo/`);
	const hint = shop.getByText("…", { exact: true });
	await shop.getByTestId("launcher").tap();
	await hint.waitFor();
	await shop.evaluate(() => window.answerd.close());
	await hint.waitFor({ state: "hidden" });
	await shop.getByTestId("launcher").tap();
	await hint.waitFor();
	release();
	await shop.getByTestId("panel").waitFor();
	await hint.waitFor({ state: "hidden" });
	browser.check();
});

test("sounds are off until asked for, and the choice stays", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.addInitScript(() => {
		window.tones = 0;
		const make = AudioContext.prototype.createOscillator;
		AudioContext.prototype.createOscillator = function () {
			window.tones++;
			return make.call(this);
		};
	});
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await talk(shop);
	assert.equal(await shop.evaluate(() => window.tones), 0);
	await shop.getByTestId("panel").getByRole("button", { name: "More" }).click();
	await browser.shot(shop, "widget-menu");
	await shop.getByTestId("sound").click();
	await until(async () => (await shop.evaluate(() => window.tones)) > 0, "one hears what one has chosen");
	await shop.reload();
	await shop.getByTestId("input").waitFor();
	await shop.getByTestId("panel").getByRole("button", { name: "More" }).click();
	assert.match(await shop.getByTestId("sound").innerText(), /off/);
	await shop.getByTestId("input").click();
	await shop.getByTestId("sound").waitFor({ state: "hidden" });
	browser.check();
});

test("who waits leaves a contact, by keyboard, in a phone's window too; the agent sees it on top", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await talk(shop);
	await shop.getByTestId("human").click();
	await shop.getByTestId("contact").waitFor();
	await shop.getByTestId("contact").focus();
	await shop.keyboard.press("Enter");
	const input = shop.getByTestId("contact-input");
	await until(async () => await input.evaluate((e) => e.getRootNode().activeElement === e), "one writes at once");
	await shop.keyboard.type("call me");
	await shop.keyboard.press("Enter");
	await shop.getByTestId("contact-form").getByRole("alert").getByText("neither").waitFor();
	await axe(shop, "a contact that is none");
	await browser.shot(shop, "widget-contact-refused");
	await shop.setViewportSize({ width: 320, height: 568 });
	await assertFits(shop, "the contact form at 320 px", "contact-send");
	await axe(shop, "the contact form, narrow");
	await browser.shot(shop, "widget-contact-320");
	await shop.emulateMedia({ colorScheme: "dark" });
	await axe(shop, "the contact form, narrow and dark");
	await shop.emulateMedia({ colorScheme: "light" });
	await shop.setViewportSize({ width: 1280, height: 800 });
	// Escape gives it up and closes nothing else.
	await shop.keyboard.press("Escape");
	await shop.getByTestId("contact").waitFor();
	assert.ok(await shop.getByTestId("panel").isVisible());
	await shop.getByTestId("contact").click();
	await input.fill("ida@example.org");
	await shop.getByTestId("contact-send").click();
	await shop.getByTestId("waiting").getByText("we get back to you at ida@example.org").waitFor();
	await shop.locator("[data-testid=message][data-from=shopper]").last().getByText("ida@example.org").waitFor();
	await axe(shop, "a contact was left");
	await browser.shot(shop, "widget-contact-left");
	const desk = await stack.desk("maria");
	const { conversation } = desk.welcome.queue[0];
	await desk.ask({ type: "open", conversation, facts: true }).done;
	await desk.expect((f) => f.type === "facts" && f.visitor.email === "ida@example.org", { what: "the contact" });
	assert.ok(desk.log(conversation).some((e) => e.text === "ida@example.org"), "and in the log");
	// It is still known after a reload, and one can still leave the line.
	await shop.reload();
	await shop.getByTestId("waiting").getByText("ida@example.org").waitFor();
	await shop.getByTestId("leave").click();
	await shop.getByTestId("anew").waitFor();
	browser.check();
});

test("outside the hours one is told when the team is back and leaves a contact; whether an answer helped is one step away", async (t) => {
	const day = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(new Date().getUTCDay() + 3) % 7];
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.cpSync(intents, dir, { recursive: true });
	fs.writeFileSync(path.join(dir, "more.yaml"), "intents: [{name: parking, match: [is there parking], answer: 'Yes, behind the house.'}]\n");
	const stack = await Stack.start(t, { settings: { intents: dir, shop: { timezone: "UTC", hours: [`${day} 09:00-17:00`] } } });
	const browser = await Browser.start(t);
	const url = await shopPage(t, () => page(`<script async src="${stack.daemon.origin}/widget.js" data-hours="We answer mails in the evening, too."></script>`));
	const shop = await browser.person({ timezoneId: "America/New_York" });
	await shop.goto(url);
	await talk(shop);
	const notice = shop.getByTestId("notice").filter({ hasText: "We answer mails in the evening, too." });
	await notice.waitFor();
	assert.match(await notice.innerText(), /your time/);
	await axe(shop, "outside the hours");
	await browser.shot(shop, "widget-closed-hours");
	await shop.emulateMedia({ colorScheme: "dark" });
	await axe(shop, "outside the hours, in the dark");
	await browser.shot(shop, "widget-closed-hours-dark");
	await shop.emulateMedia({ colorScheme: "light" });

	// A rule that asks nothing after its answer: the question stands below.
	await shop.getByTestId("input").fill("is there parking");
	await shop.keyboard.press("Enter");
	await shop.locator("[data-testid=message][data-from=bot]").filter({ hasText: "behind the house" }).waitFor();
	await shop.getByTestId("helped").waitFor();
	await axe(shop, "whether it helped");
	await browser.shot(shop, "widget-did-this-help");
	await shop.getByTestId("helped").getByTestId("rate-0").focus();
	await shop.keyboard.press("Enter");
	await shop.getByTestId("helped").waitFor({ state: "detached" });
	await shop.locator("[data-testid=message][data-from=bot]").filter({ hasText: "a person" }).last().waitFor();
	assert.equal(await shop.getByTestId("panel").getByRole("button", { name: "Talk to a person" }).count(), 1, "offered once");
	await browser.shot(shop, "widget-did-not-help");
	// A contact outside the hours: somebody has it from now on.
	await shop.getByTestId("contact").click();
	await shop.getByTestId("contact-input").fill("+44 20 7946 0000");
	await axe(shop, "the contact form outside the hours");
	await browser.shot(shop, "widget-contact-closed");
	await shop.getByTestId("contact-send").click();
	await shop.getByTestId("waiting").waitFor();
	const desk = await stack.desk("maria");
	const [item] = desk.welcome.queue;
	assert.equal(item.reason, "contact");
	browser.check();
});
