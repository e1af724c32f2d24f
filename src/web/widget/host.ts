/*
 * What the loader and the panel know of each other. The loader owns the page's
 * side (launcher, shadow root, the JavaScript interface, events); the panel,
 * loaded on first use, owns the conversation.
 */

import type { Context, User } from "./session.ts";

/* The script's attributes, of which two are made fit for use. */
export interface Config {
	/* #rrggbb; "": the daemon says. */
	colour: string;
	locale: string;
	title?: string;
	greeting?: string;
	starters?: string;
	hours?: string;
	preview?: string;
}

export type EventName = "ready" | "open" | "close" | "message" | "state" | "unread" | "error";

export interface Host {
	/* Where the daemon is: the origin that the script came from. */
	origin: string;
	/* Prefix of all that is kept in the page's storage. */
	prefix: string;
	root: ShadowRoot;
	launcher: HTMLButtonElement;
	config: Config;
	user: User | null;
	context: Context;
	emit(event: EventName, detail?: unknown): void;
	/* The panel was opened or closed, or the count changed. */
	show(open: boolean, unread: number, label: string): void;
	addStyles(css: string): void;
}

export interface Panel {
	open(): void;
	close(): void;
	isOpen(): boolean;
	identify(user: User | null): void;
	setContext(context: Context): void;
	setLocale(locale: string): void;
	destroy(): void;
}

export interface Api {
	open(): void;
	close(): void;
	toggle(): void;
	/* Null: nobody is signed in any more. */
	identify(user: User | null): void;
	setContext(context: Context): void;
	setLocale(locale: string): void;
	/* Returns what takes the listener away again. */
	on(event: EventName, listener: (detail: unknown) => void): () => unknown;
	destroy(): void;
}

interface Policy {
	createScriptURL(url: string): string;
}

declare global {
	interface Window {
		answerd?: Api;
		answerdPanel?: (host: Host) => Panel;
		/* Made once: a page may forbid a second one of the name. */
		answerdPolicy?: Policy;
		trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
	}
}
