// The widget's life on a shop's pages: without a connection, over reloads and
// closed tabs, in two tabs, in the browser's cache of pages, in shops of one
// page, while one reads further up, on a phone with its keyboard, and by the
// shop's own script.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, freePort, tempDir, until } from "../blackbox/lib.mjs";
import { jwt, secretFile, soon } from "../blackbox/vouch.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { away, page, shopPage, talk } from "./shop.mjs";

const DEAD = [/ERR_CONNECTION_REFUSED/, /request failed/, /WebSocket connection/];
const scriptOf = (daemon, more = "") => `<script async src="${daemon.origin}/widget.js" ${more}></script>`;
const messages = (shop, from) => shop.locator(`[data-testid=message][data-from=${from}]`);
const message = (shop, text) => shop.locator("[data-testid=message]").filter({ hasText: text });
const isStored = async (m) => ["stored", "read"].includes(await m.getAttribute("data-status"));

async function write(shop, text) {
	await shop.getByTestId("input").fill(text);
	await shop.getByTestId("input").press("Enter");
	await message(shop, text).waitFor();
}

/* An agent with the first conversation that waits. */
async function helped(stack, shop) {
	await shop.getByTestId("human").click();
	await shop.getByTestId("waiting").waitFor();
	const desk = await stack.desk("maria");
	const { conversation } = await desk.claim().done;
	await desk.ask({ type: "open", conversation, facts: true }).done;
	await message(shop, "maria is with you now").waitFor();
	return { desk, conversation };
}

/* All of it: a daemon, a browser with the shop, and a person who helps. */
async function chatWithPerson(t) {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await talk(shop);
	return { browser, shop, ...await helped(stack, shop) };
}

/* Whoever is helped and has got an answer that is longer than the panel. */
async function answeredAtLength(t, lines) {
	const { browser, shop, desk, conversation } = await chatWithPerson(t);
	const say = (text) => desk.say(conversation, text).stored;
	for (let i = 1; i <= lines; i++)
		await say(`line ${i} of a long answer that goes on for a while`);
	await message(shop, `line ${lines} of`).waitFor();
	return { browser, shop, say };
}

test("what is written without a connection survives a reload and the closing of the tab, and goes out once, in order, under its ids", async (t) => {
	const stack = await Stack.start(t, { settings: { listen: `127.0.0.1:${await freePort()}` } });
	const { address } = stack.daemon;
	const url = await shopPage(t, () => page(scriptOf(stack.daemon)));
	const browser = await Browser.start(t);
	const shop = await browser.person({ expected: DEAD });
	await shop.goto(url);
	await talk(shop);
	const { desk, conversation } = await helped(stack, shop);
	stack.daemon.expectedDead = true;
	desk.socket.terminate();
	await stack.daemon.kill9();
	const words = ["first, while nobody hears", "second \u{1F375} with a kettle", "third"];
	for (const text of words)
		await write(shop, text);
	for (const text of words)
		assert.equal(await isStored(message(shop, text)), false);
	await shop.getByTestId("notice").first().waitFor();
	await browser.shot(shop, "widget-journey-offline");
	const kept = () => Object.entries(localStorage).filter(([key]) => key.includes("o:")).map(([, value]) => JSON.parse(value)).sort((a, b) => (a.id < b.id ? -1 : 1)).map((e) => [e.id, e.frame.text]);
	const outbox = await shop.evaluate(kept);
	assert.deepEqual(outbox.map((e) => e[1]), words);
	// The page is there without the daemon, and what was written stays.
	await shop.reload();
	await shop.getByRole("heading", { name: "A shop" }).waitFor();
	assert.deepEqual(await shop.evaluate(kept), outbox);
	const context = shop.context();
	await shop.close();
	const daemon = await stack.another({ settings: { listen: address } });
	// Another day: the page alone is opened, not the chat.
	const later = await context.newPage();
	await later.goto(url);
	await until(async () => (await later.evaluate(kept)).length === 0, "the outbox is empty");
	const again = await stack.desk("rosa", { daemon, args: ["--role", "supervisor"] });
	const log = await again.open(conversation);
	const sent = log.filter((e) => e.type === "message" && e.from === "shopper").slice(-words.length);
	assert.deepEqual(sent.map((e) => [e.id, e.text]), outbox);
	assert.equal(log.filter((e) => words.includes(e.text)).length, words.length, "each once");
	await later.getByTestId("launcher").click();
	for (const text of words)
		await until(async () => (await message(later, text).count()) === 1 && await isStored(message(later, text)), `${text} is shown once, as stored`);
	browser.check();
});

