-- append: writes one unit (all entries or none) to a conversation's log.
--
-- KEYS  conv:{C}  conv:{C}:log  conv:{C}:ids
-- ARGV   1 prefix of the bells' channels ("answerd:bell:")
--        2 the writer's node; rung are the others ("" rings all)
--        3 C
--        4 run id of the Redis that the writer knows ("" not known)
--        5 expect: the log's last seq that the unit was computed from,
--          or "*": wherever the log is. "12:34": and 34 is its trail, which
--          tells a log from another one of the same length (see below)
--        6 fence of the writer (an agent): refused when an older owner's;
--          0: not an agent's write
--        7 "1": the fence becomes 6 (it must be higher than the one there)
--        8 "1": note the writer's node in `nodes`, so that it is rung, too
--        9 "1": this unit was sent before and its fate is unknown: where it
--          stands at expect + 1 already, the answer is STANDS
--       10 h, then h pairs: fields of conv:{C} to set
--          e, then e entries, each: key ("s:m1"; "" none), hash of the
--          content, n, then n pairs of field and value
-- Returns {status, seq, last, agent}
--   OK      appended: seq of its first entry
--   STANDS  it was appended before (see 9): seq of its first entry
--   DUP     the first entry's key is in the log with this content, at seq
--   REUSED  the first entry's key is in the log (at seq) with another content;
--           or the key of a later one is there, and none of what follows holds
--   MOVED   the log is at seq, not where expect says, or is another one
--   FENCED  the conversation's fence (seq) is above the writer's
--   GONE    erased
--   last: the log's last seq after this; agent: the field `agent` before it.
-- Nothing is written unless OK. Checks go before writes and touch every key,
-- so that an error of Redis (WRONGTYPE) leaves nothing half done.

local CONV, LOG, IDS = KEYS[1], KEYS[2], KEYS[3]
local BELL, NODE, NAME, EPOCH = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local EXPECT, FENCE = ARGV[5], tonumber(ARGV[6])
local TRAIL                      -- nil: is not looked at
local RAISE, WATCH, AGAIN = ARGV[7] == '1', ARGV[8] == '1', ARGV[9] == '1'
local NODES_MAX = 8              -- the oldest fall out
local NODE_FRESH_MS = 60000      -- noted again after this
local NODE_DEAF_MS = 3600000     -- nobody listens there: falls out
local NODE_OLD_MS = 172800000    -- falls out

local colon = string.find(EXPECT, ':', 1, true)
if colon then
	TRAIL = tonumber(string.sub(EXPECT, colon + 1))
	EXPECT = string.sub(EXPECT, 1, colon - 1)
end

local function text(n)
	return string.format('%.0f', n)
end

-- Where the entries stand in ARGV, so that they are copied only once needed.
local at = 11 + 2 * tonumber(ARGV[10])
local entries = {}
for i = 1, tonumber(ARGV[at]) do
	local n = tonumber(ARGV[at + 3])
	entries[i] = {key = ARGV[at + 1], content = ARGV[at + 2],
		first = at + 4, last = at + 3 + 2 * n}
	at = at + 3 + 2 * n
end

local known = redis.call('HMGET', CONV, 'tombstone', 'epoch', 'fence',
	'nodes', 'agent')
local fence = tonumber(known[3] or '0') or 0
local nodes = known[4] or ''
local agent = known[5] or ''

local function last_seq()
	local tail = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)
	return #tail > 0 and tonumber(string.match(tail[1][1], '^%d+')) or 0
end

-- A log has no gaps: one with as many entries as expected ends as expected, and
-- nothing of it need be read. Should a hand have taken one out, XADD refuses.
local last = redis.call('XLEN', LOG)
if last ~= tonumber(EXPECT) then
	last = last_seq()
end

local function answer(status, seq)
	return {status, seq, last, agent}
end

if known[1] then
	return answer('GONE', 0)
end

