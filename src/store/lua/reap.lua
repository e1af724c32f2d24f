-- reap: claims whose lease has run out go back in line at their old place.
-- Whoever gets their names writes it to their logs and enqueues them again;
-- until then, or until somebody claims them, they are told again (who has
-- asked may have died), after 10 s, 20 s, 40 s … and at most six times.
--
-- KEYS  as for enqueue
-- ARGV  1 channel of the queues' bell   2 Q   3 at most
-- Returns {conversation, agent, seq, conversation, agent, seq, …}: whose claim
-- it was, and the log's seq that the queue knew then: an assignment after it is
-- another claim. 0: not known. {conversation, Q, -1}: it is at odds with the
-- queue (no script leaves it so: a hand did, or a write was lost) and is to be
-- settled by what its log says.

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

local told = {}
local function tell(conv, r)
	told[#told + 1] = conv
	told[#told + 1] = type(r.was) == 'string' and r.was or ''
	-- A first unit is enqueued with seq 0; none assigns with its first entry.
	local seq = tonumber(r.seq)
	told[#told + 1] = seq and math.max(seq, 1) or 0
end

local function tell_odd(conv)
	told[#told + 1] = conv
	told[#told + 1] = QUEUE
	told[#told + 1] = -1
end

local names = redis.call('ZRANGEBYSCORE', CLAIMED, '-inf', text(now),
	'LIMIT', 0, MOST)
for _, conv in ipairs(names) do
	local r = record(conv)
	r.was = r.agent
	r.claim = r.held and r.claim or nil -- nobody has had it
	r.agent = nil
	r.held = nil
	r.told = 1
	r.score = r.score or text(now)
	redis.call('ZREM', CLAIMED, conv)
	redis.call('ZADD', LINE, r.score, conv)
	redis.call('ZADD', REAPED, text(now + TELL_MS), conv)
	redis.call('HSET', INFO, conv, cjson.encode(r))
	tell(conv, r)
end
if #names > 0 then
	redis.call('PUBLISH', BELL, QUEUE)
end
for _, conv in ipairs(redis.call('ZRANGEBYSCORE', REAPED, '-inf', text(now),
		'LIMIT', 0, MOST - #names)) do
	local r = record(conv)
	local times = (tonumber(r.told) or 1) + 1
	tell(conv, r)
	if times >= TELL_TIMES or not redis.call('ZSCORE', LINE, conv) then
		redis.call('ZREM', REAPED, conv)
	else
		r.told = times
		redis.call('HSET', INFO, conv, cjson.encode(r))
		redis.call('ZADD', REAPED,
			text(now + TELL_MS * 2 ^ (times - 1)), conv)
	end
end

-- Each has a record, and one place. Mostly that is so, and counting is enough.
local function places(key, other)
	for _, conv in ipairs(redis.call('ZRANGE', key, 0, -1)) do
		if #told < 3 * MOST and (redis.call('HEXISTS', INFO, conv) == 0
				or redis.call('ZSCORE', other, conv)) then
			tell_odd(conv)
		end
	end
end
if redis.call('HLEN', INFO) ~=
		redis.call('ZCARD', LINE) + redis.call('ZCARD', CLAIMED) then
	places(LINE, CLAIMED)
	places(CLAIMED, LINE)
	for _, conv in ipairs(redis.call('HKEYS', INFO)) do
		if #told < 3 * MOST and not redis.call('ZSCORE', LINE, conv) and
				not redis.call('ZSCORE', CLAIMED, conv) then
			tell_odd(conv)
		end
	end
end
return told
