/*
 * The language of the console's own words: English as it stands in the sources,
 * or another from a list of what each text is there (german.ts). A text that the
 * list lacks does not compile. Pure: whoever starts the console chooses.
 */

import { german } from "./german.ts";

export type Text = keyof typeof german;
export type Language = "en" | "de";

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

let spoken: Language = "en";
let place = "en";

/* The first of `wanted` (BCP 47) that there is; times follow it. */
export function speak(wanted: readonly string[]): void {
	const of = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";
	place = wanted.find((tag) => Object.hasOwn(LANGUAGES, of(tag))) ?? "en";
	spoken = of(place) as Language;
}

export function language(): Language {
	return spoken;
}

/* For times and numbers. */
export function locale(): string {
	return place;
}

export function say(text: Text, values: Record<string, string | number> = {}): string {
	return (spoken === "de" ? german[text] : text).replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/* A word that the daemon or a colleague's page chose: as it is, if we have none
 * for it. */
export function sayKnown(text: string): string {
	return Object.hasOwn(german, text) ? say(text as Text) : text;
}

/* Within a sentence. German nouns stay as they are. */
export function sayWithin(text: string): string {
	return spoken === "en" ? text.slice(0, 1).toLowerCase() + text.slice(1) : text;
}
