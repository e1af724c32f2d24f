/* Short notices, each gone after a while. */

export interface Toast {
	key: number;
	text: string;
	bad: boolean;
}

const SHOWN_MS = 6_000;
const MOST = 4;

export class Toasts {
	list: Toast[] = [];
	private key = 0;

	constructor(private readonly after: (ms: number, f: () => void) => void, private readonly changed: () => void) {}

	add(text: string, bad: boolean): void {
		const key = ++this.key;
		this.list = [...this.list.slice(1 - MOST), { key, text, bad }];
		this.after(SHOWN_MS, () => {
			this.list = this.list.filter((t) => t.key !== key);
			this.changed();
		});
		this.changed();
	}
}