-- Does the log have exactly these entries from `seq` on?
local function stands_at(seq)
	local have = redis.call('XRANGE', LOG, text(seq),
		text(seq + #entries - 1))
	if #have ~= #entries then
		return false
	end
	for i, entry in ipairs(entries) do
		local fields = have[i][2]
		if #fields ~= entry.last - entry.first + 1 then
			return false
		end
		for j = 1, #fields do
			if fields[j] ~= ARGV[entry.first + j - 1] then
				return false
			end
		end
	end
	return true
end

-- The times of the last eight entries, the older the fainter: what stood before
-- them has no weight left below 2^46, and the sum stays whole below 2^53.
local function trail()
	local sum = 0
	local ends = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 8)
	for i = #ends, 1, -1 do
		local fields, at = ends[i][2], 0
		for j = 1, #fields, 2 do
			if fields[j] == 'at' then
				at = tonumber(fields[j + 1]) or 0
			end
		end
		sum = (sum * 64 + at) % 2 ^ 46
	end
	return sum
end

if AGAIN and EXPECT ~= '*' and stands_at(tonumber(EXPECT) + 1) then
	return answer('STANDS', tonumber(EXPECT) + 1)
end

local keys = {}
for _, entry in ipairs(entries) do
	keys[#keys + 1] = entry.key
end
local stood = redis.call('HMGET', IDS, unpack(keys))

-- Where the key of the entry is in the log, and with which content.
local function taken(i)
	if stood[i] and keys[i] ~= '' then
		local seq, content = string.match(stood[i], '^(%d+):(.*)$')
		return tonumber(seq) or 0, content
	end
end

local seq, content = taken(1)
if seq then
	return answer(content == entries[1].content and 'DUP' or 'REUSED', seq)
end

if FENCE > 0 and not RAISE and fence > FENCE then
	return answer('FENCED', fence)
end
if EXPECT ~= '*' and (last ~= tonumber(EXPECT) or
		TRAIL and trail() ~= TRAIL) then
	return answer('MOVED', last)
end
for i = 2, #keys do
	seq = taken(i)
	if seq then
		return answer('REUSED', seq)
	end
end
if RAISE and fence >= FENCE then
	return answer('FENCED', fence)
end

local first = last + 1
local ids = {}
for i, entry in ipairs(entries) do
	last = last + 1
	local added = redis.pcall('XADD', LOG, text(last) .. '-0',
		unpack(ARGV, entry.first, entry.last))
	if type(added) == 'table' then
		last = last_seq()
		if i == 1 and last >= first then
			return answer('MOVED', last)
		end
		error(added)
	end
	if entry.key ~= '' then
		ids[#ids + 1] = entry.key
		ids[#ids + 1] = text(last) .. ':' .. entry.content
	end
end
if #ids > 0 then
	redis.call('HSET', IDS, unpack(ids))
end

local set = {'seq', text(last)}
for i = 11, 10 + 2 * tonumber(ARGV[10]) do
	set[#set + 1] = ARGV[i]
end
if RAISE then
	set[#set + 1] = 'fence'
	set[#set + 1] = text(FENCE)
end
if EPOCH ~= '' and known[2] ~= EPOCH then
	set[#set + 1] = 'epoch'
	set[#set + 1] = EPOCH
end

-- Rings who shows the conversation; who shows it no more falls out.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local keep, mine = {}, WATCH
for name, seen in string.gmatch(nodes, '([^ =]+)=(%d+)') do
	local age = now - tonumber(seen)
	local heard = 1
	if name == NODE then
		if WATCH and age < NODE_FRESH_MS then
			mine = false
		elseif WATCH then
			heard = 0
			age = NODE_OLD_MS
		end
	else
		heard = redis.call('PUBLISH', BELL .. name,
			NAME .. ' ' .. text(last))
	end
	if age < NODE_DEAF_MS or (heard > 0 and age < NODE_OLD_MS) then
		keep[#keep + 1] = name .. '=' .. seen
	end
end
if mine and NODE ~= '' then
	keep[#keep + 1] = NODE .. '=' .. text(now)
end
while #keep > NODES_MAX do
	table.remove(keep, 1)
end
if table.concat(keep, ' ') ~= nodes then
	set[#set + 1] = 'nodes'
	set[#set + 1] = table.concat(keep, ' ')
end
redis.call('HSET', CONV, unpack(set))
if first == 1 then
	redis.call('PERSIST', CONV) -- a watch alone would have let it go
end
return answer('OK', first)
