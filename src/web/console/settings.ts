/*
 * What an agent has chosen for this browser: whether single keys do anything,
 * and for each kind of news a sound and a desktop notification. All of that is
 * off until asked for, but the keys.
 */

import { LANGUAGES, type Language, type Text } from "./say.ts";
import { getJson, type Store } from "../shared/store.ts";

export const KINDS = ["waiting", "given", "message"] as const;
export type Kind = typeof KINDS[number];

export const KIND_NAMES: Record<Kind, Text> = {
	waiting: "Somebody new is waiting",
	given: "A chat is given to me",
	message: "A visitor writes in a chat of mine",
};

export interface Settings {
	keys: boolean;
	sound: Kind[];
	notify: Kind[];
	/* "": as the browser has it. */
	language: Language | "";
}

export function readSettings(store: Store): Settings {
	const kept = getJson<Partial<Settings>>(store, "settings");
	const kinds = (value: unknown) => Array.isArray(value) ? KINDS.filter((k) => value.includes(k)) : [];
	return { keys: kept?.keys !== false, sound: kinds(kept?.sound), notify: kinds(kept?.notify), language: kept?.language !== undefined && Object.hasOwn(LANGUAGES, kept.language) ? kept.language : "" };
}

export function writeSettings(store: Store, settings: Settings): void {
	store.set("settings", JSON.stringify(settings));
}

export function toggled(list: Kind[], kind: Kind, on: boolean): Kind[] {
	return KINDS.filter((k) => k === kind ? on : list.includes(k));
}
