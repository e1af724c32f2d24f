// The desk console beyond the main journey: its lists and their search, five
// thousand who wait, two agents at once, a lost connection, and a hundred
// strings that would like to be scripts, in console and widget.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Stack, dayThatLasts, freePort, intents, slow, tempDir, until } from "../blackbox/lib.mjs";
import { axe } from "./axe.mjs";
import { Browser } from "./browser.mjs";
import { signIn, welcome } from "./desk.mjs";
import { nothingRan, payloads } from "./payloads.mjs";
import { talk } from "./shop.mjs";

const rows = (page) => page.getByTestId("queue-item");
const mine = (page) => page.locator("[data-testid=conversation][data-mine=true]");

test("an agent finds what is with the bot, what is closed, and what the visitor said before; settings stay", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	const before = await stack.waiting("where is my order 12345678");
	await rows(desk).first().waitFor();
	await desk.keyboard.press("c");
	await mine(desk).waitFor();
	await desk.getByTestId("composer").fill("It is on its way.");
	await desk.keyboard.press("Enter");
	await before.expect((f) => f.type === "message" && f.from === "agent");
	await desk.getByTestId("resolve").click();
	await axe(desk, "resolving with the next");
	await browser.shot(desk, "console-resolve");
	await desk.locator("[data-testid^=outcome-]").first().click();
	await before.state("closed");
	const ask = await before.expect((f) => f.type === "ask_feedback" && f.kind === "csat");
	await before.feedback(ask.id, 4).stored;
	await before.say("how can I pay?");
	const other = await stack.shopper();
	await other.say("do you deliver to France?");

	await desk.getByTestId("tab-bot").click();
	await until(async () => await rows(desk).count() === 2, "both are with the bot");
	await axe(desk, "the bot's list");
	await desk.getByTestId("search").fill("HOW CAN");
	await until(async () => await rows(desk).count() === 1, "the daemon's search narrows it");
	await rows(desk).first().click();
	const others = desk.getByTestId("others");
	await others.waitFor();
	await desk.getByTestId("rated-before").getByText("Rating 4 of 5").waitFor();
	await others.locator("summary").click();
	await others.getByText("Rating 4 of 5").waitFor();
	await axe(desk, "earlier conversations");
	await browser.shot(desk, "console-bot-and-earlier");
	await others.getByRole("button").first().click();
	await desk.getByText("It is on its way.").waitFor();
	await desk.getByTestId("search").fill("");
	await desk.getByTestId("tab-closed").click();
	await until(async () => await rows(desk).count() === 1, "one is closed");
	await desk.getByTestId("tab-all").click();
	await until(async () => await rows(desk).count() === 3, "three in all");
	await axe(desk, "all");
	await browser.shot(desk, "console-all");
	await desk.emulateMedia({ colorScheme: "dark" });
	await axe(desk, "all, in the dark");
	await browser.shot(desk, "console-all-dark");
	await desk.setViewportSize({ width: 390, height: 800 });
	await axe(desk, "a narrow chat");
	await browser.shot(desk, "console-narrow-chat-dark");
	await desk.getByRole("button", { name: "Back to the list" }).click();
	await axe(desk, "a narrow list");
	await browser.shot(desk, "console-narrow-list-dark");
	await desk.setViewportSize({ width: 1280, height: 800 });
	await desk.emulateMedia({ colorScheme: "light" });

	// Away with a reason, which is kept.
	await desk.getByTestId("presence").selectOption("Lunch");
	await until(() => stack.redis.cli("HGET", "answerd:agent:{maria}", "status_reason") === "Lunch", "the reason is kept");
	// Single keys can be switched off.
	await desk.getByTestId("settings-open").click();
	await axe(desk, "settings");
	await browser.shot(desk, "console-settings");
	await desk.getByTestId("settings-keys").uncheck();
	await desk.keyboard.press("Escape");
	await desk.getByTestId("settings").waitFor({ state: "detached" });
	await desk.keyboard.press("?");
	await Browser.drawn(desk);
	assert.equal(await desk.getByTestId("help").count(), 0, "the key does nothing");
	await desk.reload();
	await welcome(desk);
	await desk.keyboard.press("?");
	await Browser.drawn(desk);
	assert.equal(await desk.getByTestId("help").count(), 0, "nor after a reload");
	browser.check();
});

