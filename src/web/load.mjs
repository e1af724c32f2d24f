/*
 * Gives node a TypeScript module of this folder: const { Outbox } =
 * await load("shared/outbox.ts"). For the tests in tests/web/; the browser gets
 * what build.mjs makes.
 */

import { build } from "esbuild";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export async function load(file) {
	const { outputFiles } = await build({
		absWorkingDir: here,
		entryPoints: [file],
		bundle: true,
		format: "esm",
		target: "es2022",
		write: false,
		logLevel: "error",
		sourcemap: "inline",
	});
	return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
}

/* The browser's storage, as far as shared/store.ts uses it. */
export class FakeStorage {
	map = new Map();
	full = false;
	get length() {
		return this.map.size;
	}
	key(i) {
		return [...this.map.keys()][i] ?? null;
	}
	getItem(key) {
		return this.map.get(key) ?? null;
	}
	setItem(key, value) {
		if (this.full)
			throw new Error("QuotaExceededError");
		this.map.set(key, value);
	}
	removeItem(key) {
		this.map.delete(key);
	}
}
