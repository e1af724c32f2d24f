-- forget: begins the erasing of a visitor. From now on `open` makes no
-- conversation for them any more.
--
-- KEYS  visitor:{V}
-- ARGV  1 ms for which the tombstone stays: as long as any spool may hold
-- Returns {again, conversation, history}: "1" where a tombstone stood there
-- already, and the names of their conversations, as `open` keeps them. They
-- are left for who has to do it once more, until fields are taken away.

local VISITOR = KEYS[1]
local known = redis.call('HMGET', VISITOR, 'tombstone', 'conversation',
	'history')
local time = redis.call('TIME')

redis.call('HSET', VISITOR, 'tombstone',
	string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
redis.call('PEXPIRE', VISITOR, ARGV[1])
return {known[1] and '1' or '', known[2] or '', known[3] or ''}