test("who reads further up is not moved and is told how many are new; badge, title and draft", async (t) => {
	const { browser, shop, say } = await answeredAtLength(t, 12);
	const offer = (name) => shop.getByTestId("panel").getByRole("button", { name });
	const up = async () => {
		await message(shop, "line 1 of").first().scrollIntoViewIfNeeded();
		await offer("Latest messages").waitFor();
	};
	await up();
	const top = (await message(shop, "line 2 of").first().boundingBox()).y;
	await say("one more");
	await say("and another");
	await offer("2 new messages").waitFor();
	assert.ok(Math.abs((await message(shop, "line 2 of").first().boundingBox()).y - top) < 2, "nothing moved");
	await browser.shot(shop, "widget-journey-n-new");
	await offer("2 new messages").click();
	await until(async () => (await message(shop, "and another").boundingBox())?.y < 700 && !(await offer("Latest messages").isVisible()), "at the end");
	assert.ok(await shop.getByTestId("panel").getByRole("log").isVisible());

	await shop.getByTestId("input").fill("half a thought");
	await up();
	await say("a third");
	await offer("1 new message").evaluate((button) => {
		button.click();
		button.getRootNode().querySelector("[data-testid=close]").click();
	});
	await Browser.drawn(shop);
	assert.doesNotMatch(await shop.getByTestId("launcher").getAttribute("aria-label"), /unread/, "who wished to see it has seen it");
	const title = await shop.title();
	await away(shop, true);
	await say("are you still there?");
	await until(async () => /1/.test(await shop.getByTestId("launcher").innerText()), "the badge counts");
	assert.match(await shop.getByTestId("launcher").getAttribute("aria-label"), /1 unread/);
	assert.equal(await shop.title(), `(1) ${title}`);
	await away(shop, false);
	await until(async () => await shop.title() === title, "one looks at the page");
	await browser.shot(shop, "widget-journey-unread");
	await shop.reload();
	await until(async () => /1/.test(await shop.getByTestId("launcher").innerText()), "and after a reload");
	await shop.getByTestId("launcher").click();
	await message(shop, "are you still there?").waitFor();
	await until(async () => await shop.title() === title, "seen");
	assert.equal(await shop.getByTestId("input").inputValue(), "half a thought");
	browser.check();
});

test("on the way down to the end nothing is offered, and who turns round meanwhile stays", async (t) => {
	const { browser, shop, say } = await answeredAtLength(t, 20);
	const jump = shop.getByTestId("panel").getByRole("button", { name: "Latest messages" });
	const up = async () => {
		await message(shop, "line 1 of").first().scrollIntoViewIfNeeded();
		await jump.waitFor();
	};
	const press = (turn) => jump.evaluate(async (button, turn) => {
		const log = button.parentElement.querySelector(".log");
		const left = () => log.scrollHeight - log.scrollTop - log.clientHeight;
		const from = log.scrollTop;
		const seen = [];
		button.click();
		for (let i = 0; i < 600 && left() > 2; i++) {
			await new Promise((done) => requestAnimationFrame(done));
			await new Promise((done) => setTimeout(done));
			seen.push(button.hidden);
			if (turn && log.scrollTop > from) {
				log.scrollTo({ top: 0, behavior: "instant" });
				break;
			}
		}
		return { seen, left: left() };
	}, turn);
	await up();
	const down = await press(false);
	assert.ok(down.left <= 2, "it is the end");
	assert.ok(down.seen.every(Boolean), `offered on the way: ${down.seen}`);
	await up();
	await press(true);
	await jump.waitFor();
	await say("one more");
	await shop.getByTestId("panel").getByRole("button", { name: "1 new message" }).waitFor();
	browser.check();
});

