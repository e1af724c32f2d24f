// A shop's page of another origin than the daemon's, and a first question there.

import http from "node:http";
import { until } from "../blackbox/lib.mjs";

/* A shop's page of another origin; `make` gives its head and body. */
export async function shopPage(t, make, headers = {}) {
	const server = http.createServer((request, reply) => {
		reply.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers });
		reply.end(make());
	});
	await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	return `http://127.0.0.1:${server.address().port}/`;
}

export function page(script, { lang = "en", dir = "ltr", head = "" } = {}) {
	return `<!doctype html><html lang="${lang}" dir="${dir}"><head><title>A shop</title><link rel="icon" href="data:,">${head}</head>`
		+ `<body><main><h1>A shop</h1><p>Words of the page.</p></main>${script}</body></html>`;
}

export async function talk(shop, text = "Which payment methods do you accept?") {
	await shop.getByTestId("launcher").click();
	await shop.getByTestId("input").fill(text);
	await shop.getByTestId("input").press("Enter");
	await shop.locator("[data-testid=message][data-from=bot]").first().waitFor();
	const own = shop.locator("[data-testid=message][data-from=shopper]").first();
	await until(async () => ["stored", "read"].includes(await own.getAttribute("data-status")), "it is stored");
}

/* Another tab is in front, or this one again: headless pages know of none. */
export async function away(shop, on) {
	await shop.evaluate((hidden) => {
		Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
		Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, on);
}
