-- renew: an agent is alive, their claims get a new lease. Also one that has
-- run out, as long as nobody has taken it back; but not one that is not
-- settled yet.
--
-- KEYS  as for enqueue
-- ARGV  1 agent   2 lease in ms   3… conversations
-- Returns those that are no longer the agent's.

local CLAIMED, INFO = KEYS[2], KEYS[3]
local AGENT = ARGV[1]

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
local lease = string.format('%.0f', now + tonumber(ARGV[2]))
local lost = {}
for i = 3, #ARGV do
	local r = record(ARGV[i])
	if r.agent ~= AGENT or not redis.call('ZSCORE', CLAIMED, ARGV[i]) then
		lost[#lost + 1] = ARGV[i]
	elseif r.held then
		redis.call('ZADD', CLAIMED, lease, ARGV[i])
	end
end
return lost