test("the counter before the title leaves alone what the page makes of its title meanwhile", async (t) => {
	const { browser, shop, desk, conversation } = await chatWithPerson(t);
	const title = (wanted) => until(async () => await shop.title() === wanted, `the title is ${wanted}`);
	const retitle = (to) => shop.evaluate((text) => {
		document.title = text;
	}, to);
	await away(shop, true);
	await desk.say(conversation, "are you still there?").stored;
	await title("(1) A shop");
	await retitle("Two kettles in your cart");
	await desk.say(conversation, "hello?").stored;
	await title("(2) Two kettles in your cart");
	await away(shop, false);
	await title("Two kettles in your cart");
	// A page that sets its title anew each second has the last word.
	await away(shop, true);
	await desk.say(conversation, "we are here until six").stored;
	await title("(1) Two kettles in your cart");
	await retitle("Come back!");
	await shop.evaluate(() => window.answerd.on("unread", (n) => {
		window.unread = n;
	}));
	await away(shop, false);
	await until(() => shop.evaluate(() => window.unread === 0), "all was seen");
	assert.equal(await shop.title(), "Come back!");
	browser.check();
});

test("who waits sees the place in line and the time as a range, and both as they change", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	for (let i = 0; i < 3; i++)
		await stack.waiting();
	const desk = await stack.desk("maria");
	/* Somebody has been taken every two minutes. */
	const taken = [1, 2, 3, 4, 5, 6].map((i) => String(Date.now() - i * 120_000));
	stack.redis.cli("RPUSH", `answerd:queue:{${desk.welcome.queue[0].queue}}:pace`, ...taken);
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await talk(shop);
	await shop.getByTestId("human").click();
	const waiting = shop.getByTestId("waiting");
	await waiting.getByText("Number 4 in line").waitFor();
	await waiting.getByText("about 4 to 12 minutes").waitFor();
	await axe(shop, "waiting");
	await browser.shot(shop, "widget-waiting-range");
	await desk.claim().done;
	await waiting.getByText("Number 3 in line").waitFor();
	await waiting.getByText("about 3 to 9 minutes").waitFor();
	await shop.getByTestId("status").getByText("about 3 to 9 minutes").waitFor();
	const phone = await shop.context().newPage();
	await phone.setViewportSize({ width: 390, height: 844 });
	await phone.emulateMedia({ colorScheme: "dark" });
	await phone.goto(shop.url());
	await phone.getByTestId("launcher").click();
	await phone.getByTestId("waiting").getByText("about 3 to 9 minutes").waitFor();
	assert.ok((await phone.getByTestId("input").boundingBox()).height < 60, "one line to write in");
	await browser.shot(phone, "widget-waiting-range-phone-dark");
	await desk.claim().done;
	await desk.claim().done;
	await phone.getByTestId("waiting").getByText("You are next").waitFor();
	await phone.getByTestId("waiting").getByText("about 1 to 3 minutes").waitFor();
	browser.check();
});

test("who waits where nobody is there is told so, and their place as soon as somebody comes", async (t) => {
	const stack = await Stack.start(t);
	stack.addAgent("maria");
	const browser = await Browser.start(t);
	await until(async () => (await stack.waiting(null)).frames.some((f) => /online right now/.test(f.text)), "it is known");
	const shop = await browser.person();
	await shop.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await talk(shop);
	await shop.getByTestId("human").click();
	await message(shop, "leave your e-mail address or phone number").waitFor();
	const waiting = shop.getByTestId("waiting");
	await waiting.getByText("Nobody is online. Your place is kept.").waitFor();
	assert.equal(await waiting.getByText("in line").count(), 0);
	await axe(shop, "unattended");
	await browser.shot(shop, "widget-waiting-unattended");
	await stack.desk("maria");
	await waiting.getByText("in line").waitFor();
	browser.check();
});

test("to the latest messages one glides, but for who wants less motion", async (t) => {
	const { browser, shop, say } = await answeredAtLength(t, 12);
	const log = shop.getByTestId("panel").locator(".log");
	const there = () => log.evaluate((e) => e.scrollTop + e.clientHeight > e.scrollHeight - 3);
	/* Is it there in the same instant? */
	const jumps = () => log.evaluate((e) => new Promise((done) => {
		e.addEventListener("scroll", () => {
			e.parentElement.querySelector(".jump").click();
			done(e.scrollTop + e.clientHeight > e.scrollHeight - 3);
		}, { once: true });
		e.scrollTop = 0;
	}));
	assert.equal(await jumps(), false);
	await until(there, "it glides there");
	await shop.emulateMedia({ reducedMotion: "reduce" });
	assert.equal(await jumps(), true);
	browser.check();
});

