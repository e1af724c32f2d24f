-- watch: notes (or forgets) that a node shows a conversation, so that its
-- bell rings when somebody else appends.
--
-- KEYS  conv:{C}
-- ARGV  1 node   2 "1": shows it, "0": no longer
-- Returns 1 when something changed, else 0.
-- `nodes` is "NODE=time NODE=time …", the time in ms when it was last noted.

local CONV, NODE, ON = KEYS[1], ARGV[1], ARGV[2] == '1'
local NODES_MAX = 8
local NODE_FRESH_MS = 60000
local UNKNOWN_MS = 86400000 -- a conversation without a log is let go

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local nodes = redis.call('HGET', CONV, 'nodes')
local keep = {}
for name, seen in string.gmatch(nodes or '', '([^ =]+)=(%d+)') do
	if name ~= NODE then
		keep[#keep + 1] = name .. '=' .. seen
	elseif ON and now - tonumber(seen) < NODE_FRESH_MS then
		return 0
	end
end
if ON then
	keep[#keep + 1] = NODE .. '=' .. string.format('%.0f', now)
end
while #keep > NODES_MAX do
	table.remove(keep, 1)
end
local text = table.concat(keep, ' ')
if text == (nodes or '') then
	return 0
end
local exists = redis.call('EXISTS', CONV) == 1
redis.call('HSET', CONV, 'nodes', text)
if not exists then
	redis.call('PEXPIRE', CONV, UNKNOWN_MS)
end
return 1
