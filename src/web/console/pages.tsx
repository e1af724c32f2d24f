/*
 * The console's pages: what stands beside the lists. One more is a line in
 * PAGES and a case in Screen.
 */

export type Page = "desk" | "rules";

const PAGES: { page: Page; name: string }[] = [
	{ page: "desk", name: "Chats" },
	{ page: "rules", name: "Rules" },
];

export function Pages({ page, go }: { page: Page; go: (page: Page) => void }) {
	return (
		<nav class="pages" aria-label="Pages">
			{PAGES.map((p) => (
				<button key={p.page} aria-current={page === p.page ? "page" : undefined} onClick={() => go(p.page)} data-testid={"page-" + p.page}>{p.name}</button>
			))}
		</nav>
	);
}
