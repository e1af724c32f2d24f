-- tally: adds to the figures of a day what units that stand in logs have
-- brought about, each unit once, however often it is told: by who appended it,
-- and again out of a spool.
--
-- KEYS  stats:{DAY}        figure to how many
--       stats:{DAY}:seen   conversation to the seqs that are counted, as
--                          "1-14 16-17"
-- ARGV  1 ms until the first ends   2 until the second ends, which is as long
--       as a spool may keep a unit
--       3… units, each: conversation, seq of its first entry, of its last, and
--          a line for each figure: its name, a blank, by how much
-- Returns how many units were new.

local STATS, SEEN = KEYS[1], KEYS[2]
local AT_ONCE = 500 -- conversations of one command: Lua's stack has an end

-- What was counted of each conversation.
local names, counted = {}, {}
for at = 3, #ARGV, 4 do
	names[#names + 1] = ARGV[at]
end
for i = 1, #names, AT_ONCE do
	local to = math.min(i + AT_ONCE - 1, #names)
	local known = redis.call('HMGET', SEEN, unpack(names, i, to))
	for j = i, to do
		counted[names[j]] = known[j - i + 1] or ''
	end
end

-- What is counted with this unit; nil: it is already.
local function add(seqs, first, last)
	if seqs == '' then
		return first .. '-' .. last
	end
	local start, stop = string.match(seqs, '^(%d+)%-(%d+)$')
	if start and stop + 1 == first then -- mostly
		return start .. '-' .. last
	end
	local parts, from, to = {}, first, last
	for a, b in string.gmatch(seqs, '(%d+)%-(%d+)') do
		local low, high = tonumber(a), tonumber(b)
		if first >= low and first <= high then
			return nil
		elseif high + 1 == from then
			from = low
		elseif to + 1 == low then
			to = high
		else
			parts[#parts + 1] = a .. '-' .. b
		end
	end
	parts[#parts + 1] = from .. '-' .. to
	return table.concat(parts, ' ')
end

-- Most units bring about what another one does, too: that is read once.
local changed, brought, new = {}, {}, 0
for at = 3, #ARGV, 4 do
	local conv, figures = ARGV[at], ARGV[at + 3]
	local seqs = add(counted[conv], tonumber(ARGV[at + 1]),
		tonumber(ARGV[at + 2]))
	if seqs then
		new = new + 1
		counted[conv] = seqs
		changed[conv] = true
		brought[figures] = (brought[figures] or 0) + 1
	end
end
local sums = {}
for figures, times in pairs(brought) do
	for name, by in string.gmatch(figures, '([^\n]*) (%-?%d+)\n') do
		sums[name] = (sums[name] or 0) + times * by
	end
end

local set = {}
local function flush()
	redis.call('HSET', SEEN, unpack(set))
	set = {}
end
for conv in pairs(changed) do
	set[#set + 1] = conv
	set[#set + 1] = counted[conv]
	if #set == 2 * AT_ONCE then
		flush()
	end
end
if #set > 0 then
	flush()
end
for name, by in pairs(sums) do
	redis.call('HINCRBY', STATS, name, by)
end
if new > 0 then
	redis.call('PEXPIRE', STATS, ARGV[1])
	redis.call('PEXPIRE', SEEN, ARGV[2])
end
return new
