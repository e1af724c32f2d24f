/*
 * Builds the three browser parts into one directory: node build.mjs OUTDIR
 *
 *   widget.js               the loader, one script
 *   widget/panel.js         the panel, styles inside
 *   demo/                   the sample shop
 *   console/                the desk console
 *
 * Everything comes from this folder and the lock file. It fails on a text that
 * one language lacks and on a widget that has grown over its limits (gzip).
 * `--size` only prints the sizes of an earlier build.
 */

import { build, transform } from "esbuild";
import { cp, mkdir, readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const onlySize = args.includes("--size");
const out = resolve(args.find((a) => !a.startsWith("-")) ?? process.env.WEB_OUT ?? join(here, "../../build/web"));

const LIMITS = { "widget.js": 3 * 1024, "widget/panel.js": 22.5 * 1024 };

/* A style sheet imported by a script is its minified text. */
const cssText = {
	name: "css-text",
	setup(b) {
		b.onLoad({ filter: /\.css$/ }, async ({ path }) => {
			const css = await readFile(path, "utf8");
			const { code } = await transform(css, { loader: "css", minify: true, target: "es2020" });
			return { contents: code.trim(), loader: "text" };
		});
	},
};

const common = {
	absWorkingDir: here,
	bundle: true,
	minify: true,
	format: "iife",
	target: "es2020",
	charset: "utf8",
	legalComments: "none",
	logLevel: "warning",
};

/* Words that stand in the widget's sources only as a private member and where
 * its class uses it, only as a method or a member with a first value and where
 * it is asked of what is one of ours by its name, or only as a text's key and
 * where that text is said: such a name can be as short as esbuild likes. */
async function shortNames() {
	const read = async (dir) => Promise.all((await readdir(join(here, dir))).filter((f) => f.endsWith(".ts")).map((f) => readFile(join(here, dir, f), "utf8")));
	const code = [...await read("widget"), ...await read("shared")].join("\n").replace(/\/\*[^]*?\*\//g, "");
	const count = (pattern) => code.match(new RegExp(pattern, "gm"))?.length ?? 0;
	const only = (declared, used) => {
		const names = new Set([...code.matchAll(new RegExp(declared + "(\\w+)\\b", "gm"))].map((m) => m[1]));
		return [...names].filter((name) => count(`\\b${name}\\b`) === count(`${declared}${name}\\b`) + count(`${used}${name}\\b`));
	};
	const ours = "\\b(?:this|session|s|outbox|tabs|link|view|log|env|owner)\\.";
	const names = [...only("\\bprivate (?:readonly )?", "\\bthis\\."), ...only("^\\t(?:get )?(?!constructor)(?=\\w+\\()", ours), ...only("^\\t(?:readonly )?(?=\\w+(?:: [^=(]*)? = )", ours), ...only("^\\t(?=\\w+: \")", "\\b(?:t|texts)\\.")];
	return new RegExp(`^(${names.join("|")})$`);
}

async function checkTexts() {
	const { outputFiles } = await build({ ...common, entryPoints: ["widget/texts.ts"], format: "esm", write: false });
	const { languages } = await import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
	const keys = Object.keys(languages.en).sort().join();
	for (const [name, texts] of Object.entries(languages)) {
		if (Object.keys(texts).sort().join() !== keys)
			throw new Error(`widget/texts.ts: ${name} has not the same keys as en`);
		for (const [key, text] of Object.entries(texts)) {
			const slots = (t) => (t.match(/\{\w+\}/g) ?? []).sort().join();
			if (text.trim() === "" || slots(text) !== slots(languages.en[key]))
				throw new Error(`widget/texts.ts: ${name}.${key} is empty or has other slots than en`);
		}
	}
}

async function buildAll() {
	await checkTexts();
	await mkdir(join(out, "widget"), { recursive: true });
	const mangleProps = await shortNames();
	await Promise.all([
		build({ ...common, entryPoints: ["widget/loader.ts"], outfile: join(out, "widget.js"), plugins: [cssText] }),
		build({ ...common, entryPoints: ["widget/panel.ts"], outfile: join(out, "widget/panel.js"), plugins: [cssText], mangleProps }),
		build({ ...common, entryPoints: ["console/console.tsx"], outfile: join(out, "console/console.js"), jsx: "automatic", jsxImportSource: "preact", plugins: [cssText] }),
		build({ ...common, entryPoints: ["console/console.css"], outfile: join(out, "console/console.css") }),
		build({ ...common, entryPoints: ["demo/demo.css"], outfile: join(out, "demo/demo.css") }),
	]);
	await cp(join(here, "console/index.html"), join(out, "console/index.html"));
	await cp(join(here, "demo/index.html"), join(out, "demo/index.html"));
}

async function sizes() {
	let over = false;
	for (const file of ["widget.js", "widget/panel.js", "console/console.js", "console/console.css", "demo/index.html", "demo/demo.css"]) {
		const raw = await readFile(join(out, file));
		const gz = gzipSync(raw, { level: 9 }).length;
		const limit = LIMITS[file];
		console.log(`${file.padEnd(22)} ${String(raw.length).padStart(7)} B ${String(gz).padStart(6)} B gzip${limit ? ` (at most ${limit})` : ""}`);
		if (limit && gz > limit) {
			console.error(`${file}: ${gz} bytes gzip is over ${limit}`);
			over = true;
		}
	}
	if (over)
		process.exit(1);
}

try {
	if (!onlySize)
		await buildAll();
	await sizes();
} catch (e) {
	console.error(e.message);
	process.exit(1);
}
