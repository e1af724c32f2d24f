// What axe-core finds in a page (WCAG 2.2 AA and what it calls good practice).

import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";

const source = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/* Until nothing moves but what always does: colours on their way count as
 * wrong. */
function still(page) {
	return page.evaluate(async () => {
		const roots = () => [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
		const moves = (a) => a.playState === "running" && a.effect.getComputedTiming().endTime !== Infinity;
		const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
		do {
			await drawn();
			await drawn();
		} while (roots().some((r) => r.getAnimations().some(moves)));
	});
}

/* By the debugger's protocol: the page's policy forbids foreign scripts, and
 * shall go on to. */
export async function axe(page, where, { include } = {}) {
	await still(page);
	const session = await page.context().newCDPSession(page);
	const run = async (expression) => {
		const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
		assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
		return result.value;
	};
	await run(`${source};0`);
	const found = await run(`axe.run(${include ?? "document"}, {runOnly: {type: "tag", values: ${JSON.stringify(TAGS)}}}).then((r) => JSON.stringify({
		rules: r.passes.length,
		bad: r.violations.map((v) => v.id + ": " + v.help + "\\n" + v.nodes.map((n) => "    " + n.target.join(" ") + " " + n.failureSummary).join("\\n")),
	}))`);
	await session.detach();
	const { rules, bad } = JSON.parse(found);
	assert.ok(rules > 5, `axe looked at ${where}`);
	assert.deepEqual(bad, [], `axe: ${where}`);
}
