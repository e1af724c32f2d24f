-- due: takes the conversations whose next step is due. Each is leased: it is
-- due again after the lease, unless whoever took it sets another time (ZADD)
-- or none (ZREM).
--
-- KEYS  due:{N}   N: 0 to 15, by hash of the conversation's name
-- ARGV  1 now, in ms since the Unix epoch   2 lease in ms   3 at most
-- Returns the names. The caller's clock counts as long as it is not ahead of
-- Redis's: one that has jumped forward would find due what others wait for.

local DUE = KEYS[1]
local time = redis.call('TIME')
local NOW = math.min(tonumber(ARGV[1]),
	time[1] * 1000 + math.floor(time[2] / 1000))
local again = string.format('%.0f', NOW + tonumber(ARGV[2]))
local names = redis.call('ZRANGEBYSCORE', DUE, '-inf',
	string.format('%.0f', NOW), 'LIMIT', 0, tonumber(ARGV[3]))
for _, name in ipairs(names) do
	redis.call('ZADD', DUE, again, name)
end
return names