/* As the daemon would have put them in line, all in one go. */
function putInLine(stack, count) {
	const lines = [];
	for (let i = 0; i < count; i++) {
		const since = Date.now() - 600_000 + i;
		const record = JSON.stringify({ score: String(since), priority: 0, since_ms: since, seq: 1, info: { reason: "wants_person", intent: "track_order", preview: `Where is order ${70000000 + i}?`, locale: "en", page: "https://shop.example/orders" } });
		const conv = `many${String(i).padStart(5, "0")}`;
		for (const args of [["ZADD", "answerd:queue:{support}", String(since), conv], ["HSET", "answerd:queue:{support}:info", conv, record]])
			lines.push(`*${args.length}\r\n` + args.map((a) => `$${Buffer.byteLength(a)}\r\n${a}\r\n`).join(""));
	}
	const run = spawnSync("redis-cli", ["-s", stack.redis.socket, "--pipe"], { input: lines.join(""), encoding: "utf8" });
	assert.match(run.stdout, /errors: 0/);
}

test("five thousand who wait are listed, scrolled and searched without lag", async (t) => {
	const stack = await Stack.start(t);
	putInLine(stack, 5000);
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	await until(async () => /5000/.test(await desk.getByTestId("tab-queue").innerText()), "all are counted");
	assert.ok(await rows(desk).count() < 60, "only those in sight are drawn");
	/* What the page's thread spends, by its own clock of work, not by the wall's. */
	const session = await desk.context().newCDPSession(desk);
	await session.send("Performance.enable", { timeDomain: "threadTicks" });
	const spent = async () => Object.fromEntries((await session.send("Performance.getMetrics")).metrics.map((m) => [m.name, m.value])).TaskDuration * 1000;
	const from = await spent();
	const steps = 40;
	await desk.evaluate(async (n) => {
		const list = document.querySelector(".list");
		for (let i = 1; i <= n; i++) {
			list.scrollTop = i / n * list.scrollHeight;
			await new Promise((done) => requestAnimationFrame(() => done()));
		}
	}, steps);
	const scroll = (await spent() - from) / steps;
	await until(async () => /7000499\d/.test(await rows(desk).last().innerText()), "the last one is reached");
	const before = await spent();
	await desk.getByTestId("search").fill("70004321");
	await until(async () => await rows(desk).count() === 1, "one is found");
	const search = await spent() - before;
	t.diagnostic(`5000 rows: ${scroll.toFixed(1)} ms of work a scrolled frame, ${search.toFixed(0)} ms to find one`);
	assert.ok(scroll < 16 * slow, `a scrolled frame costs ${scroll} ms`);
	assert.ok(search < 400 * slow, `a search costs ${search} ms`);
	await browser.shot(desk, "console-5000-searched");
	await desk.getByTestId("search").fill("");
	await browser.shot(desk, "console-5000");
	browser.check();
});

test("the keyboard stays at a chat while others leave the list above it, and at the place of one that left", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const colleague = await stack.desk("otto");
	const line = [];
	for (let i = 0; i < 5; i++)
		line.push((await stack.waiting(`where is parcel ${i}`)).conversation);
	const desk = await signIn(stack, browser, "maria");
	const rows = desk.locator("[data-testid=queue-item]");
	const at = (i, what) => desk.locator(`.row.cursor[data-conversation="${line[i]}"]`).waitFor().catch((e) => assert.fail(`${what}: ${e.message}`));
	const taken = async (i) => {
		const left = await rows.count() - 1;
		await colleague.claim(line[i]).done;
		await until(async () => await rows.count() === left, "it has left the list");
	};
	await until(async () => await rows.count() === 5, "all five wait");
	for (let i = 0; i < 3; i++)
		await desk.keyboard.press("j");
	await at(2, "three down");
	await taken(0);
	await at(2, "the first has left");
	await taken(2);
	assert.equal(await desk.locator(".row.cursor").count(), 0, "nothing else is chosen");
	await desk.keyboard.press("j");
	await at(3, "the next one after it");
	await desk.keyboard.press("k");
	await at(1, "the one before");
	await desk.keyboard.press("Enter");
	await desk.locator(`[data-testid=conversation][data-conversation="${line[1]}"]`).waitFor();
	browser.check();
});

