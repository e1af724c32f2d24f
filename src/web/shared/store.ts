/*
 * A small key-value store over the page's localStorage or sessionStorage, under
 * one prefix. Browsers may refuse storage (private windows, blocked sites, a
 * full quota): then it goes on in memory, and nothing else has to care.
 */

export interface Store {
	get(key: string): string | null;
	/* False when the value is kept in memory only. */
	set(key: string, value: string): boolean;
	del(key: string): void;
	keys(): string[];
}

export function openStore(area: () => Storage, prefix: string): Store {
	const memory = new Map<string, string>();

	const tried = <T>(f: (s: Storage) => T, otherwise: T): T => {
		try {
			return f(area());
		} catch {
			return otherwise;
		}
	};

	return {
		get: (key) => memory.get(key) ?? tried((s) => s.getItem(prefix + key), null),
		set(key, value) {
			const kept = tried((s) => {
				s.setItem(prefix + key, value);
				return true;
			}, false);
			if (kept)
				memory.delete(key);
			else
				memory.set(key, value);
			return kept;
		},
		del(key) {
			memory.delete(key);
			tried((s) => s.removeItem(prefix + key), undefined);
		},
		keys() {
			const found = new Set(memory.keys());
			tried((s) => {
				for (let i = 0; i < s.length; i++) {
					const key = s.key(i);
					if (key !== null && key.startsWith(prefix))
						found.add(key.slice(prefix.length));
				}
			}, undefined);
			return [...found];
		},
	};
}

/* A JSON value of the store, or null where there is none or it is damaged. */
export function getJson<T>(store: Store, key: string): T | null {
	try {
		return JSON.parse(store.get(key) ?? "null") as T | null;
	} catch {
		return null;
	}
}
