-- tally: adds to the figures of a day what units that stand in logs have
-- brought about, each unit once, however often it is told: by who appended it,
-- and again out of a spool.
--
-- KEYS  stats:{DAY}        figure to how many
--       stats:{DAY}:seen   conversation to the seqs that are counted, as
--                          "1-14 16-17"
-- ARGV  1 ms until the first ends   2 until the second ends, which is as long
--       as a spool may keep a unit
--       3… units, each: conversation, seq of its first entry, of its last,
--          n, then n pairs of a figure and by how much
-- Returns how many units were new.

local STATS, SEEN = KEYS[1], KEYS[2]

local function text(n)
	return string.format('%.0f', n)
end

-- False: it is counted already.
local function take(conv, first, last)
	local parts = {}
	local from, to = first, last
	for a, b in string.gmatch(redis.call('HGET', SEEN, conv) or '',
			'(%d+)%-(%d+)') do
		local low, high = tonumber(a), tonumber(b)
		if first >= low and first <= high then
			return false
		elseif high + 1 == from then
			from = low
		elseif to + 1 == low then
			to = high
		else
			parts[#parts + 1] = a .. '-' .. b
		end
	end
	parts[#parts + 1] = text(from) .. '-' .. text(to)
	redis.call('HSET', SEEN, conv, table.concat(parts, ' '))
	return true
end

local sums, new, at = {}, 0, 3
while at <= #ARGV do
	local pairs_end = at + 3 + 2 * tonumber(ARGV[at + 3])
	if take(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])) then
		new = new + 1
		for i = at + 4, pairs_end, 2 do
			local name = ARGV[i]
			sums[name] = (sums[name] or 0) + tonumber(ARGV[i + 1])
		end
	end
	at = pairs_end + 1
end
for name, by in pairs(sums) do
	redis.call('HINCRBY', STATS, name, text(by))
end
if new > 0 then
	redis.call('PEXPIRE', STATS, ARGV[1])
	redis.call('PEXPIRE', SEEN, ARGV[2])
end
return new
