/*
 * The console's pages: what stands beside the lists. One more is a line in
 * PAGES and a case in Screen.
 */

import { say, type Text } from "./say.ts";

export type Page = "desk" | "team" | "rules";

const PAGES: { page: Page; name: Text; overseers?: boolean }[] = [
	{ page: "desk", name: "Chats" },
	{ page: "team", name: "Team", overseers: true },
	{ page: "rules", name: "Rules" },
];

export function Pages({ page, go, oversees }: { page: Page; go: (page: Page) => void; oversees: boolean }) {
	return (
		<nav class="pages" aria-label={say("Pages")}>
			{PAGES.filter((p) => oversees || !p.overseers).map((p) => (
				<button key={p.page} aria-current={page === p.page ? "page" : undefined} onClick={() => go(p.page)} data-testid={"page-" + p.page}>{say(p.name)}</button>
			))}
		</nav>
	);
}