test("two tabs are one shopper: one connection, the same words, and the one takes over from the other", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	/* Web Locks need a secure context: localhost is one. */
	const url = await shopPage(t, () => page(scriptOf(stack.daemon)));
	const first = await browser.person();
	await first.goto(url);
	await talk(first);
	const { desk, conversation } = await helped(stack, first);
	const second = await first.context().newPage();
	await second.goto(url);
	await second.getByTestId("launcher").click();
	await message(second, "maria is with you now").waitFor();
	const connections = async () => Number(/^answerd_websockets (\d+)$/m.exec((await stack.daemon.get("/metrics")).body)[1]);
	await until(async () => await connections() === 2, "the agent's, and one for both tabs");
	await write(second, "said in the second");
	await message(first, "said in the second").waitFor();
	await write(first, "said in the first");
	await message(second, "said in the first").waitFor();
	// Nor is what was sent in the one still in the other's field, to be sent again.
	const begun = (text) => until(async () => await first.getByTestId("input").inputValue() === text, `the first has "${text}"`);
	await second.getByTestId("input").fill("begun");
	await begun("begun");
	await first.getByTestId("input").fill("gone on with");
	await until(async () => await second.getByTestId("input").inputValue() === "gone on with", "both have it");
	await second.getByTestId("input").press("Enter");
	await message(first, "gone on with").waitFor();
	await begun("");
	await desk.say(conversation, "heard both").stored;
	await message(first, "heard both").waitFor();
	await message(second, "heard both").waitFor();
	await first.bringToFront();
	await first.close();
	await desk.say(conversation, "and the other one goes on").stored;
	await message(second, "and the other one goes on").waitFor();
	await write(second, "alone now");
	await until(async () => await isStored(message(second, "alone now")), "stored");
	await desk.event(conversation, (e) => e.text === "alone now");
	const log = desk.log(conversation).filter((e) => e.type === "message" && e.from === "shopper").map((e) => e.text).slice(-4);
	assert.deepEqual(log, ["said in the second", "said in the first", "gone on with", "alone now"]);
	assert.equal(await messages(second, "shopper").filter({ hasText: "said in" }).count(), 2);
	browser.check();
});

test("a shop of one page tells where the shopper is; back and forward bring the chat back as it was", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t, { bfcache: true });
	const url = await shopPage(t, () => page(scriptOf(stack.daemon)));
	const shop = await browser.person();
	await shop.goto(`${url}kettles`);
	await talk(shop);
	const { desk, conversation } = await helped(stack, shop);
	const at = (path) => desk.expect((f) => f.type === "facts" && f.page === url + path, { what: `at ${path}` });
	await at("kettles");
	await shop.evaluate(() => history.pushState({}, "", "/kettles/fjord"));
	await at("kettles/fjord");
	await shop.evaluate(() => window.answerd.setContext({ page: "https://shop.example/special", cart: "2 kettles" }));
	await desk.expect((f) => f.type === "facts" && f.page === "https://shop.example/special" && f.cart === "2 kettles");
	await shop.evaluate(() => history.replaceState({}, "", "/checkout"));
	await at("checkout");
	await shop.getByTestId("input").fill("half a sentence");
	// Away and back: the page comes from the browser's cache, the chat with it.
	await shop.evaluate(() => {
		window.mark = "kept";
		addEventListener("pageshow", (ev) => {
			window.persisted = ev.persisted;
		});
	});
	await shop.goto(`${url}terms`);
	await shop.getByTestId("input").waitFor();
	assert.equal(await shop.getByTestId("input").inputValue(), "half a sentence");
	await shop.getByTestId("input").press("Enter");
	await until(async () => await isStored(message(shop, "half a sentence")), "it is sent");
	await shop.evaluate(() => history.back());
	await shop.waitForURL(`${url}checkout`, { waitUntil: "commit" });
	await until(async () => await shop.evaluate(() => window.mark === "kept" && window.persisted === true), "it was the cached page");
	await until(async () => await shop.getByTestId("input").inputValue() === "", "what was sent elsewhere is not to be sent again");
	await desk.say(conversation, "welcome back").stored;
	await message(shop, "welcome back").waitFor();
	await write(shop, "thank you");
	await until(async () => await isStored(message(shop, "thank you")), "stored");
	await desk.event(conversation, (e) => e.text === "thank you");
	browser.check();
});

