-- settle: the queue follows the conversation's log. After an assignment or a
-- transfer to an agent, and where the two are at odds (a daemon died between
-- them, a claim was refused by the log).
--
-- KEYS  as for enqueue
-- ARGV  1 channel of the queues' bell   2 Q   3 conversation
--       4 where it belongs: "out", "line", "agent"
--       5 seq of the log that says so. What the queue knows from a later one
--         stays: this comes late.
--       6 agent   7 lease in ms
--       8 record, for one that is not there (as for enqueue)
-- Returns OK (something changed) or KEPT.
--   out    out of the line and of the claims
--   line   in line, unless somebody has claimed it just now: the log will say
--          so, or the claim runs out
--   agent  claimed by the agent, whoever had it

local LINE, CLAIMED, INFO, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local BELL, QUEUE, CONV, WHERE = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local SEQ, AGENT, LEASE_MS = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

local in_line = redis.call('ZSCORE', LINE, CONV)
local claimed = redis.call('ZSCORE', CLAIMED, CONV)
local r = record(CONV)
local known = tonumber(r.seq) or -1
local is_new = redis.call('HEXISTS', INFO, CONV) == 0
if is_new then
	r = cjson.decode(ARGV[8])
end

local function out()
	if known >= SEQ then
		return 'KEPT'
	end
	redis.call('ZREM', LINE, CONV)
	redis.call('ZREM', CLAIMED, CONV)
	redis.call('HDEL', INFO, CONV)
	return (in_line or claimed) and 'OK' or 'KEPT'
end

-- Both at once is what no script makes: a hand did, or a lost write.
local function leave(other, there, here)
	if there and here then
		redis.call('ZREM', other, CONV)
		return 'OK'
	end
	return 'KEPT'
end

local function line()
	if in_line and not is_new then
		return leave(CLAIMED, claimed, in_line)
	end
	if claimed and not is_new and (not r.held or known >= SEQ) then
		return 'KEPT'
	end
	if not claimed then
		r = cjson.decode(ARGV[8])
	end
	r.agent = nil
	r.held = nil
	r.score = in_line or r.score or cjson.decode(ARGV[8]).score
	redis.call('ZREM', CLAIMED, CONV)
	redis.call('ZADD', LINE, r.score, CONV)
	redis.call('HSET', INFO, CONV, cjson.encode(r))
	return 'OK'
end

local function agent()
	if known > SEQ then
		return leave(LINE, in_line, claimed)
	end
	if claimed and r.held and r.agent == AGENT then
		r.seq = SEQ -- what reap tells: it may have been assigned anew
		redis.call('HSET', INFO, CONV, cjson.encode(r))
		return leave(LINE, in_line, claimed)
	end
	if not in_line and not claimed then
		r = cjson.decode(ARGV[8])
	end
	local time = redis.call('TIME')
	local now = time[1] * 1000 + math.floor(time[2] / 1000)
	r.agent = AGENT
	r.held = true
	r.seq = SEQ
	r.score = r.score or in_line or string.format('%.0f', now)
	redis.call('ZREM', LINE, CONV)
	redis.call('ZADD', CLAIMED, string.format('%.0f', now + LEASE_MS), CONV)
	redis.call('HSET', INFO, CONV, cjson.encode(r))
	return 'OK'
end

local ways = {out = out, line = line, agent = agent}
local answer = ways[WHERE]()
redis.call('ZREM', REAPED, CONV)
if answer == 'OK' then
	redis.call('PUBLISH', BELL, QUEUE)
end
return answer
