// A relay between the daemons and Redis: it passes bytes on after `delayMs`,
// and when it is stopped it passes none and closes nothing, as a cut cable.

import net from "node:net";

export class Relay {
	static async start(port) {
		const relay = new Relay();
		Object.assign(relay, { delayMs: 0, isCut: false, pairs: new Set() });
		relay.server = net.createServer((from) => relay.join(from, net.connect(port, "127.0.0.1")));
		await new Promise((resolve) => relay.server.listen(0, "127.0.0.1", resolve));
		relay.port = relay.server.address().port;
		return relay;
	}

	join(from, to) {
		const pair = { from, to };
		this.pairs.add(pair);
		for (const [a, b] of [[from, to], [to, from]]) {
			a.on("data", (part) => this.pass(a, b, part));
			a.on("error", () => {});
			a.on("close", () => {
				this.pairs.delete(pair);
				if (!this.isCut)
					b.destroy();
			});
		}
		if (this.isCut)
			[from, to].forEach((s) => s.pause());
	}

	/* In order, whatever the delay becomes meanwhile: a part never
	 * overtakes the one before it. */
	pass(a, b, part) {
		const due = Math.max(Date.now() + this.delayMs, a.lastDue ?? 0);
		a.lastDue = due;
		(a.line ??= []).push(part);
		setTimeout(() => {
			const next = a.line.shift();
			if (b.writable)
				b.write(next);
		}, due - Date.now());
	}

	cut() {
		this.isCut = true;
		for (const { from, to } of this.pairs)
			[from, to].forEach((s) => s.pause());
	}

	mend() {
		this.isCut = false;
		for (const { from, to } of this.pairs)
			[from, to].forEach((s) => s.resume());
	}

	fini() {
		this.server.close();
		for (const { from, to } of this.pairs)
			[from, to].forEach((s) => s.destroy());
	}
}
