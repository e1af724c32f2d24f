// again.mjs FILE: runs each test that failed, as results.mjs has noted it in
// FILE, once more, alone and in a process of its own. One that passes now is
// named as flaky. Prints how many did so in its last line.

import { spawnSync } from "node:child_process";
import fs from "node:fs";

function passes({ name, file }) {
	const pattern = `^${name.replace(/[\\^$.|?*+()[\]{}/]/g, "\\$&")}$`;
	const run = spawnSync(process.execPath, ["--test", "--test-reporter=tap", `--test-name-pattern=${pattern}`, file], { encoding: "utf8" });
	process.stdout.write(`once more: ${name}\n${run.stdout.replace(/^/gm, "    ")}\n`);
	return run.status === 0 && Number(/^# pass (\d+)$/m.exec(run.stdout)?.[1]) === 1;
}

const failed = fs.readFileSync(process.argv[2], "utf8").split("\n").filter((line) => line.startsWith("{"));
const flaky = failed.map((line) => JSON.parse(line)).filter(passes);
for (const { name } of flaky)
	console.log(`flaky: ${name} (passed when run again)`);
console.log(flaky.length);
