// The growth of a message's cost, as SVG: what build/bench/bench.json says of
// connections, rules, conversation length and waiting conversations.
//
//   node tests/bench/plot.mjs [bench.json]

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const W = 480, H = 280, L = 56, R = 16, T = 36, B = 44;
const escape = (s) => String(s).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

/* Logarithmic to the right, from zero upwards. */
export function svg(title, label, points) {
	const xs = points.map((p) => Math.log10(p[0])), top = Math.max(...points.map((p) => p[1])) * 1.25;
	const [from, to] = [Math.min(...xs), Math.max(...xs)];
	const x = (v) => L + ((Math.log10(v) - from) / (to - from || 1)) * (W - L - R);
	const y = (v) => H - B - (v / top) * (H - T - B);
	const ticks = [0, 0.25, 0.5, 0.75, 1].map((f) => f * top);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H}" font-family="sans-serif" font-size="12" role="img" aria-label="${escape(title)}">
<rect width="${W}" height="${H}" fill="#fff"/>
<text x="${L}" y="20" font-size="14" font-weight="bold">${escape(title)}</text>
${ticks.map((t) => `<path d="M${L} ${y(t).toFixed(1)}H${W - R}" stroke="#ddd"/><text x="${L - 6}" y="${(y(t) + 4).toFixed(1)}" text-anchor="end" fill="#555">${t.toFixed(t < 10 ? 1 : 0)}</text>`).join("\n")}
${points.map(([v]) => `<text x="${x(v).toFixed(1)}" y="${H - B + 16}" text-anchor="middle" fill="#555">${v.toLocaleString("en")}</text>`).join("\n")}
<text x="${(L + W - R) / 2}" y="${H - 8}" text-anchor="middle">${escape(label)}</text>
<text x="14" y="${(T + H - B) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(T + H - B) / 2})">µs of CPU a message</text>
<polyline fill="none" stroke="#1f5f4a" stroke-width="2" points="${points.map((p) => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(" ")}"/>
${points.map((p) => `<circle cx="${x(p[0]).toFixed(1)}" cy="${y(p[1]).toFixed(1)}" r="3.5" fill="#1f5f4a"/>`).join("\n")}
</svg>
`;
}

export function plots(result, out) {
	const all = {
		connections: ["Connections, all of them talking", "connections", result.connections?.filter((c) => c.connections === c.talking).map((c) => [c.connections, c.answerd.cpu_us])],
		rules: ["Rules", "rules", result.rules?.filter((r) => r.rules > 0).map((r) => [r.rules, r.cpu_us])],
		length: ["Length of the conversation", "events in the log", result.length?.map((r) => [r.events, r.cpu_us])],
		waiting: ["Conversations that wait for a person", "waiting", result.waiting?.map((r) => [r.waiting, r.cpu_us])],
	};
	for (const [name, [title, label, points]] of Object.entries(all))
		if (points?.length)
			fs.writeFileSync(path.join(out, `${name}.svg`), svg(title, label, points));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const file = process.argv[2] ?? "build/bench/bench.json";
	plots(JSON.parse(fs.readFileSync(file, "utf8")), path.dirname(file));
}
