// A relay between the daemons and Redis: it passes bytes on after `delayMs`,
// and what it is stopped for passes none and closes nothing, as a cut cable.

import net from "node:net";

export class Relay {
	static async start(port) {
		const relay = new Relay();
		Object.assign(relay, { delayMs: 0, isCutFor: () => false, pairs: new Set() });
		relay.server = net.createServer((from) => relay.join(from, net.connect(port, "127.0.0.1")));
		await new Promise((resolve) => relay.server.listen(0, "127.0.0.1", resolve));
		relay.port = relay.server.address().port;
		return relay;
	}

	join(from, to) {
		const pair = { from, to, who: from.remoteAddress };
		this.pairs.add(pair);
		for (const [a, b] of [[from, to], [to, from]]) {
			a.setNoDelay(true);
			a.on("data", (part) => this.pass(a, b, part));
			a.on("error", () => {});
			a.on("close", () => {
				this.pairs.delete(pair);
				if (!this.isCutFor(pair.who))
					b.destroy();
			});
		}
		this.turn(pair);
	}

	/* In order, whatever the delay becomes meanwhile: a part never
	 * overtakes the one before it. */
	pass(a, b, part) {
		const due = Math.max(Date.now() + this.delayMs, a.lastDue ?? 0);
		a.lastDue = due;
		if (due <= Date.now() && !a.line?.length) {
			if (b.writable)
				b.write(part);
			return;
		}
		(a.line ??= []).push(part);
		setTimeout(() => {
			const next = a.line.shift();
			if (b.writable)
				b.write(next);
		}, due - Date.now());
	}

	turn({ from, to, who }) {
		for (const s of [from, to])
			if (this.isCutFor(who))
				s.pause();
			else
				s.resume();
	}

	/* For whom: by the address that they come from; all. */
	cut(isCutFor = () => true) {
		this.isCutFor = isCutFor;
		for (const pair of this.pairs)
			this.turn(pair);
	}

	mend() {
		this.cut(() => false);
	}

	fini() {
		this.server.close();
		for (const { from, to } of this.pairs)
			[from, to].forEach((s) => s.destroy());
	}
}
