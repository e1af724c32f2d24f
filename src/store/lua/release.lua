-- release: what an agent has claimed goes back in line, at its old place.
-- After the conversation's log says that it waits again.
--
-- KEYS  as for enqueue
-- ARGV  1 channel of the queues' bell   2 Q   3 conversation
--       4 the agent who had it ("": whoever)
-- Returns OK (in line now), KEPT (it was in line), TAKEN (claimed by another
-- agent, who keeps it) or EMPTY (it is not in this queue).

local LINE, CLAIMED, INFO, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local BELL, QUEUE, CONV, AGENT = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

redis.call('ZREM', REAPED, CONV)
if redis.call('ZSCORE', LINE, CONV) then
	redis.call('ZREM', CLAIMED, CONV)
	return 'KEPT'
end
if not redis.call('ZSCORE', CLAIMED, CONV) then
	return 'EMPTY'
end
local r = record(CONV)
if AGENT ~= '' and r.agent and r.agent ~= AGENT then
	return 'TAKEN'
end
local time = redis.call('TIME')
r.agent = nil
r.held = nil
r.score = r.score or
	string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('ZREM', CLAIMED, CONV)
redis.call('ZADD', LINE, r.score, CONV)
redis.call('HSET', INFO, CONV, cjson.encode(r))
redis.call('PUBLISH', BELL, QUEUE)
return 'OK'
