/*
 * Whom the shop's page has named, as a mark that tells one from another: what
 * waits in this browser is for one of them. The id itself is not kept. Whether
 * the shop's word is good the daemon decides.
 */

import { str } from "../shared/wire.ts";
import type { User } from "./session.ts";

/* "": nobody, or nobody that the shop vouches for. */
export function markOf(user: User | null): string {
	let id = user?.hmac ? str(user.id) : "";
	let mark = 0;
	try {
		if (user?.jwt)
			id = str(JSON.parse(atob(str(user.jwt.split(".")[1]).replace(/-/g, "+").replace(/_/g, "/"))).sub);
	} catch {
		/* the daemon will say that it is no JWT */
	}
	for (const c of id)
		mark = Math.imul(mark ^ c.charCodeAt(0), 16777619);
	return id && String(mark);
}
