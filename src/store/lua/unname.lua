-- unname: a conversation is to be erased for its age; its visitor stays who
-- they are, and goes on with another one.
--
-- KEYS  visitor:{V}
-- ARGV  1 the conversation
-- Returns 1 where it was named. What is left without a name is gone: there is
-- nothing that an owner could claim.

local VISITOR, NAME = KEYS[1], ARGV[1]
local known = redis.call('HMGET', VISITOR, 'conversation', 'history')
local found, history = 0, {}

for name in string.gmatch(known[2] or '', '[^ ]+') do
	if name == NAME then
		found = 1
	else
		history[#history + 1] = name
	end
end
if #history == 0 then
	redis.call('HDEL', VISITOR, 'history')
elseif found == 1 then
	redis.call('HSET', VISITOR, 'history', table.concat(history, ' '))
end
if known[1] == NAME then
	found = 1
	redis.call('HDEL', VISITOR, 'conversation')
end
if #history == 0 and (not known[1] or known[1] == NAME) then
	redis.call('HDEL', VISITOR, 'owner')
end
return found
