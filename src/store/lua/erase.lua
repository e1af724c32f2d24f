-- erase: takes a conversation out for good. What is left is a tombstone, so
-- that nobody who still has a piece of it (a spool, a daemon that computed an
-- append just now) can bring it back: `append` and `assign` refuse on it.
--
-- KEYS  conv:{C}  conv:{C}:log  conv:{C}:ids
-- ARGV  1 prefix of the bells' channels ("answerd:bell:")
--       2 C
--       3 ms for which the tombstone stays: as long as any spool may hold
-- Returns {events, queue, first, last}: how many the log had, the queue that
-- the conversation was of ("" none), and the times of its first and last event
-- in ms ("" not known). All readers are rung. Again: nothing but the tombstone
-- is there, which stays anew.

local CONV, LOG, IDS = KEYS[1], KEYS[2], KEYS[3]
local BELL, NAME = ARGV[1], ARGV[2]

local function at(entry)
	for i = 1, entry and #entry[2] or 0, 2 do
		if entry[2][i] == 'at' then
			return entry[2][i + 1]
		end
	end
	return ''
end

local known = redis.call('HMGET', CONV, 'queue', 'nodes')
local events = redis.call('XLEN', LOG)
local first = redis.call('XRANGE', LOG, '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)[1]
local seq = last and tonumber(string.match(last[1], '^%d+')) or 0
local time = redis.call('TIME')

redis.call('DEL', LOG, IDS, CONV)
redis.call('HSET', CONV, 'tombstone',
	string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('PEXPIRE', CONV, ARGV[3])
for name in string.gmatch(known[2] or '', '([^ =]+)=') do
	redis.call('PUBLISH', BELL .. name,
		NAME .. ' ' .. string.format('%.0f', seq + 1))
end
return {events, known[1] or '', at(first), at(last)}