test("of two agents one gets the chat and the other sees it at once; a lost connection is told until all is read", async (t) => {
	const stack = await Stack.start(t, { settings: { listen: `127.0.0.1:${await freePort()}` } });
	const browser = await Browser.start(t);
	const offline = { expected: [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /WebSocket connection/] };
	const maria = await signIn(stack, browser, "maria", offline);
	const otto = await signIn(stack, browser, "otto", offline);
	const shopper = await stack.waiting();
	await Promise.all([rows(maria).first().waitFor(), rows(otto).first().waitFor()]);
	/* It is told for a few seconds only. */
	const told = Promise.any([maria, otto].map((page) => page.getByTestId("toast").filter({ hasText: /nobody|somebody else/i }).first().waitFor().then(() => page)));
	await Promise.all([maria.keyboard.press("c"), otto.keyboard.press("c")]);
	const loser = await told;
	const winner = loser === maria ? otto : maria;
	await until(async () => await mine(winner).count() === 1 && await mine(loser).count() === 0, "one has it");
	await until(async () => await rows(otto).count() + await rows(maria).count() === 1, "it is in nobody's queue");
	await browser.shot(loser, "console-too-late");

	// Passed on with a note, from one to the other.
	const other = loser === maria ? "maria" : "otto";
	await winner.getByTestId("transfer").click();
	await winner.getByTestId("transfer-online").getByRole("button", { name: other }).click();
	assert.equal(await winner.getByTestId("transfer-agent").inputValue(), other);
	await axe(winner, "passing a chat on");
	await browser.shot(winner, "console-transfer-agent");
	await winner.locator("dialog textarea").fill("Knows this one.");
	await winner.getByTestId("transfer-submit").click();
	await loser.getByTestId("tab-mine").click();
	await rows(loser).first().click();
	await mine(loser).waitFor();
	await loser.locator("[data-testid=event][data-type=note]").filter({ hasText: "Knows this one." }).waitFor();
	if (loser !== maria) {
		await loser.getByTestId("transfer").click();
		await loser.getByTestId("transfer-agent").fill("maria");
		await loser.getByTestId("transfer-submit").click();
		await maria.getByTestId("tab-mine").click();
		await rows(maria).first().click();
		await mine(maria).waitFor();
	}

	// The daemon goes and comes back; what was written meanwhile is sent once.
	const { address } = stack.daemon;
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	await maria.getByTestId("connection").waitFor();
	await axe(maria, "a lost connection");
	await until(async () => /^Not connected · /.test(await maria.title()), "one sees it from another tab");
	await browser.shot(maria, "console-lost");
	await maria.getByTestId("composer").fill("Written while away.");
	await maria.keyboard.press("Enter");
	await stack.another({ settings: { listen: address } });
	await maria.getByTestId("connection").waitFor({ state: "detached" });
	const written = maria.locator("[data-testid=event][data-from=agent]").filter({ hasText: "Written while away." });
	await until(async () => ["stored", "read"].includes(await written.getAttribute("data-status")), "it is sent");
	assert.equal(await written.count(), 1);
	await shopper.closed;
	browser.check();
});