test("the shop's own script opens, closes, listens, speaks another language, and takes it all away", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	const requests = [];
	shop.on("request", (r) => requests.push(new URL(r.url()).origin));
	await shop.addInitScript(() => {
		/* Of the page's own; in the panel the log moves as it grows. */
		window.shifts = [];
		new PerformanceObserver((list) => {
			for (const e of list.getEntries())
				window.shifts.push(...e.sources.map((s) => s.node).filter((n) => n?.getRootNode() === document && !n.shadowRoot).map((n) => n.nodeName));
		}).observe({ type: "layout-shift", buffered: true });
	});
	const trusted = { "Content-Security-Policy": `require-trusted-types-for 'script'; script-src ${stack.daemon.origin} 'nonce-x'` };
	const url = await shopPage(t, () => page(`<script async nonce="x" src="${stack.daemon.origin}/widget.js"></script>`), trusted);
	await shop.goto(url);
	await shop.getByTestId("launcher").waitFor();
	await shop.evaluate(() => {
		window.heard = [];
		for (const name of ["ready", "open", "close", "message", "state", "unread", "error"])
			window.answerd.on(name, (detail) => window.heard.push([name, detail]));
		window.off = window.answerd.on("open", () => window.heard.push(["never", null]));
		window.off();
		window.answerd.open();
	});
	await shop.getByTestId("input").waitFor();
	await write(shop, "Which payment methods do you accept?");
	await messages(shop, "bot").first().waitFor();
	await shop.evaluate(() => window.answerd.toggle());
	await shop.getByTestId("panel").waitFor({ state: "hidden" });
	await shop.evaluate(() => window.answerd.setLocale("de"));
	await shop.evaluate(() => window.answerd.toggle());
	await shop.getByTestId("human").getByText("Mit einem Menschen sprechen").waitFor();
	await shop.getByTestId("human").click();
	await shop.getByTestId("waiting").waitFor();
	const heard = await shop.evaluate(() => window.heard);
	const names = heard.map(([name]) => name);
	for (const name of ["ready", "open", "close", "message", "state"])
		assert.ok(names.includes(name), `${name} of ${names}`);
	assert.ok(!names.includes("never"));
	assert.equal(heard.find(([name]) => name === "message")[1].from, "bot");
	assert.equal(heard.findLast(([name]) => name === "state")[1].state, "queued");
	assert.deepEqual(await shop.evaluate(() => window.shifts), [], "nothing on the page has moved");
	assert.deepEqual([...new Set(requests)].sort(), [new URL(url).origin, stack.daemon.origin].sort(), "nobody else was asked");
	assert.deepEqual(await shop.context().cookies(), []);
	await shop.evaluate(() => window.answerd.destroy());
	assert.equal(await shop.evaluate(() => window.answerd), undefined);
	assert.equal(await shop.evaluate(() => document.body.querySelectorAll("div").length), 0);
	await until(async () => /^answerd_websockets 0$/m.test((await stack.daemon.get("/metrics")).body), "and the connection is gone");
	// Loaded once more it goes on where it was, and twice is once.
	await shop.evaluate((src) => {
		for (let i = 0; i < 2; i++) {
			const s = document.createElement("script");
			s.nonce = "x";
			s.src = window.trustedTypes.createPolicy("p" + i, { createScriptURL: (u) => u }).createScriptURL(src);
			document.head.append(s);
		}
	}, `${stack.daemon.origin}/widget.js`);
	await shop.getByTestId("waiting").waitFor();
	assert.equal(await shop.getByTestId("launcher").count(), 1);
	browser.check();
});

