-- whisper: a message that is not logged (typing, read marks), to the other
-- nodes that show a conversation.
--
-- KEYS  conv:{C}
-- ARGV  1 prefix of the bells' channels   2 the writer's node   3 message
-- Returns how many nodes were rung.

local rung = 0
local nodes = redis.call('HGET', KEYS[1], 'nodes') or ''
for name in string.gmatch(nodes, '([^ =]+)=') do
	if name ~= ARGV[2] then
		redis.call('PUBLISH', ARGV[1] .. name, ARGV[3])
		rung = rung + 1
	end
end
return rung