test("an agent is warned before leaving, told of news while looking elsewhere, types letters with keys off, and hands on", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const maria = await signIn(stack, browser, "maria");
	await maria.context().grantPermissions(["notifications"], { origin: stack.daemon.origin });
	/* Nobody sees a notification of a headless browser: noted instead. */
	await maria.evaluate(() => {
		window.told = [];
		window.Notification = class {
			static permission = "granted";
			static requestPermission = () => Promise.resolve("granted");
			constructor(text) {
				window.told.push(text);
			}
			close() {}
		};
	});
	const told = () => maria.evaluate(() => window.told);
	await maria.getByTestId("settings-open").click();
	await maria.getByLabel("Notification: Somebody new is waiting").check();
	await maria.getByLabel("Notification: A visitor writes").check();
	await maria.keyboard.press("Escape");
	const away = (on) => maria.evaluate((hidden) => Object.defineProperty(document, "hidden", { value: hidden, configurable: true }), on);
	const s = await stack.waiting();
	await rows(maria).first().waitFor();
	assert.deepEqual(await told(), [], "one sees it");
	await maria.keyboard.press("c");
	await mine(maria).waitFor();
	/* The bot spoke last, but it is an agent whom they wait for. */
	await maria.getByTestId("owed").waitFor();
	await s.say("what one sees needs no notice");
	await maria.getByText("what one sees needs no notice").last().waitFor();
	assert.deepEqual(await told(), []);
	await away(true);
	await s.say("are you there?");
	await until(async () => (await told()).join() === "A visitor writes in a chat of mine", "the visitor's words");
	await until(async () => await maria.title() === "(1) Desk · answerd", "one sees it from another tab");
	const second = await stack.waiting();
	await until(async () => await maria.title() === "(1) Desk · 1 waiting", "who waits is seen from another tab");
	await until(async () => (await told()).length === 2 && (await told())[1] === "Somebody new is waiting", "and who waits");
	await away(false);

	// Both ways: typing and receipts.
	s.send({ type: "typing", on: true });
	await maria.locator(".writing").waitFor();
	s.send({ type: "typing", on: false });
	await maria.locator(".writing").waitFor({ state: "detached" });
	await maria.getByTestId("composer").fill("I am.");
	await s.expect("typing");
	await maria.keyboard.press("Enter");
	const said = await s.expect((f) => f.type === "message" && f.from === "agent");
	const own = maria.locator("[data-testid=event][data-from=agent]").filter({ hasText: "I am." });
	await until(async () => await own.getAttribute("data-status") === "stored", "delivered");
	await maria.getByTestId("owed").waitFor({ state: "detached" });
	s.send({ type: "read", upto: said.seq });
	await until(async () => await own.getAttribute("data-status") === "read", "read");
	await s.expect((f) => f.type === "read" && f.by === "agent");

	// Leaving with a chat open asks first; staying changes nothing.
	const asked = new Promise((resolve) => maria.once("dialog", async (d) => {
		resolve(d.type());
		await d.dismiss();
	}));
	await maria.evaluate(() => void setTimeout(() => location.reload()));
	assert.equal(await asked, "beforeunload");
	await mine(maria).waitFor();

	// With the keys off a letter is a letter.
	await maria.keyboard.press("Escape");
	await maria.getByTestId("settings-open").click();
	await maria.getByTestId("settings-keys").uncheck();
	await maria.keyboard.press("Escape");
	await maria.keyboard.press("r");
	await maria.keyboard.press("?");
	assert.equal(await maria.locator("dialog[open]").count(), 0);
	await maria.getByTestId("settings-open").click();
	await maria.getByTestId("settings-keys").check();
	await maria.keyboard.press("Escape");

	// To a queue with a note, taken there again; given back to the line.
	await maria.getByTestId("transfer").click();
	await maria.getByRole("button", { name: "To a queue" }).click();
	await maria.getByTestId("transfer-queue").selectOption("complaints");
	await maria.locator("dialog textarea").fill("A broken lid.");
	await browser.shot(maria, "console-transfer");
	await maria.getByTestId("transfer-submit").click();
	await maria.getByText("You passed this chat on to complaints.").waitFor();
	await s.state("queued", { from: s.frames.indexOf(said) });
	await maria.getByTestId("claim-this").click();
	await mine(maria).waitFor();
	await maria.locator("[data-testid=event][data-type=note]").filter({ hasText: "A broken lid." }).waitFor();
	await maria.getByTestId("release").click();
	await maria.getByText("You gave this chat back to the queue.").waitFor();
	await maria.getByTestId("claim-this").click();
	await mine(maria).waitFor();

	// Resolved, and the next one taken with it.
	await maria.getByTestId("resolve").click();
	await maria.getByTestId("resolve-next").check();
	await maria.locator("[data-testid^=outcome-]").first().click();
	await s.state("closed");
	await until(async () => await mine(maria).getAttribute("data-conversation") === second.conversation, "the next one");
	browser.check();
});

