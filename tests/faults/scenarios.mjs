// The faults: name, what happens, and a function (t, {seed, brief}) -> figures.
// `brief` is in `make test`, too, in a form with fewer rounds, fewer people and
// shorter waits. `alone`: nothing else runs beside it. What a scenario needs
// beyond the five zeros it puts into `faults`, a list of sentences.

import { doctored, judge, MUST_BE_ZERO } from "./ledger.mjs";
import * as agents from "./on_agents.mjs";
import * as clock from "./on_clock.mjs";
import * as crowd from "./on_crowd.mjs";
import * as daemons from "./on_daemons.mjs";
import * as disk from "./on_disk.mjs";
import * as redis from "./on_redis.mjs";
import * as sentinel from "./on_sentinel.mjs";

/* Each way of being wrong is seen as that, and the right one as right. */
async function ledger() {
	const faults = [];
	for (const { kind, input } of doctored()) {
		const f = judge(input);
		for (const name of MUST_BE_ZERO)
			if ((f[name] > 0) !== (name === kind) && !(kind === "lost" && name === "misordered") && !(kind === "doubled" && name === "misordered"))
				faults.push(`a ledger spoilt by ${kind}: ${name} is ${f[name]}`);
	}
	return { faults };
}

export const scenarios = {
	ledger: { run: ledger, what: "doctored ledgers are found", brief: true },
	redis_stopped: { run: redis.stopped, what: "Redis stopped 30 s, longer than a lease", brief: true },
	daemon_killed: { run: daemons.killed, what: "a daemon killed (-9) under load, one of three every 3 s, 20 times", brief: true },
	agent_gone: { run: agents.gone, what: "an agent's browser gone with open chats, another's back in time", brief: true },
	redis_killed: { run: redis.killed("everysec"), what: "Redis killed 20 times, everysec", brief: true },
	redis_killed_always: { run: redis.killed("always"), what: "Redis killed 20 times, always" },
	redis_slow: { run: redis.slow, what: "500 ms to Redis; then silent for 10 s" },
	redis_paused: { run: redis.paused, what: "CLIENT PAUSE 10 s" },
	redis_full: { run: redis.maxmemory, what: "Redis at maxmemory", brief: true },
	redis_read_only: { run: redis.readOnly, what: "Redis read-only" },
	redis_disk_full: { run: disk.redisFull, what: "the disk of Redis full" },
	scripts_flushed: { run: redis.scriptsFlushed, what: "scripts flushed" },
	sentinel_failover: { run: sentinel.failover, what: "the primary killed under Sentinel, twice" },
	sentinel_cut_off: { run: sentinel.cutOff, what: "the primary cut off from replicas and Sentinels for 10 s" },
	hand_off_while_away: { run: redis.handOff, what: "hand-offs asked for, daemon killed while Redis is away", brief: true },
	claim_race: { run: agents.race, what: "two agents take the same chat 1,000 times", brief: true },
	late_write: { run: agents.late, what: "late writes of an old owner", brief: true },
	rolling_restart: { run: daemons.rolling, what: "each daemon restarted in turn, three times", brief: true },
	three_daemons: { run: daemons.three, what: "shoppers, agents and readers at a daemon each" },
	spool_full: { run: disk.spoolFull, what: "the disk of a spool full" },
	spool_harmed: { run: disk.spoolHarmed, what: "a spool cut off or scribbled into under load, 30 times", brief: true },
	spool_alone_harmed: { run: disk.spoolAloneHarmed, what: "the same where the spool alone has it, 20 times" },
	rules_reloaded: { run: daemons.rulesReloaded, what: "rules reloaded 100 times, half of them broken", brief: true },
	clock_jumps: { run: clock.jumps, what: "clocks an hour and a day ahead, and back" },
	redis_clock_jumps: { run: clock.redisJumps, what: "the clock of Redis an hour and a day ahead, and back" },
	bad_clients: { run: crowd.bad, what: "half-open connections, clients that do not read" },
	reconnect: { run: crowd.reconnect, what: "10,000 shoppers come back at once", brief: true, alone: true },
};
