/*
 * The shop's colour made legible: text on it, and itself as text, always with
 * the contrast that WCAG 2.2 AA asks for (4.5 to 1). Pure.
 */

export type Rgb = [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [17, 17, 17];
const ENOUGH = 4.5;

export function parseHex(hex: string): Rgb | null {
	const m = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(hex.trim());
	if (m === null)
		return null;
	const d = m[1] as string;
	const full = d.length === 3 ? [...d].map((c) => c + c).join("") : d;
	return [0, 2, 4].map((i) => parseInt(full.slice(i, i + 2), 16)) as Rgb;
}

export function contrast(a: Rgb, b: Rgb): number {
	const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
	return x > y ? x / y : y / x;
}

/* Black or white, whichever is easier to read on it. */
export function textOn(colour: Rgb): string {
	return contrast(colour, WHITE) >= ENOUGH ? "#ffffff" : contrast(colour, BLACK) >= contrast(colour, WHITE) ? "#111111" : "#ffffff";
}

/* The colour, moved towards black or white until it can be read on `ground`. */
export function readable(colour: Rgb, ground: Rgb): string {
	const towards = luminance(ground) > 0.4 ? BLACK : WHITE;
	for (let step = 0; step <= 20; step++) {
		const c = colour.map((v, i) => Math.round(v + ((towards[i] as number) - v) * (step / 20))) as Rgb;
		if (contrast(c, ground) >= ENOUGH)
			return written(c);
	}
	return written(towards);
}

/* As style sheets have it. */
export function written(c: Rgb): string {
	return `rgb(${c})`;
}

function luminance(c: Rgb): number {
	const [r, g, b] = c.map((v) => {
		const s = v / 255;
		return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
	}) as Rgb;
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