test("a supervisor looks into a colleague's chat and takes it over", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const maria = await signIn(stack, browser, "maria");
	const paula = await signIn(stack, browser, "paula", { args: ["--role", "supervisor"] });
	const s = await stack.waiting();
	await rows(maria).first().waitFor();
	await maria.keyboard.press("c");
	await mine(maria).waitFor();
	await paula.getByTestId("tab-all").click();
	await rows(paula).first().click();
	const over = paula.getByTestId("take-over");
	await over.waitFor();
	await axe(paula, "a colleague's chat");
	await browser.shot(paula, "console-take-over");
	await over.click();
	await mine(paula).waitFor();
	await mine(maria).waitFor({ state: "detached" });
	await maria.getByText("A colleague has this chat now.").waitFor();
	await paula.getByTestId("composer").fill("Paula here.");
	await paula.keyboard.press("Enter");
	await s.expect((f) => f.type === "message" && f.text === "Paula here.");
	assert.equal(await maria.getByTestId("take-over").count(), 0, "not for agents");
	browser.check();
});

test("a chat that a supervisor moves to a queue of others closes by itself, with a word of why", async (t) => {
	const stack = await Stack.start(t, { settings: { agents: { queues: ["support", "vip"] } } });
	const browser = await Browser.start(t);
	const maria = await signIn(stack, browser, "maria", { args: ["--queue", "support"] });
	const sue = await stack.desk("sue", { args: ["--queue", "vip", "--role", "supervisor"] });
	const { conversation } = await stack.waiting();
	await rows(maria).first().waitFor();
	await maria.keyboard.press("c");
	await mine(maria).waitFor();
	await sue.ask({ type: "transfer", conversation, queue: "vip" }).done;
	await maria.getByTestId("toast").getByText("went to a queue that is not yours").waitFor();
	await mine(maria).waitFor({ state: "detached" });
	await maria.getByText("All quiet").waitFor();
	assert.equal(await rows(maria).count(), 0);
	browser.check();
});

test("a supervisor takes a chat from the bot, and the shopper is told in the widget", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await talk(shop);
	const maria = await signIn(stack, browser, "maria");
	const paula = await signIn(stack, browser, "paula", { args: ["--role", "supervisor", "--display", "Paula Berg"] });
	for (const desk of [maria, paula]) {
		await desk.getByTestId("tab-bot").click();
		await rows(desk).first().click();
		await desk.getByText("The bot is answering").waitFor();
	}
	assert.equal(await maria.getByTestId("take-over").count(), 0, "not for agents");
	await axe(paula, "a chat of the bot's");
	await browser.shot(paula, "console-take-from-bot");
	await paula.getByTestId("take-over").click();
	await mine(paula).waitFor();
	await shop.getByText("Paula Berg is with you now.").waitFor();
	await paula.getByText("Paula Berg took the chat").waitFor();
	await paula.getByTestId("composer").fill("Paula here.");
	await paula.keyboard.press("Enter");
	await shop.getByText("Paula here.").waitFor();
	await maria.getByText("Paula Berg has this chat.").waitFor();
	browser.check();
});

