-- enqueue: puts a conversation in line. Where it is in line already it keeps
-- its place, where it is claimed it stays claimed; only what is shown of it
-- becomes new.
--
-- All scripts of a queue have the same keys:
-- KEYS  queue:{Q}           in line: conversation by score
--       queue:{Q}:claimed   claimed: by the end of the lease (Redis's clock)
--       queue:{Q}:info      conversation to its record, a JSON object:
--                           {score: text, priority, since_ms,
--                            info: {shown to agents: text},
--                            seq: the log's seq that the queue goes by,
--                            agent: whose claim it is,
--                            held: the log says so, too,
--                            claim: "AGENT:ID", the last one's,
--                            was, told: of a claim that ran out}
--       queue:{Q}:pace      times of the last claims
--       queue:{Q}:reaped    taken back, and not yet enqueued again by its log
-- ARGV  1 channel of the queues' bell ("answerd:bell:queues")
--       2 Q   3 conversation
--       4 record, with score (-priority * 1e13 + since_ms) and seq: the log's
--         seq that this was computed from
-- Returns OK (in line now) or KEPT (it was there, or is claimed).

local LINE, CLAIMED, INFO, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local BELL, QUEUE, CONV = ARGV[1], ARGV[2], ARGV[3]

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

local new = cjson.decode(ARGV[4])
redis.call('ZREM', REAPED, CONV)
if redis.call('ZSCORE', LINE, CONV) or redis.call('ZSCORE', CLAIMED, CONV) then
	local old = record(CONV)
	new.score = old.score or new.score
	new.priority = old.priority or new.priority
	new.since_ms = old.since_ms or new.since_ms
	new.agent = old.agent
	new.held = old.held
	new.claim = old.claim
	new.seq = math.max(tonumber(old.seq) or 0, tonumber(new.seq) or 0)
	redis.call('HSET', INFO, CONV, cjson.encode(new))
	return 'KEPT'
end
redis.call('ZADD', LINE, new.score, CONV)
redis.call('HSET', INFO, CONV, cjson.encode(new))
redis.call('PUBLISH', BELL, QUEUE)
return 'OK'
