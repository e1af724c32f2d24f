// The operator's day: rules are edited under the running daemon, mistakes are
// shown with their place, and the configuration says all that is wrong at once.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";
import { Daemon, PATIENCE_MS, Stack, answerctl, build, intents, root, slow, tempDir, until, yaml } from "./lib.mjs";

const POTTERY = `language: en
intents:
  - name: pottery_class
    about: When the next pottery class is
    match:
      - when ~~ pottery (class|course)
    answer:
      - The next pottery class is on Tuesday.
    examples:
      - when is your next pottery class
`;

function ownRules(t) {
	const dir = tempDir();
	fs.cpSync(intents, dir, { recursive: true });
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	return dir;
}

async function answerTo(stack, text) {
	const s = await stack.shopper();
	const m = s.message(text);
	return m.answer;
}

test("a file that is added, edited, renamed over or removed is used a moment later", async (t) => {
	const dir = ownRules(t);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const question = "when is your next pottery class";
	const first = await answerTo(stack, question);
	assert.notEqual(first.intent, "pottery_class");
	const { answerd_rules_bytes: before } = await stack.daemon.metrics();
	assert.ok(before > 1e6 && before < 1e8, `${before} bytes of rules`);
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY);
	const added = await until(async () => {
		const a = await answerTo(stack, question);
		return a.intent === "pottery_class" && a;
	}, "the new rule answers");
	assert.equal(added.text, "The next pottery class is on Tuesday.");
	assert.notEqual(added.rules, first.rules, "the rules' version is another one");
	assert.ok((await stack.daemon.metrics()).answerd_rules_bytes > before, "which takes more memory");
	// As editors do: a new file, renamed over the old one.
	fs.writeFileSync(path.join(dir, ".pottery.yaml.swp"), POTTERY.replace("Tuesday", "Friday"));
	fs.renameSync(path.join(dir, ".pottery.yaml.swp"), path.join(dir, "pottery.yaml"));
	await until(async () => (await answerTo(stack, question)).text === "The next pottery class is on Friday.", "the renamed file answers");
	fs.rmSync(path.join(dir, "pottery.yaml"));
	await until(async () => (await answerTo(stack, question)).intent !== "pottery_class", "the rule is gone");
});

test("a broken file is named with its place, in one go, and the old rules go on", async (t) => {
	const dir = ownRules(t);
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const s = await stack.shopper();
	assert.equal((await s.message("when is your next pottery class").answer).intent, "pottery_class");
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY.replace("match:", "macth:"));
	fs.writeFileSync(path.join(dir, "other.yaml"), "language: en\nintents:\n  - name: [\n");
	await until(() => /pottery\.yaml:\d+:\d+: .*macth.*match/.test(stack.daemon.log), "the mistake in the log, with the remedy");
	await until(() => /other\.yaml:\d+:\d+: /.test(stack.daemon.log), "and the other file's");
	const line = POTTERY.split("\n").findIndex((l) => l.includes("match:")) + 1;
	assert.match(stack.daemon.log, new RegExp(`pottery\\.yaml:${line}:\\d+: `));
	const ready = await stack.daemon.get("/readyz");
	assert.match(ready.body, /pottery\.yaml/);
	assert.equal((await answerTo(stack, "when is your next pottery class")).intent, "pottery_class", "the old rules go on");
	fs.rmSync(path.join(dir, "other.yaml"));
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY.replace("Tuesday", "Sunday"));
	await until(async () => (await answerTo(stack, "when is your next pottery class")).text.includes("Sunday"), "mended");
	await until(async () => !(await stack.daemon.get("/readyz")).body.includes("pottery.yaml"), "and no longer shown");
});

test("an example that gets another intent keeps the set from loading", async (t) => {
	const dir = ownRules(t);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY.replace("when is your next pottery class", "where is my order"));
	await until(() => /pottery\.yaml:\d+:\d+: .*example/i.test(stack.daemon.log), "the example's place");
	assert.equal((await answerTo(stack, "where is my order")).intent, "track_order");
});