test("a supervisor sees the team and its queues live, looks into a chat and moves all of an agent's", async (t) => {
	await dayThatLasts();
	const stack = await Stack.start(t);
	const other = await stack.another();
	const browser = await Browser.start(t);
	const paula = await signIn(stack, browser, "paula", { args: ["--role", "supervisor", "--display", "Paula Berg"] });
	const rosa = await stack.desk("rosa", { daemon: other, args: ["--display", "Rosa Lind"] });
	const otto = await stack.desk("otto", { args: ["--display", "Otto Falk"] });
	await otto.ask({ type: "presence", status: "away", reason: "Lunch" }).done;
	const chats = [];
	for (let i = 0; i < 3; i++)
		chats.push(await stack.waiting(`question ${i} about a kettle`));
	await rosa.take(chats[0].conversation);
	await rosa.take(chats[1].conversation);
	await paula.getByTestId("page-team").click();
	await paula.getByTestId("team").waitFor();
	const text = (id) => paula.getByTestId(id).innerText();
	await until(async () => /2 of 5/.test(await text("agent-rosa").catch(() => "")), "rosa has two, on the other daemon");
	assert.match(await text("agent-rosa"), /Rosa Lind\s+Online/);
	assert.match(await text("agent-otto"), /Away: lunch/);
	assert.match(await text("tile-online"), /2 of 3/);
	/* By the queue, not by the list of agents. */
	await until(async () => /1$/.test(await text("tile-waiting")) && /Support\s+1/.test(await text("line-support")), "one waits");
	await paula.locator(".chart canvas").first().waitFor();
	/* Read anew every half minute: the page is opened again. */
	await until(async () => {
		await paula.getByTestId("page-desk").click();
		await paula.getByTestId("page-team").click();
		return await paula.getByTestId("today-handed-over").innerText({ timeout: 5000 }).then((t) => /3$/.test(t), () => false);
	}, "today's figures");
	assert.match(await text("today-conversations"), /3$/);
	assert.match(await text("today-abandoned"), /0$/);
	await axe(paula, "the team");
	await browser.shot(paula, "console-supervisor");
	await paula.getByTestId("today").scrollIntoViewIfNeeded();
	await browser.shot(paula, "console-supervisor-today");
	await paula.emulateMedia({ colorScheme: "dark" });
	await axe(paula, "the team in the dark");
	await browser.shot(paula, "console-supervisor-dark");
	await paula.setViewportSize({ width: 390, height: 800 });
	await axe(paula, "the team, narrow");
	await browser.shot(paula, "console-supervisor-narrow-dark");
	await paula.setViewportSize({ width: 1280, height: 800 });
	await paula.emulateMedia({ colorScheme: "light" });

	// Into one of them and back, with nothing taken.
	await paula.getByTestId("agent-rosa").locator("summary").click();
	await paula.getByTestId("agent-rosa").getByRole("button", { name: "Chat 1" }).click();
	await paula.getByTestId("conversation").waitFor();
	await paula.getByTestId("page-team").click();
	// All of rosa's go to a queue, with a note.
	await paula.getByTestId("move-rosa").click();
	await paula.getByTestId("move-to").selectOption("queue:complaints");
	await paula.locator("dialog textarea").fill("Rosa is unwell.");
	await axe(paula, "moving all chats");
	await browser.shot(paula, "console-supervisor-move");
	const from = rosa.mark;
	await paula.getByTestId("move-submit").click();
	for (const s of chats.slice(0, 2)) {
		await rosa.expect((f) => f.type === "unassigned" && f.conversation === s.conversation, { from });
		await s.state("queued", { from: s.frames.findIndex((f) => f.type === "state" && f.state === "assigned") });
	}
	await until(async () => /0 of 5/.test(await text("agent-rosa")) && /2/.test(await text("line-complaints")), "they are in line again");
	await rosa.open(chats[0].conversation);
	assert.ok(rosa.log(chats[0].conversation).some((e) => e.type === "note" && e.text === "Rosa is unwell."));
	browser.check();

	// Agents have no such page.
	const maria = await signIn(stack, browser, "maria");
	assert.equal(await maria.getByTestId("page-team").count(), 0);
});

