-- resolve: out of the line and of the claims. After the conversation's log
-- says that nobody is waited for.
--
-- KEYS  as for enqueue
-- ARGV  1 channel of the queues' bell   2 Q   3 conversation
--       4 seq: the log's last after that was written. What was enqueued from a
--         later seq stays (this comes late). 0: in any case.
-- Returns OK (it was there), EMPTY (it was not) or KEPT (see 4).

local LINE, CLAIMED, INFO, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local BELL, QUEUE, CONV, SEQ = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

if SEQ > 0 and (tonumber(record(CONV).seq) or -1) >= SEQ then
	return 'KEPT'
end
local was = redis.call('ZREM', LINE, CONV) + redis.call('ZREM', CLAIMED, CONV)
redis.call('ZREM', REAPED, CONV)
redis.call('HDEL', INFO, CONV)
if was == 0 then
	return 'EMPTY'
end
redis.call('PUBLISH', BELL, QUEUE)
return 'OK'