test("a rule that gives up is named, and the others answer all the same", async (t) => {
	const dir = ownRules(t);
	fs.writeFileSync(path.join(dir, "costly.yaml"), POTTERY.replace("    answer:", "      - {regex: '(a|aa)+[<>]'}\n    answer:"));
	const stack = await Stack.start(t, { settings: { intents: dir } });
	assert.doesNotMatch((await stack.daemon.get("/metrics")).body, /rule_limits_hit_total\{/);
	const answer = await answerTo(stack, `when is your next pottery class? ${"a".repeat(60)}`);
	assert.equal(answer.intent, "pottery_class");
	const { body } = await stack.daemon.get("/metrics");
	assert.match(body, /answerd_rule_limits_hit_total\{file="[^"]*costly\.yaml",line="7"\} [1-9]/);
	const { rules } = JSON.parse((await stack.daemon.get("/readyz")).body);
	assert.equal(rules.limits.length, 1);
	assert.match(rules.limits[0], /costly\.yaml:7: "\(a\|aa\)\+\[<>\]" gave up \d+ times/);
});

test("SIGHUP loads anew without dropping anybody", async (t) => {
	const dir = ownRules(t);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const s = await stack.shopper();
	await s.say("hello");
	for (let i = 0; i < 10; i++) {
		stack.daemon.child.kill("SIGHUP");
		await s.say(`where is my order ${i}`);
	}
	await until(() => stack.daemon.log.match(/rules version=/g).length > 2, "that they are loaded anew, and once more");
	await (await s.say("how can I pay")).answer;
	assert.equal(s.closeCode, undefined);
});

test("loading anew leaves little memory behind, also where it fails", async (t) => {
	const dir = ownRules(t);
	const stack = await Stack.start(t, { settings: { intents: dir } });
	const rss = () => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${stack.daemon.child.pid}/status`, "utf8"))[1]);
	const loadings = () => stack.daemon.log.match(/rules version=|rules have errors=/g).length;
	const before = rss();
	for (const rules of [POTTERY, POTTERY.replace("Tuesday", "Friday"), POTTERY.replace("match:", "macth:"), POTTERY.replace("match:", "macht:")]) {
		const done = loadings();
		fs.writeFileSync(path.join(dir, ".pottery.yaml.swp"), rules);
		fs.renameSync(path.join(dir, ".pottery.yaml.swp"), path.join(dir, "pottery.yaml"));
		await until(() => loadings() > done, "they are loaded anew");
	}
	if (slow === 1) /* a sanitizer keeps what is freed */
		await until(() => rss() < 1.5 * before, "the memory is given back");
});

test("rules that are wrong at the start end it with 78 and every mistake", async (t) => {
	const dir = ownRules(t);
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY.replace("match:", "macth:").replace("answer:", "anwser:"));
	const stack = await Stack.start(t);
	const daemon = Daemon.launch({ redis: stack.redis, dir: stack.dir, settings: { intents: dir } });
	t.after(() => daemon.child.kill("SIGKILL"));
	const { code } = await daemon.child.wait();
	assert.equal(code, 78, daemon.log);
	assert.match(daemon.log, /pottery\.yaml:\d+:\d+: .*macth/);
	assert.match(daemon.log, /pottery\.yaml:\d+:\d+: .*anwser/);
});

test("lint says what loading says, and exits 0 for the shipped set, 2 for a broken one", (t) => {
	const good = answerctl(["lint", "-i", intents]);
	assert.ok([0, 1].includes(good.status), good.stdout + good.stderr);
	const dir = ownRules(t);
	fs.writeFileSync(path.join(dir, "pottery.yaml"), POTTERY.replace("match:", "macth:"));
	const bad = answerctl(["lint", "-i", dir]);
	assert.equal(bad.status, 2);
	assert.match(bad.stdout + bad.stderr, /pottery\.yaml:\d+:\d+: .*macth.*match/);
	const nowhere = answerctl(["lint", "-i", path.join(dir, "nowhere")]);
	assert.equal(nowhere.status, 2);
	assert.match(nowhere.stderr, /nowhere: .*-i DIR/);
});

test("match reads one message a line and prints one answer a line, without Redis", () => {
	const lines = ["where is my order", "xyzzy plugh frobnicate", "", "I want to talk to a human", "how can I pay?"];
	const names = answerctl(["match", "-i", intents, "--intent-only"], { input: lines.join("\n") + "\n" });
	assert.equal(names.status, 0, names.stderr);
	const got = names.stdout.trimEnd().split("\n");
	assert.deepEqual(got, ["track_order", "none", "none", "contact_human_agent", "check_payment_methods"]);
	const json = answerctl(["match", "-i", intents, "--json"], { input: lines.join("\n") + "\n" });
	const objects = json.stdout.trimEnd().split("\n").map((l) => JSON.parse(l));
	assert.deepEqual(objects.map((o) => o.text), lines);
	assert.equal(objects[0].outcome, "answer");
	assert.equal(objects[0].intent, "track_order");
	assert.equal(objects[1].outcome, "miss");
	assert.equal(objects[1].intent, null);
	assert.equal(objects[3].outcome, "escalate");
	for (const o of objects)
		for (const key of ["text", "outcome", "intent", "score", "runner_up", "entities", "answer", "us"])
			assert.ok(key in o, key);
});

test("the tool's match and the running daemon say the same", async (t) => {
	const stack = await Stack.start(t);
	const lines = ["cancel my order 12345678 please", "I did not get my invoice", "what can I pay with", "my parcel never came and your support is awful", "do you deliver to France", "tell me a joke"];
	const tool = answerctl(["match", "-i", intents, "--json"], { input: lines.join("\n") + "\n" }).stdout.trimEnd().split("\n").map((l) => JSON.parse(l));
	for (const [i, line] of lines.entries()) {
		const s = await stack.shopper();
		const m = s.message(line);
		await m.stored;
		const a = await m.answer;
		if (tool[i].outcome === "answer" || tool[i].outcome === "escalate")
			assert.equal(a.intent, tool[i].intent, line);
		else
			assert.notEqual(a.buttons, undefined, line);
	}
});

const answerd = (...args) => spawnSync(path.join(build, "answerd"), args, { encoding: "utf8", cwd: root, timeout: PATIENCE_MS * slow });

test("--version, --help, and a wrong option", () => {
	assert.match(answerd("--version").stdout, /\d+\.\d+\.\d+/);
	assert.equal(answerd("--version").status, 0);
	const help = answerd("--help");
	assert.equal(help.status, 0);
	for (const option of ["--config", "--check", "--print-config", "--version", "--set"])
		assert.ok(help.stdout.includes(option), option);
	const wrong = answerd("--no-such-option");
	assert.notEqual(wrong.status, 0);
	assert.ok(wrong.stderr.length > 0);
	assert.equal(answerd("--config", "/nonexistent/answerd.yaml").status, 78);
});

test("all mistakes of a configuration are said in one run, with place and remedy, and it exits 78", (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const file = path.join(dir, "bad.yaml");
	fs.writeFileSync(file, "listn: 127.0.0.1:0\nmax_connections: many\nlimits:\n  text: -5\n  fram: 3\n");
	for (const args of [["--config", file], ["--config", file, "--check"]]) {
		const run = answerd(...args);
		assert.equal(run.status, 78, run.stderr);
		assert.match(run.stderr, /bad\.yaml:1:1: .*listn.*listen/);
		assert.match(run.stderr, /bad\.yaml:2:\d+: .*max_connections/);
		assert.match(run.stderr, /bad\.yaml:4:\d+: /);
		assert.match(run.stderr, /bad\.yaml:5:\d+: .*fram.*frame/);
	}
});

test("--check passes the shipped file, --print-config reads back to itself, --set overrides", (t) => {
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const shipped = path.join(root, "conf/answerd.yaml");
	assert.equal(answerd("--config", shipped, "--check").status, 0, answerd("--config", shipped, "--check").stderr);
	const printed = answerd("--config", shipped, "--print-config");
	assert.equal(printed.status, 0);
	const copy = path.join(dir, "printed.yaml");
	fs.writeFileSync(copy, printed.stdout);
	assert.equal(answerd("--config", copy, "--print-config").stdout, printed.stdout);
	const other = answerd("--config", shipped, "--set", "listen=127.0.0.1:4711", "--set", "limits.text=77", "--print-config").stdout;
	assert.match(other, /127\.0\.0\.1:4711/);
	assert.match(other, /text: 77\b/);
	const wrong = answerd("--config", shipped, "--set", "limits.txt=7", "--check");
	assert.equal(wrong.status, 78);
	assert.match(wrong.stderr, /limits\.txt/);
});

test("an address in use and a directory that is not there end the start with a reason", async (t) => {
	const stack = await Stack.start(t);
	const start = (settings) => {
		const file = path.join(stack.dir, "second.yaml");
		fs.writeFileSync(file, yaml(Daemon.config({ redis: stack.redis, dir: stack.dir, settings })));
		return answerd("--config", file);
	};
	const state_dir = tempDir();
	t.after(() => fs.rmSync(state_dir, { recursive: true, force: true }));
	const used = start({ listen: stack.daemon.address, state_dir });
	assert.ok(used.status > 0);
	assert.match(used.stderr, new RegExp(`${stack.daemon.address.replaceAll(".", "\\.")}.*in use`, "i"));
	const shared = start({});
	assert.ok(shared.status > 0);
	assert.match(shared.stderr, /another answerd keeps its state in .*; stop it, or give this one a state_dir of its own/);
	const missing = start({ intents: path.join(stack.dir, "nowhere") });
	assert.equal(missing.status, 78);
	assert.match(missing.stderr, /nowhere/);
	const nobody = start({ secret_file: "/proc/nowhere/secret" });
	assert.ok(nobody.status > 0);
	assert.match(nobody.stderr, /\/proc\/nowhere\/secret/);
});

test("nobody else may read what is kept, whatever the directory's owner allows", async (t) => {
	const stack = await Stack.start(t);
	const shopper = await stack.shopper();
	await shopper.message("how can I pay?").stored;
	const dir = stack.stateDir(0);
	assert.ok(fs.statSync(dir).mode & 0o005, "the directory is open to all");
	const names = fs.readdirSync(dir);
	assert.ok(names.includes("spool.db"), names.join());
	for (const name of names)
		assert.equal(fs.statSync(path.join(dir, name)).mode & 0o077, 0, name);
});

test("no text, name or token of anybody stands in the log", async (t) => {
	const stack = await Stack.start(t, { settings: { log_level: "debug" } });
	const s = await stack.waiting("my secret word is marzipan", { hello: { user: { id: "u1", name: "Ottokar Zwiebel" } } });
	const desk = await stack.desk("maria");
	await desk.take(s.conversation);
	await desk.say(s.conversation, "the agent says nougat").stored;
	await stack.daemon.stop();
	stack.daemon.expectedDead = true;
	assert.doesNotMatch(stack.daemon.log, /marzipan|nougat|Ottokar|pass-maria-word/);
	assert.equal(stack.daemon.log.includes(s.visitor), false);
	assert.match(stack.daemon.log, new RegExp(`conv=${s.conversation}`));
});

test("the shipped dialogues pass, and one that goes another way is named with its place", (t) => {
	const all = answerctl(["test"]);
	assert.equal(all.status, 0, all.stdout + all.stderr);
	const [, dialogues] = /^(\d+) dialogues, \d+ checks: \d+ passed, 0 failed$/m.exec(all.stdout);
	assert.ok(Number(dialogues) >= 25, all.stdout);
	const dir = tempDir();
	t.after(() => fs.rmSync(dir, { recursive: true, force: true }));
	const file = path.join(dir, "wrong.chat");
	fs.writeFileSync(file, "== a greeting\nshopper: hello\nstate: queued\n");
	const wrong = answerctl(["test", file]);
	assert.equal(wrong.status, 1);
	assert.match(wrong.stdout, /wrong\.chat:3:\d+: .*queued/);
	assert.equal(answerctl(["test", path.join(dir, "none.chat")]).status, 2);
});

test("with few descriptors fewer connections are let in, and with too few it says so and ends", async (t) => {
	const stack = await Stack.start(t);
	const limited = (n) => Daemon.launch({
		redis: stack.redis, dir: stack.dir, settings: { state_dir: path.join(stack.dir, `state-${n}`) },
		under: ["/bin/sh", "-c", `ulimit -n ${n}; exec "$@"`, "sh"],
	});
	const refused = limited(64);
	assert.equal((await refused.child.wait()).code, 78);
	assert.match(refused.log, /answerd: only 64 descriptors: .*LimitNOFILE/);

	const few = limited(260);
	stack.daemons.push(few);
	await until(() => {
		few.address ??= /listening=(\S+)/.exec(few.log)?.[1];
		return few.address;
	}, "it listens");
	assert.match(few.log, /only 260 descriptors: max_connections=4 in place of 16000/);
	const shoppers = [];
	for (let i = 0; i < 4; i++)
		shoppers.push(await stack.shopper({ daemon: few }));
	const late = await stack.shopper({ daemon: few, greet: false });
	assert.equal((await late.closed).code, 1013);
	for (let i = 0; i < 300; i++) {
		const silent = net.connect(few.address.split(":")[1], "127.0.0.1");
		t.after(() => silent.destroy());
		await new Promise((resolve) => silent.on("connect", resolve).on("error", resolve));
	}
	for (const one of shoppers)
		await (await one.say("hello")).stored;
	assert.equal((await few.get("/healthz")).status, 200);
	assert.doesNotMatch(few.log, /Too many open files/);
});
