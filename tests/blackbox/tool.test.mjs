// The operator's tool on what the daemon noted, and on yesterday's messages:
// from the questions that no rule answered to a rule that answers them.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Redis, Stack, answerctl, dayThatLasts, intents, root, tempDir, until } from "./lib.mjs";

const lines = (text) => text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
const day = (daysAgo) => new Date(Date.now() - daysAgo * 86400000).toISOString().slice(0, 10);

function dir(t) {
	const made = tempDir();
	t.after(() => fs.rmSync(made, { recursive: true, force: true }));
	return made;
}

/* A Redis of its own, with notes of the last days, and the tool's settings. */
async function noted(t, notes) {
	await dayThatLasts();
	const redis = await Redis.start();
	t.after(() => redis.fini());
	for (const [ago, text] of notes)
		redis.cli("XADD", `answerd:unanswered:{${day(ago)}}`, `${Date.now() - ago * 86400000}-*`, "text", text, "locale", "en");
	const file = path.join(redis.dir, "tool.yaml");
	fs.writeFileSync(file, `redis: {url: "${redis.url}"}\n`);
	return { redis, daemon: { file } };
}

/* What the operator does with a text editor. */
const filled = (draft) => draft.replaceAll(/^( *)# answer:$/gm, "$1answer:").replaceAll(/^( *)#   - 'What the/gm, "$1  - 'What the");

test("what nobody answered is noted, masked, and found as a topic with a draft that becomes a rule", async (t) => {
	const stack = await Stack.start(t);
	await dayThatLasts();
	const questions = [
		"can you engrave a name on my ring",
		"do you engrave rings like this 12345678",
		"is engraving of a ring possible, write to jo@example.org",
	];
	for (const text of questions) {
		const s = await stack.shopper();
		await s.say(text);
	}
	const seen = await until(() => {
		const run = answerctl(["unanswered", "--json"], { daemon: stack.daemon });
		assert.equal(run.status, 0, run.stderr);
		const all = lines(run.stdout);
		return all.at(-1).messages === 3 && all;
	}, "three notes");
	assert.equal(seen.length, 2, JSON.stringify(seen));
	assert.equal(seen[0].count, 3);
	assert.equal(seen[0].now, 3, "all of them today");
	assert.match(seen[0].name, /engrav/);
	const said = seen[0].samples.join("\n");
	assert.doesNotMatch(said, /12345678|jo@example/);
	assert.match(said, /########/);
	const draft = answerctl(["unanswered", "--draft"], { daemon: stack.daemon });
	assert.equal(draft.status, 0, draft.stderr);
	const rules = dir(t);
	fs.writeFileSync(path.join(rules, "new.yaml"), draft.stdout);
	const early = answerctl(["lint", "-i", rules]);
	assert.equal(early.status, 2, "a draft without answers does not load");
	assert.match(early.stdout, /new\.yaml:\d+:\d+: .*has no answer/);
	fs.writeFileSync(path.join(rules, "new.yaml"), filled(draft.stdout));
	fs.mkdirSync(path.join(rules, "_language"));
	fs.writeFileSync(path.join(rules, "_language/en.yaml"), "language: en\nperson: [a person]\n");
	const lint = answerctl(["lint", "-i", rules]);
	assert.equal(lint.status, 0, lint.stdout + lint.stderr);
	const match = answerctl(["match", "-i", rules, "--intent-only", "can you engrave this ring for me"]);
	assert.equal(match.stdout.trim(), seen[0].name);
	const left = answerctl(["unanswered", "--json", "-i", rules], { daemon: stack.daemon });
	assert.deepEqual(lines(left.stdout).at(-1), { messages: 0, shown: 0, alone: 0, wordless: 0, answered: 3, complete: true });
});

test("topics show how many came earlier and later, of the days asked for", async (t) => {
	const notes = [];
	for (let i = 0; i < 6; i++)
		notes.push([0, `do you repair kettles ${"x".repeat(i + 2)}`], [5, "is there a student discount"]);
	notes.push([1, "student discount?"], [20, "old question about a museum"], [20, "museum, an old question"]);
	const { daemon } = await noted(t, notes);
	const week = lines(answerctl(["unanswered", "--json"], { daemon }).stdout);
	assert.deepEqual(week.slice(0, -1).map((c) => [c.count, c.before, c.now]), [[7, 6, 1], [6, 0, 6]], JSON.stringify(week));
	assert.match(week[0].name, /student/);
	assert.match(week[1].name, /repair|kettle/);
	const month = lines(answerctl(["unanswered", "--json", "--days", "30"], { daemon }).stdout);
	assert.equal(month.at(-1).messages, 15);
	assert.ok(month.some((c) => /museum/.test(c.name ?? "") && c.before === 2));
	const text = answerctl(["unanswered"], { daemon });
	assert.match(text.stdout, new RegExp(`^13 messages that no rule answered, ${day(6)} to ${day(0)}\n`));
	assert.match(text.stdout, /\n {5}6 {2}\S+ {2}\(0, then 6: new\)\n/);
	assert.match(text.stdout, /\n {5}7 {2}\S+ {2}\(6, then 1: -83 %\)\n/);
});

test("more than a page of notes is read to the end, newest first", async (t) => {
	const { redis, daemon } = await noted(t, []);
	const commands = [];
	for (let i = 0; i < 1700; i++)
		commands.push(`XADD answerd:unanswered:{${day(0)}} * text "do you repair kettles of ${String.fromCharCode(97 + (i % 26))} kind"`);
	const fed = spawnSync("redis-cli", ["-s", redis.socket], { input: commands.join("\n") + "\n", encoding: "utf8" });
	assert.equal(fed.status, 0, fed.stderr);
	assert.equal(redis.cli("XLEN", `answerd:unanswered:{${day(0)}}`), "1700");
	const all = lines(answerctl(["unanswered", "--json"], { daemon }).stdout);
	assert.equal(all.at(-1).messages, 1700);
	assert.equal(all[0].count, 1700);
});

test("nothing noted is no error; no Redis is, and is told", async (t) => {
	const { redis, daemon } = await noted(t, []);
	const none = answerctl(["unanswered"], { daemon });
	assert.equal(none.status, 0, none.stderr);
	assert.match(none.stdout, /^0 messages/);
	redis.cli("SET", `answerd:unanswered:{${day(0)}}`, "no stream");
	assert.equal(answerctl(["unanswered"], { daemon }).status, 1);
	await redis.fini();
	const away = answerctl(["unanswered"], { daemon });
	assert.equal(away.status, 69);
	assert.match(away.stderr, /Redis does not answer/);
});

test("replay says what candidate rules would change, and by its status whether", (t) => {
	const rules = dir(t);
	fs.cpSync(intents, rules, { recursive: true });
	const file = path.join(dir(t), "yesterday.tsv");
	fs.writeFileSync(file, "where is my order\ttrack_order\nwhen is your next pottery class\nxyzzy plugh\nhow can I pay?\n");
	const same = answerctl(["replay", file, "-i", intents, "--against", rules]);
	assert.equal(same.status, 0, same.stdout + same.stderr);
	assert.match(same.stdout, /^4 messages: 4 get the same, 0 change/);
	fs.writeFileSync(path.join(rules, "pottery.yaml"), "intents:\n  - name: pottery_class\n    match: [when ~~ pottery class]\n    answer: On Tuesday.\n");
	const other = answerctl(["replay", file, "-i", intents, "--against", rules, "--json"]);
	assert.equal(other.status, 1, other.stderr);
	const all = lines(other.stdout);
	assert.equal(all.length, 2, other.stdout);
	assert.deepEqual(all[0].to, { outcome: "answer", intents: ["pottery_class"] });
	assert.deepEqual(all[0].samples, ["when is your next pottery class"]);
	assert.deepEqual([all[1].messages, all[1].same, all[1].changed], [4, 3, 1]);
	assert.notEqual(all[1].from.rules, all[1].to.rules);
	fs.writeFileSync(path.join(rules, "pottery.yaml"), "intents:\n  - name: [\n");
	const broken = answerctl(["replay", file, "-i", intents, "--against", rules]);
	assert.equal(broken.status, 2);
	assert.match(broken.stderr, /pottery\.yaml:\d+:\d+: /);
});

test("words has every word of a phrase and every group of the shipped set", () => {
	const run = answerctl(["words", "-i", intents, "--json"]);
	assert.equal(run.status, 0, run.stderr);
	const all = lines(run.stdout);
	const words = all.filter((o) => "word" in o);
	const groups = all.filter((o) => "group" in o);
	assert.ok(words.length > 500 && groups.length > 10, `${words.length} words, ${groups.length} groups`);
	assert.deepEqual(words.map((w) => w.word), words.map((w) => w.word).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
	assert.ok(words.some((w) => w.word === "refund" && w.rule));
	for (const g of groups)
		if (g.forms)
			for (const form of g.forms)
				for (const word of form.split(" "))
					assert.ok(words.some((w) => w.word === word) || /[^a-z]/.test(word), `${word} of <${g.group}> is a word`);
	const text = answerctl(["words", "-i", intents]);
	assert.equal(text.stdout.trimEnd().split("\n").length, all.length);
});

test("what cannot be printed is no success", (t) => {
	const full = fs.openSync("/dev/full", "w");
	t.after(() => fs.closeSync(full));
	for (const args of [["words", "-i", intents], ["--version"]]) {
		const run = answerctl(args, { stdio: ["pipe", full, "pipe"] });
		assert.equal(run.status, 1);
		assert.match(run.stderr, /^answerctl: standard output: /);
	}
});

test("completion knows the commands, their options and where a directory stands", () => {
	const complete = (...words) => {
		const script = `source src/tools/answerctl.bash; COMP_WORDS=(${words.map((w) => JSON.stringify(w)).join(" ")}); COMP_CWORD=${words.length - 1}; _answerctl "\${COMP_WORDS[0]}"; printf '%s\\n' "\${COMPREPLY[@]}"`;
		return spawnSync("bash", ["-c", script], { encoding: "utf8", cwd: root }).stdout.split("\n").filter(Boolean);
	};
	const tool = path.join(process.env.B || path.join(root, "build"), "answerctl");
	const commands = complete(tool, "");
	for (const name of ["match", "lint", "test", "words", "replay", "unanswered", "queue"])
		assert.ok(commands.includes(name), `${name} of ${commands}`);
	assert.deepEqual(complete(tool, "una"), ["unanswered"]);
	const options = complete(tool, "unanswered", "--");
	for (const option of ["--days", "--file", "--draft", "--json", "--least", "--most", "--samples"])
		assert.ok(options.includes(option), `${option} of ${options}`);
	assert.deepEqual(complete(tool, "replay", "x", "--against", "inten"), ["intents"]);
	assert.deepEqual(complete(tool, "agent", "add", "x", "--role", "s"), ["supervisor"]);
	assert.deepEqual(complete(tool, "unanswered", "--file", "READ"), ["README.md"]);
});