test("on a phone the keyboard covers neither the field nor the last message", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	for (const [width, height] of [[390, 844], [320, 568]]) {
		const shop = await browser.person({ viewport: { width, height }, hasTouch: true, isMobile: true });
		await shop.goto(`${stack.daemon.origin}/demo/`);
		await talk(shop);
		/* What a keyboard leaves of the window. */
		await shop.setViewportSize({ width, height: Math.round(height * 0.55) });
		const left = Math.round(height * 0.55);
		for (const what of [shop.getByTestId("input"), shop.getByTestId("send")])
			await until(async () => {
				const box = await what.boundingBox();
				return box.y >= 0 && box.y + box.height <= left + 1;
			}, "one sees where one writes");
		const log = shop.getByTestId("panel").locator(".log");
		await until(() => log.evaluate((e) => e.clientHeight > 60 && e.scrollTop + e.clientHeight > e.scrollHeight - 3), "and what was said last");
		assert.ok(parseFloat(await shop.getByTestId("input").evaluate((e) => getComputedStyle(e).fontSize)) >= 16, "no zooming in");
		await browser.shot(shop, `widget-journey-keyboard-${width}`);
		await shop.context().close();
	}
	browser.check();
});

test("who has signed in at the shop is known by name; what was refused is tried again; the whole is saved as a file", async (t) => {
	const stack = await Stack.start(t, { settings: { identity_secret_file: secretFile(t) } });
	const browser = await Browser.start(t);
	const shop = await browser.person({ expected: DEAD });
	let refusedId = "";
	await shop.routeWebSocket(/\/chat$/, (ws) => {
		const server = ws.connectToServer();
		ws.onMessage((text) => {
			const frame = JSON.parse(text);
			if (frame.text !== "said twice" || refusedId !== "")
				return server.send(text);
			refusedId = frame.id;
			ws.send(JSON.stringify({ type: "error", id: frame.id, code: "not_now", message: "not now" }));
		});
	});
	await shop.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await talk(shop);
	const signed = jwt({ sub: "c-18", name: "Ada Lund", exp: soon() });
	await shop.evaluate((token) => window.answerd.identify({ jwt: token }), signed);
	const { desk, conversation } = await helped(stack, shop);
	await write(shop, "Which of these is quicker?");
	await desk.expect((f) => f.type === "facts" && f.visitor.name === "Ada Lund" && f.visitor.verified === true, { what: "Ada, verified" });

	// Refused for good, once.
	await shop.getByTestId("input").fill("said twice");
	await shop.getByTestId("input").press("Enter");
	const refused = message(shop, "said twice");
	await until(async () => await refused.getAttribute("data-status") === "failed", "it is shown as not sent");
	await browser.shot(shop, "widget-journey-failed");
	await refused.getByRole("button", { name: "Try again" }).click();
	await until(async () => await isStored(message(shop, "said twice")), "under a new id it is stored");
	assert.equal(await message(shop, "said twice").count(), 1);
	const kept = await desk.event(conversation, (e) => e.text === "said twice");
	assert.notEqual(kept.id, refusedId);

	await desk.say(conversation, "Both are quick.").stored;
	await message(shop, "Both are quick.").waitFor();
	await shop.getByTestId("panel").getByRole("button", { name: "More" }).click();
	const download = shop.waitForEvent("download");
	await shop.getByTestId("transcript").click();
	const text = fs.readFileSync(await (await download).path(), "utf8");
	const order = ["Which payment methods", "I would like to talk", "Which of these", "said twice", "Both are quick."].map((line) => text.indexOf(line));
	assert.ok(order.every((at, i) => at > (order[i - 1] ?? -1)), `${order} in ${text}`);
	assert.match(text, /maria: Both are quick\./);

	// Who the shop does not vouch for is told so, and the page goes on.
	const forged = await browser.person({ expected: DEAD });
	await forged.goto(await shopPage(t, () => page(scriptOf(stack.daemon))));
	await forged.getByTestId("launcher").click();
	await forged.evaluate((token) => window.answerd.identify({ jwt: token }), jwt({ sub: "c-18", exp: soon() }, { secret: "a guess" }));
	await forged.getByTestId("notice").filter({ hasText: "could not be verified" }).waitFor();
	assert.equal(await forged.getByTestId("panel").getByText("Answers right away").count(), 0, "nobody does");
	await browser.shot(forged, "widget-journey-not-verified");
	browser.check();
});
