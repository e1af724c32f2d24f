/*
 * A WebSocket that comes back. It knows when to connect, when to give a
 * connection up and how long to wait, and nothing of what the frames mean: its
 * owner says hello in `onopen`, tells it by ready() that the welcome came, and
 * keeps for itself what must survive a lost connection.
 *
 * Half-open connections are found by `ping` every 20 s: no frame within 10 s of
 * a question is a hang-up. What a person does (back online, tab shown, key
 * pressed) is never made to wait for a timer.
 */

import { parse, type Frame } from "./wire.ts";

export type LinkState = "idle" | "connecting" | "ready" | "waiting" | "stopped";

export interface LinkEnv {
	connect(): WebSocket;
	now(): number;
	random(): number;
	after(ms: number, f: () => void): number;
	cancel(timer: number): void;
}

export interface LinkOwner {
	onopen(): void;
	onframe(frame: Frame): void;
	onstate(state: LinkState, code: number): void;
}

const PING_MS = 20_000;
const PONG_MS = 10_000;
const PROBE_MS = 4_000;
const WELCOME_MS = 15_000;
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const RESTART_SPREAD_MS = 2_000;
/* At most one connection attempt in this time, whoever asks. */
const CALM_MS = 400;

/* The daemon stops or restarts, has no room, will not have us. */
const GOING_AWAY = 1001;
const RESTART = 1012;
const NO_ROOM = 1013;
const POLICY = 1008;
const NOT_AUTHORISED = 4401;

export function backoffMs(failures: number, random: number): number {
	const top = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** Math.min(failures, 10));
	return Math.round(top / 2 + (random * top) / 2);
}

export class Link {
	state: LinkState = "idle";
	private socket: WebSocket | null = null;
	private failures = 0;
	private triedAt = -Infinity;
	private retry = 0;
	private pinger = 0;
	private deadline = 0;

	constructor(
		private readonly env: LinkEnv,
		private readonly owner: LinkOwner,
	) {}

	start(): void {
		if (this.state === "idle" || this.state === "stopped")
			this.dial();
	}

	/* Something happened that makes a try worth while: at once if we wait, and
	 * a question to the other side if we think that we are connected. */
	nudge(): void {
		if (this.state === "waiting") {
			this.env.cancel(this.retry);
			this.retry = this.env.after(Math.max(0, this.triedAt + CALM_MS - this.env.now()), () => this.dial());
		} else if (this.state === "ready")
			this.ping(PROBE_MS);
	}

	/* Hangs up for good, until start(). */
	stop(state: "idle" | "stopped" = "idle"): void {
		this.drop(1000);
		this.env.cancel(this.retry);
		this.enter(state, 0);
	}

	/* The same again with a fresh hello. */
	restart(): void {
		this.drop(1000);
		this.env.cancel(this.retry);
		this.dial();
	}

	/* The welcome came: the connection is one. */
	ready(): void {
		if (this.socket === null || this.state === "ready")
			return;
		this.failures = 0;
		this.heard();
		this.enter("ready", 0);
		this.schedulePing();
	}

	/* False when it cannot leave now. A frame that wants an answer is a question
	 * too: silence after it is a hang-up. */
	send(frame: Frame, wantsAnswer = false): boolean {
		if (this.socket === null || this.socket.readyState !== 1)
			return false;
		this.socket.send(JSON.stringify(frame));
		if (wantsAnswer)
			this.expect(PONG_MS);
		return true;
	}

	private dial(): void {
		this.env.cancel(this.retry);
		this.triedAt = this.env.now();
		let socket: WebSocket;
		try {
			socket = this.env.connect();
		} catch {
			this.lost(0);
			return;
		}
		this.socket = socket;
		this.enter("connecting", 0);
		this.expect(WELCOME_MS);
		socket.onopen = () => {
			if (socket !== this.socket)
				return;
			this.owner.onopen();
		};
		socket.onmessage = (ev) => {
			if (socket !== this.socket)
				return;
			const frame = parse(ev.data);
			if (this.state === "ready")
				this.heard();
			if (frame !== null && frame.type !== "pong")
				this.owner.onframe(frame);
		};
		socket.onclose = (ev) => {
			if (socket !== this.socket)
				return;
			this.socket = null;
			this.lost(ev.code);
		};
	}

	private lost(code: number): void {
		this.env.cancel(this.pinger);
		this.heard();
		if (code === POLICY || code === NOT_AUTHORISED) {
			this.enter("stopped", code);
			return;
		}
		const random = this.env.random();
		const restarting = (code === RESTART || code === GOING_AWAY) && this.failures === 0;
		let wait = restarting ? random * RESTART_SPREAD_MS : backoffMs(this.failures, random);
		if (code === NO_ROOM)
			wait += 5_000;
		this.failures++;
		this.retry = this.env.after(wait, () => this.dial());
		this.enter("waiting", code);
	}

	private drop(code: number): void {
		const socket = this.socket;
		this.socket = null;
		this.env.cancel(this.pinger);
		this.heard();
		if (socket === null)
			return;
		try {
			socket.close(code);
		} catch {
			/* it was closing already */
		}
	}

	private enter(state: LinkState, code: number): void {
		this.state = state;
		this.owner.onstate(state, code);
	}

	private schedulePing(): void {
		this.env.cancel(this.pinger);
		this.pinger = this.env.after(PING_MS, () => {
			this.ping(PONG_MS);
			this.schedulePing();
		});
	}

	private ping(patience: number): void {
		if (this.send({ type: "ping", at: this.env.now() }))
			this.expect(patience);
	}

	private expect(ms: number): void {
		if (this.deadline !== 0)
			return;
		this.deadline = this.env.after(ms, () => {
			this.deadline = 0;
			this.drop(4000);
			this.lost(0);
		});
	}

	private heard(): void {
		this.env.cancel(this.deadline);
		this.deadline = 0;
	}
}

export function browserEnv(connect: () => WebSocket): LinkEnv {
	return {
		connect,
		now: Date.now,
		random: Math.random,
		after: (ms, f) => window.setTimeout(f, ms),
		cancel: (timer) => window.clearTimeout(timer),
	};
}
