// Debian's Chromium for a test: pages whose errors count, and screenshots that
// a person can look at under build/screenshots/.

import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { PATIENCE_MS, build } from "../blackbox/lib.mjs";

const ARGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
];

export class Browser {
	/* `bfcache`: pages may come back from the browser's cache of them. */
	static async start(t, { bfcache = false } = {}) {
		const browser = new Browser();
		browser.faults = [];
		browser.shots = path.join(build, "screenshots");
		fs.mkdirSync(browser.shots, { recursive: true });
		browser.chromium = await chromium.launch({ timeout: PATIENCE_MS, executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS, ignoreDefaultArgs: bfcache ? ["--disable-back-forward-cache"] : [] });
		t.after(() => browser.chromium.close());
		return browser;
	}

	/* A person: a context of their own. A script's error, a refused policy or
	 * a failed request of the page is a fault, but for those in `expected`. */
	async person({ viewport = { width: 1280, height: 800 }, expected = [], ...options } = {}) {
		const context = await this.chromium.newContext({ viewport, ...options });
		context.setDefaultTimeout(PATIENCE_MS);
		const page = await context.newPage();
		const fault = (text) => {
			if (!expected.some((like) => like.test(text)))
				this.faults.push(text);
		};
		page.on("pageerror", (e) => fault(`error: ${e.message}`));
		page.on("console", (m) => m.type() === "error" && fault(`console: ${m.text()} ${m.location().url}`));
		page.on("requestfailed", (r) => fault(`request failed: ${r.url()} ${r.failure()?.errorText}`));
		return page;
	}

	async shot(page, name) {
		await page.screenshot({ path: path.join(this.shots, `${name}.png`), animations: "disabled" });
	}

	/* What was done so far is drawn: for what must not show. */
	static drawn(page) {
		return page.evaluate(async () => {
			for (let i = 0; i < 3; i++)
				await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
		});
	}

	check() {
		assert.deepEqual(this.faults, [], "nothing went wrong in a page unseen");
	}
}
