// Strings that would like to be scripts, and how to see that none was.

import assert from "node:assert/strict";

/* What has run scripts in chat windows before: tags, handlers, addresses,
 * templates, breaking out of attributes, JSON and comments. */
export function payloads() {
	const run = "window.__owned=1";
	const bodies = [
		`<script>${run}</script>`, `</script><script>${run}</script>`, `<img src=x onerror="${run}">`, `<svg onload=${run}>`,
		`<svg><animate onbegin=${run} attributeName=x dur=1s>`, `<iframe srcdoc="<script>parent.${run}</script>"></iframe>`,
		`<a href="javascript:${run}">x</a>`, `javascript:${run}//http://x.example`, `data:text/html,<script>${run}</script>`,
		`<details open ontoggle=${run}>`, `<math href="javascript:${run}">x</math>`, `<body onload=${run}>`, `<input autofocus onfocus=${run}>`,
		`<style>@import "javascript:${run}"</style>`, `<template><script>${run}</script></template>`, `{{constructor.constructor("${run}")()}}`,
		`\${${run}}`, `<base href="javascript:/a/-${run}/">`, `<object data="javascript:${run}"></object>`, `<video><source onerror=${run}></video>`,
	];
	const around = [(b) => b, (b) => `"'>${b}`, (b) => `--></title></textarea>${b}`, (b) => `&lt;${b}`, (b) => `https://x.example/"${b}`];
	return around.flatMap((f) => bodies.map(f));
}

/* No script of theirs, and no address or handler that would be one. */
export async function nothingRan(page) {
	assert.equal(await page.evaluate(() => window.__owned), undefined, "nothing ran");
	const found = await page.evaluate(() => {
		const bad = [];
		const walk = (root) => root.querySelectorAll("*").forEach((e) => {
			if (e.shadowRoot)
				walk(e.shadowRoot);
			if (e.hasAttribute("href") && !/^(https?:|data:image\/|\/|#|mailto:|tel:)/i.test(e.getAttribute("href")))
				bad.push(e.outerHTML);
			for (const a of e.attributes)
				if (/^on/i.test(a.name))
					bad.push(e.outerHTML);
		});
		walk(document);
		return bad;
	});
	assert.deepEqual(found, [], "no address or handler that would run");
}
