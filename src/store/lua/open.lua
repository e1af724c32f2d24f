-- open: the visitor's current conversation; makes it once, however many tabs
-- ask at the same time.
--
-- KEYS  visitor:{V}
-- ARGV  1 a conversation that is over and is to be replaced ("" none)
--       2 candidate: the name of a new one
--       3 who asks: the digest of somebody who has signed in, who owns the
--         visitor from then on; "" of nobody who has; without it whose the
--         visitor is is not looked at
-- Returns the name of the current conversation: `candidate` where there was
-- none or where it was 1; else what stands there. "": this visitor was erased.
-- "!" and the owner's digest: it is somebody else's, and stays as it is.
-- Field `history`: the names of the earlier ones, the newest last. Field
-- `owner`: that digest; without it anybody's who has the visitor's token.

local VISITOR, OVER, CANDIDATE, ASKS = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local HISTORY_MAX = 1000 -- erasing and exporting go by it

local known = redis.call('HMGET', VISITOR, 'conversation', 'history',
	'tombstone', 'owner')
if known[3] then
	return ''
end
if ASKS and known[4] and known[4] ~= ASKS then
	return '!' .. known[4]
end
if ASKS and ASKS ~= '' and not known[4] then
	redis.call('HSET', VISITOR, 'owner', ASKS)
end
local current = known[1]
if current and current ~= '' and current ~= OVER then
	return current
end
if current == CANDIDATE then
	return current
end
local history = {}
for name in string.gmatch(known[2] or '', '[^ ]+') do
	history[#history + 1] = name
end
if current and current ~= '' then
	history[#history + 1] = current
end
while #history > HISTORY_MAX do
	table.remove(history, 1)
end
redis.call('HSET', VISITOR, 'conversation', CANDIDATE,
	'history', table.concat(history, ' '))
return CANDIDATE
