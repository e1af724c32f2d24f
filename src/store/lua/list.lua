-- list: who is in line, or what is claimed. Changes nothing.
--
-- KEYS  as for enqueue
-- ARGV  1 "line" or "claimed"   2 at most   3 claimed: by this agent only
-- Returns {how many in all, item, item, …}, each item a list:
--   {conversation, score, priority, since_ms, agent ("" none),
--    field, value, field, value, …}
-- A claim that the log does not know of yet has the field "claiming", "1".
-- The line is in its order; of what is claimed at most 1000 are looked at.

local LINE, CLAIMED, INFO = KEYS[1], KEYS[2], KEYS[3]
local MOST, AGENT = tonumber(ARGV[2]), ARGV[3]
local key = ARGV[1] == 'line' and LINE or CLAIMED
local CLAIMED_MAX = 1000

local function number(n)
	return string.format('%.0f', tonumber(n) or 0)
end

local limit = key == LINE and MOST or CLAIMED_MAX
local items = {redis.call('ZCARD', key)}
local names = redis.call('ZRANGE', key, 0, limit - 1, 'WITHSCORES')
for i = 1, #names, 2 do
	local text = redis.call('HGET', INFO, names[i]) or '{}'
	local ok, r = pcall(cjson.decode, text)
	r = ok and type(r) == 'table' and r or {}
	local agent = type(r.agent) == 'string' and r.agent or ''
	local score = tonumber(r.score) and tostring(r.score) or names[i + 1]
	if #items <= MOST and (AGENT == '' or AGENT == agent) then
		local item = {names[i], score, number(r.priority),
			number(r.since_ms), agent}
		for name, value in pairs(type(r.info) == 'table' and r.info
				or {}) do
			item[#item + 1] = tostring(name)
			item[#item + 1] = tostring(value)
		end
		if key == CLAIMED and not r.held then
			item[#item + 1] = 'claiming'
			item[#item + 1] = '1'
		end
		items[#items + 1] = item
	end
end
return items