test("a hundred injections in messages, names, pages and notes run nothing in console and widget", async (t) => {
	const stack = await Stack.start(t);
	const browser = await Browser.start(t);
	const all = payloads();
	assert.equal(new Set(all).size, 100);
	const shop = await browser.person();
	await shop.goto(`${stack.daemon.origin}/demo/`);
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("input").waitFor();
	await shop.getByTestId("input").fill(all[2]);
	await shop.getByTestId("input").press("Enter");
	await shop.getByTestId("quick-reply").filter({ hasText: "Talk to a person" }).click();
	const desk = await signIn(stack, browser, "maria", { args: ["--display", all[2]] });
	// The visitor's messages, in the widget and in the console.
	await rows(desk).first().waitFor();
	await desk.keyboard.press("c");
	await mine(desk).waitFor();
	for (const text of all.slice(0, 50)) {
		await shop.getByTestId("input").fill(text);
		await shop.getByTestId("input").press("Enter");
	}
	// The agent's, in both; and notes.
	const composer = desk.getByTestId("composer");
	for (const text of all.slice(50)) {
		await composer.fill(text);
		await composer.press("Enter");
	}
	await desk.getByTestId("note-toggle").click();
	await composer.fill(all[3]);
	await composer.press("Enter");
	const said = (page, from, id) => page.locator(`[data-testid=${id}][data-from=${from}]`);
	for (const [page, from, id, texts] of [[shop, "agent", "message", all.slice(50)], [desk, "shopper", "event", all.slice(0, 50)]])
		await until(async () => {
			const shown = (await said(page, from, id).allTextContents()).join("\n");
			for (const text of texts)
				assert.ok(shown.includes(text), `not shown as it was written: ${text}`);
			return true;
		}, `all of the ${from}'s are shown`);
	// Names and pages, with those who wait.
	for (const [i, payload] of all.slice(0, 12).entries())
		await stack.waiting(payload, { hello: { page: `https://shop.example/${payload}`, locale: "en" }, name: all[i + 20] });
	await desk.getByTestId("tab-all").click();
	await until(async () => await rows(desk).count() >= 10, "as many as there is room for are listed");
	await rows(desk).nth(3).click();
	await desk.getByTestId("facts").waitFor();
	await browser.shot(desk, "console-injections");
	for (const page of [shop, desk])
		await nothingRan(page);
	browser.check();
});

