// A plain client of Redis: commands go out at once, replies come in order.
// Nothing is sent again and nothing is kept: what it has no reply to when the
// connection ends, it does not know. See Bare for what such a client loses.

import net from "node:net";

/* One value from `at` on: {value, next}, or null while it is not all there; of
 * a list its head alone: {items, next}. An error of Redis is an Error. */
function parse(data, at) {
	const end = data.indexOf("\r\n", at);
	if (end < 0)
		return null;
	const head = data.toString("utf8", at + 1, end);
	const next = end + 2;
	switch (data[at]) {
	case 0x2b: /* + */
		return { value: head, next };
	case 0x2d: /* - */
		return { value: new Error(head), next };
	case 0x3a: /* : */
		return { value: Number(head), next };
	case 0x24: { /* $ */
		const n = Number(head);
		if (n < 0)
			return { value: null, next };
		return data.length < next + n + 2 ? null : { value: data.toString("utf8", next, next + n), next: next + n + 2 };
	}
	case 0x2a: /* * */
		return Number(head) < 0 ? { value: null, next } : { items: Number(head), next };
	default:
		throw new Error(`not RESP: ${data.toString("utf8", at, at + 40)}`);
	}
}

export class Resp {
	/* `where`: {port} or {path}. */
	static connect(where) {
		const resp = new Resp();
		resp.waits = [];
		resp.data = Buffer.alloc(0);
		resp.lists = []; /* begun, the outermost first */
		resp.isOpen = true;
		resp.socket = net.connect(where.path ? { path: where.path } : { host: "127.0.0.1", ...where });
		resp.socket.setNoDelay(true);
		resp.socket.on("data", (part) => resp.came(part));
		resp.socket.on("error", () => {});
		resp.socket.on("close", () => resp.end());
		return resp;
	}

	/* What has come is looked at once: a log may have many megabytes. */
	came(part) {
		this.data = this.data.length ? Buffer.concat([this.data, part]) : part;
		let at = 0;
		for (let one; at < this.data.length && (one = parse(this.data, at)) !== null; at = one.next)
			if (one.items > 0)
				this.lists.push({ items: one.items, list: [] });
			else
				this.take(one.items === 0 ? [] : one.value);
		this.data = this.data.subarray(at);
	}

	/* A value is there: of the list that was begun last, or a reply. */
	take(value) {
		const open = this.lists.at(-1);
		if (open === undefined) {
			this.waits.shift()?.(value);
			return;
		}
		open.list.push(value);
		if (open.list.length === open.items) {
			this.lists.pop();
			this.take(open.list);
		}
	}

	end() {
		this.isOpen = false;
		for (const wait of this.waits.splice(0))
			wait(new Error("connection closed"));
	}

	/* Resolves always: with the reply, or with an Error. */
	call(...args) {
		if (!this.isOpen)
			return Promise.resolve(new Error("not connected"));
		return new Promise((resolve) => {
			this.waits.push(resolve);
			this.socket.write(`*${args.length}\r\n${args.map((a) => `$${Buffer.byteLength(String(a))}\r\n${a}\r\n`).join("")}`);
		});
	}

	async must(...args) {
		const reply = await this.call(...args);
		if (reply instanceof Error)
			throw new Error(`${args.slice(0, 2).join(" ")}: ${reply.message}`);
		return reply;
	}

	fini() {
		this.socket.destroy();
	}
}

/* What a client loses that believes Redis's OK: it appends numbers to a stream
 * of its own, one after the other, follows the primary, and counts as done what
 * Redis has said OK to. `where()` gives the port to go to. */
export class Bare {
	constructor(where) {
		this.where = where;
		this.done = new Set();
		this.next = 0;
		this.running = this.run();
	}

	async run() {
		while (!this.isOver) {
			const resp = Resp.connect({ port: await this.where() });
			while (!this.isOver && resp.isOpen) {
				const n = this.next++;
				const late = new Promise((resolve) => setTimeout(resolve, 2000, new Error("late")).unref());
				const reply = await Promise.race([resp.call("XADD", "bare", "*", "n", n), late]);
				if (reply instanceof Error)
					break;
				this.done.add(n);
				await new Promise((resolve) => setTimeout(resolve, 2));
			}
			resp.fini();
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	/* {acked, lost}, as the primary has it now. */
	async fini(resp) {
		this.isOver = true;
		await this.running;
		const kept = new Set((await resp.must("XRANGE", "bare", "-", "+")).map(([, fields]) => Number(fields[1])));
		return { acked: this.done.size, lost: [...this.done].filter((n) => !kept.has(n)).length };
	}
}
