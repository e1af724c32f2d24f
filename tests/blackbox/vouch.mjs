// The shop's word for who a customer is, as its own server would give it.

import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { tempDir } from "./lib.mjs";

const SECRET = "the-shop-and-the-daemon-share-this-one";

/* The file that the daemon has the secret in. */
export function secretFile(t) {
	const file = path.join(tempDir(), "identity");
	t.after(() => fs.rmSync(path.dirname(file), { recursive: true, force: true }));
	fs.writeFileSync(file, SECRET + "\n", { mode: 0o600 });
	return file;
}

export const soon = () => Math.floor(Date.now() / 1000) + 3600;
export const hmac = (id) => crypto.createHmac("sha256", SECRET).update(id).digest("hex");
export const base64 = (x) => Buffer.from(JSON.stringify(x)).toString("base64url");

export function jwt(claims, { header = { alg: "HS256", typ: "JWT" }, secret = SECRET } = {}) {
	const body = `${base64(header)}.${base64(claims)}`;
	return `${body}.${crypto.createHmac("sha256", secret).update(body).digest("base64url")}`;
}
