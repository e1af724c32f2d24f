-- reap: claims whose lease has run out go back in line at their old place.
-- Whoever gets their names writes it to their logs and enqueues them again;
-- until then they are told again (somebody who has asked may have died), after
-- 10 s, 20 s, 40 s … and at most six times.
--
-- KEYS  as for enqueue
-- ARGV  1 channel of the queues' bell   2 Q   3 at most
-- Returns the names.

local LINE, CLAIMED, INFO, REAPED = KEYS[1], KEYS[2], KEYS[3], KEYS[5]
local BELL, QUEUE, MOST = ARGV[1], ARGV[2], tonumber(ARGV[3])
local TELL_MS, TELL_TIMES = 10000, 6

-- What cannot be read counts as empty.
local function record(conv)
	local ok, r = pcall(cjson.decode, redis.call('HGET', INFO, conv) or '{}')
	r = ok and type(r) == 'table' and r or {}
	r.score = tonumber(r.score) and r.score or nil
	r.agent = type(r.agent) == 'string' and r.agent or nil
	return r
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(n)
	return string.format('%.0f', n)
end

local names = redis.call('ZRANGEBYSCORE', CLAIMED, '-inf', text(now),
	'LIMIT', 0, MOST)
for _, conv in ipairs(names) do
	local r = record(conv)
	r.agent = nil
	r.told = 1
	r.score = r.score or text(now)
	redis.call('ZREM', CLAIMED, conv)
	redis.call('ZADD', LINE, r.score, conv)
	redis.call('ZADD', REAPED, text(now + TELL_MS), conv)
	redis.call('HSET', INFO, conv, cjson.encode(r))
end
if #names > 0 then
	redis.call('PUBLISH', BELL, QUEUE)
end
for _, conv in ipairs(redis.call('ZRANGEBYSCORE', REAPED, '-inf', text(now),
		'LIMIT', 0, MOST - #names)) do
	local r = record(conv)
	local told = (tonumber(r.told) or 1) + 1
	names[#names + 1] = conv
	if told >= TELL_TIMES or not redis.call('ZSCORE', LINE, conv) then
		redis.call('ZREM', REAPED, conv)
	else
		r.told = told
		redis.call('HSET', INFO, conv, cjson.encode(r))
		redis.call('ZADD', REAPED,
			text(now + TELL_MS * 2 ^ (told - 1)), conv)
	end
end
return names