test("what is known of the shopper stands on top, live, and fills in canned replies", async (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	fs.cpSync(intents, dir, { recursive: true });
	fs.writeFileSync(path.join(dir, "more.yaml"), `intents:
  - name: call_back
    match: [call me back about kettles]
    lookup: order
    needs: {day: Which day?, time: At which time?}
    answer: 'Dear {{name}}, we call you about order {{order_id}}, {{order.status}}, on {{day}} at {{time}}.'
`);
	const stack = await Stack.start(t, { settings: { intents: dir, sources: { order: { kind: "redis", key: "demo:order:{order_id}" } } } });
	stack.redis.cli("HSET", "demo:order:10234567", "status", "shipped", "carrier", "Parcel Post", "eta", "2026-05-06", "tracking", "00340434161094021501", "ordered", "2026-05-01");
	const browser = await Browser.start(t);
	const desk = await signIn(stack, browser, "maria");
	const s = await stack.shopper({ hello: { page: "https://shop.example/kettles", locale: "en-GB", user: { id: "u1", name: "Ida Lund", email: "ida@example.org" } } });
	await s.say("where is my order 10234567?");
	await s.expect((f) => f.type === "message" && f.from === "bot" && f.text.includes("Parcel Post"));
	s.send({ type: "context", cart: [{ name: "Kettle \"Fjord\"", quantity: 2, price: "39.90" }, { name: "Filter papers", price: "4.50" }] });
	await s.human().stored;
	await rows(desk).first().waitFor();
	await desk.keyboard.press("c");
	await mine(desk).waitFor();
	const facts = desk.getByTestId("facts");
	for (const found of ["Carrier Parcel Post", "Eta 2026-05-06"])
		await facts.getByText(found).waitFor();
	await facts.getByText("ida@example.org").waitFor();
	await desk.getByTestId("cart").getByText("2 × Kettle \"Fjord\", 39.90 and 1 more").click();
	await facts.getByText("Filter papers, 4.50").waitFor();
	await axe(desk, "facts");
	await browser.shot(desk, "console-facts");
	await desk.emulateMedia({ colorScheme: "dark" });
	for (const width of [1280, 1000, 390]) {
		await desk.setViewportSize({ width, height: 800 });
		await until(() => facts.evaluate((e) => [...e.querySelectorAll("dd, dd > span")].every((f) => f.getBoundingClientRect().right <= e.getBoundingClientRect().right + 1)), `all facts are within ${width} px`);
	}
	await axe(desk, "facts, narrow and dark");
	await browser.shot(desk, "console-facts-narrow-dark");
	await desk.setViewportSize({ width: 1280, height: 800 });
	await desk.emulateMedia({ colorScheme: "light" });
	s.send({ type: "context", page: "https://shop.example/checkout", cart: "2 kettles" });
	await facts.getByText("shop.example/checkout").waitFor();
	await facts.getByText("2 kettles", { exact: true }).waitFor();

	const rosa = await signIn(stack, browser, "rosa");
	await rosa.getByTestId("tab-all").click();
	await rows(rosa).first().click();
	await rosa.getByTestId("onlookers").getByText("Also open at maria").waitFor();
	await desk.getByTestId("onlookers").getByText("Also open at rosa").waitFor();
	await axe(desk, "somebody else looks");
	await browser.shot(desk, "console-onlooker");
	await rosa.keyboard.press("x");
	await until(async () => await desk.getByTestId("onlookers").textContent() === "", "she has closed it");

	const composer = desk.getByTestId("composer");
	await composer.fill("/callb");
	await desk.getByTestId("canned").getByRole("option").first().waitFor();
	await browser.shot(desk, "console-canned");
	await desk.keyboard.press("Enter");
	await until(async () => await composer.inputValue() === "Dear Ida Lund, we call you about order 10234567, shipped, on {{day}} at {{time}}.", "what is known is filled in");
	const chosen = () => composer.evaluate((e) => e.value.slice(e.selectionStart, e.selectionEnd));
	await until(async () => await chosen() === "{{day}}", "the first blank is selected");
	// Sent only when nothing is left to fill in.
	await desk.keyboard.press("Enter");
	await browser.shot(desk, "console-canned-blank");
	await axe(desk, "a blank to fill in");
	await desk.keyboard.type("Monday");
	await desk.keyboard.press("Tab");
	await until(async () => await chosen() === "{{time}}", "Tab goes to the next");
	await desk.keyboard.type("nine");
	await desk.keyboard.press("Enter");
	const said = await s.expect((f) => f.type === "message" && f.from === "agent");
	assert.equal(said.text, "Dear Ida Lund, we call you about order 10234567, shipped, on Monday at nine.");

	// In the midst of a text too; what stands behind stays there.
	await composer.fill("Good news:  Bye.");
	await composer.evaluate((e) => e.setSelectionRange(11, 11));
	await desk.keyboard.type("/call");
	await desk.getByTestId("canned").getByRole("option").first().waitFor();
	await browser.shot(desk, "console-canned-within");
	await desk.keyboard.press("Enter");
	await until(async () => await composer.inputValue() === "Good news: Dear Ida Lund, we call you about order 10234567, shipped, on {{day}} at {{time}}. Bye.", "it stands within");
	await until(async () => await chosen() === "{{day}}", "and its first blank is selected");
	await composer.fill("once /or twice");
	assert.equal(await desk.getByTestId("canned").count(), 0);
	await desk.keyboard.press("Enter");
	await s.expect((f) => f.type === "message" && f.text === "once /or twice");
	browser.check();
});
