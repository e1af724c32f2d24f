-- claim: takes a conversation out of the line for an agent, under a lease:
-- one agent wins. The claim holds for 10 s only, until the conversation's log
-- agrees: then `assign` on the conversation, then `settle` here. So it does
-- not matter who dies in between, or whether the log refuses.
--
-- KEYS  as for enqueue, and
--       queue:{Q}:claim:{agent}:{id} (no braces but Q's)  what this claim has
--       taken as the first in line, for two minutes; only with ARGV 6
-- ARGV  1 channel of the queues' bell   2 Q
--       3 conversation, or "": the first in line
--       4 agent   5 lease in ms, once it is settled
--       6 the claim's own id, or none: then it is not known when it comes again
-- Returns {status, conversation}
--   OK     it is the agent's (also where it was already). Of the first in
--          line, again with the same id: the same, while it is the agent's.
--   TAKEN  another agent has it
--   LOST   the agent had it by this very claim and has it no more; it is in
--          line, and stays there
--   EMPTY  it is not in this queue; nobody is in line

local LINE, CLAIMED, INFO, PACE, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[4],
	KEYS[5]
local BELL, QUEUE, CONV, AGENT = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local CLAIM = (ARGV[6] or '') ~= '' and AGENT .. ':' .. ARGV[6]
local BEFORE = CONV == '' and CLAIM and KEYS[6]
local BEFORE_MS = 120000
local UNSETTLED_MS = 10000
local PACE_MAX = 20
local PACE_MS = 3600000 -- older claims say nothing about now

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

if BEFORE then
	local before = redis.call('GET', BEFORE)
	if before and redis.call('ZSCORE', CLAIMED, before) and
			record(before).agent == AGENT then
		CONV = before
	elseif before then
		redis.call('DEL', BEFORE)
	end
end
if CONV == '' then
	CONV = redis.call('ZRANGE', LINE, 0, 0)[1]
	if not CONV then
		return {'EMPTY', ''}
	end
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local r = record(CONV)
local function lease()
	local ms = tonumber(ARGV[5])
	if not r.held and ms > UNSETTLED_MS then
		ms = UNSETTLED_MS
	end
	return string.format('%.0f', now + ms)
end
local score = redis.call('ZSCORE', LINE, CONV)
if score and CLAIM and r.claim == CLAIM then
	return {'LOST', CONV}
end
if score then
	r.score = r.score or score
	r.agent = AGENT
	r.claim = CLAIM or nil
	r.held = nil
	redis.call('ZREM', LINE, CONV)
	redis.call('ZREM', REAPED, CONV)
	redis.call('ZADD', CLAIMED, lease(), CONV)
	redis.call('HSET', INFO, CONV, cjson.encode(r))
	redis.call('LPUSH', PACE, string.format('%.0f', now))
	redis.call('LTRIM', PACE, 0, PACE_MAX - 1)
	redis.call('PEXPIRE', PACE, PACE_MS)
	if BEFORE then
		redis.call('SET', BEFORE, CONV, 'PX', BEFORE_MS)
	end
	redis.call('PUBLISH', BELL, QUEUE)
	return {'OK', CONV}
end
if not redis.call('ZSCORE', CLAIMED, CONV) then
	return {'EMPTY', CONV}
end
if r.agent ~= AGENT then
	return {'TAKEN', CONV}
end
if r.held then
	redis.call('ZADD', CLAIMED, lease(), CONV)
end
return {'OK', CONV}
