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
-- A shop's own tool has no node: what it writes to the log is enough, the
-- state in conv:{C} follows from an entry of type "state". Each has `type`,
-- `id`, `sender` "a:AGENT" and `at` (ms), its key is "a:AGENT:ID", and:
--   message   text; name (as shoppers see it)
--   note      text; for agents only
--   state     state "queued", reason "released": then `release`; in the line
--             that `queue` names, or where it was at its old place
--             state "closed", reason "resolved", outcome_of (one of the
--             configuration's outcomes): then `resolve`
--   ask_feedback  with the latter, in one unit: ask_kind "csat", text
-- 6 is the fence that `assign` gave; with a `state` it is one more, 7 is "1",
-- and the entry has it as `fence`: who had the conversation writes no more.
-- Nothing is written unless OK. Checks go before writes and touch every key,
-- so that an error of Redis (WRONGTYPE) leaves nothing half done.
--
-- It is Redis's work a message: what is rare stands in branches, and the usual
-- way makes no function or table more than it needs.

local CONV, LOG, IDS = KEYS[1], KEYS[2], KEYS[3]
local NODE, EPOCH, FENCE = ARGV[2], ARGV[4], tonumber(ARGV[6])
local ANYWHERE, EXPECT = ARGV[5] == '*', tonumber(ARGV[5])
local TRAIL                      -- nil: is not looked at
local RAISE, WATCH, AGAIN = ARGV[7] == '1', ARGV[8] == '1', ARGV[9] == '1'
local SET = 10 + 2 * ARGV[10]    -- where the last field to set has its value
local COUNT = tonumber(ARGV[SET + 1])
local NODES_MAX = 8              -- the oldest fall out
local NODE_FRESH_MS = 60000      -- noted again after this
local NODE_DEAF_MS = 3600000     -- nobody listens there: falls out
local NODE_OLD_MS = 172800000    -- falls out

if not EXPECT and not ANYWHERE then
	local colon = string.find(ARGV[5], ':', 1, true)
	if colon then
		TRAIL = tonumber(string.sub(ARGV[5], colon + 1))
		EXPECT = tonumber(string.sub(ARGV[5], 1, colon - 1))
	end
end

local known = redis.call('HMGET', CONV, 'tombstone', 'epoch', 'fence',
	'nodes', 'agent')
local fence = known[3] and tonumber(known[3]) or 0
local nodes = known[4] or ''
local agent = known[5] or ''

local function last_seq()
	local tail = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)
	return #tail > 0 and tonumber(string.match(tail[1][1], '^%d+')) or 0
end

-- A log has no gaps: one with as many entries as expected ends as expected, and
-- nothing of it need be read. Should a hand have taken one out, XADD refuses.
local last = redis.call('XLEN', LOG)
if last ~= EXPECT then
	last = last_seq()
end

if known[1] then
	return {'GONE', 0, last, agent}
end

-- The entries stay where they are in ARGV: from `starts[i]` to before the next
-- one's are its key, the hash of its content, the number of its pairs, and
-- those. (Tables for four of them, which need not grow.)
local keys, starts = {false, false, false, false}, {SET + 2, 0, 0, 0, 0}
for i = 1, COUNT do
	local at = starts[i]
	keys[i] = ARGV[at]
	starts[i + 1] = at + 3 + 2 * ARGV[at + 2]
end

-- Does the log have exactly these entries where they were to be?
if AGAIN and EXPECT then
	local have = redis.call('XRANGE', LOG, EXPECT + 1, EXPECT + COUNT)
	local stands = #have == COUNT
	for i, entry in ipairs(have) do
		local before = starts[i] + 2
		local n = starts[i + 1] - before - 1
		stands = stands and #entry[2] == n
		for j = 1, n do
			stands = stands and entry[2][j] == ARGV[before + j]
		end
	end
	if stands then
		return {'STANDS', EXPECT + 1, last, agent}
	end
end

-- What is known of the keys: "12:34", at seq 12 with content 34.
local stood = redis.call('HMGET', IDS, unpack(keys, 1, COUNT))
if stood[1] and keys[1] ~= '' then
	local seq, content = string.match(stood[1], '^(%d+):(.*)$')
	return {content == ARGV[SET + 3] and 'DUP' or 'REUSED',
		tonumber(seq) or 0, last, agent}
end

if FENCE > 0 and not RAISE and fence > FENCE then
	return {'FENCED', fence, last, agent}
end
-- The trail: the times of the last eight entries, the older the fainter. What
-- stood before them has no weight left below 2^46, and the sum stays whole
-- below 2^53.
if TRAIL and last == EXPECT then
	local sum = 0
	local ends = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 8)
	for i = #ends, 1, -1 do
		local fields, time = ends[i][2], 0
		for j = 1, #fields, 2 do
			if fields[j] == 'at' then
				time = tonumber(fields[j + 1]) or 0
			end
		end
		sum = (sum * 64 + time) % 2 ^ 46
	end
	if sum ~= TRAIL then
		return {'MOVED', last, last, agent}
	end
end
if not ANYWHERE and last ~= EXPECT then
	return {'MOVED', last, last, agent}
end
for i = 2, COUNT do
	if stood[i] and keys[i] ~= '' then
		local seq = string.match(stood[i], '^(%d+):')
		return {'REUSED', tonumber(seq) or 0, last, agent}
	end
end
if RAISE and fence >= FENCE then
	return {'FENCED', fence, last, agent}
end

local first = last + 1
local ids, n = {false, false, false, false, false, false, false, false}, 0
local seq
for i = 1, COUNT do
	local at = starts[i]
	last = last + 1
	seq = string.format('%d', last)
	local added = redis.pcall('XADD', LOG, seq,
		unpack(ARGV, at + 3, starts[i + 1] - 1))
	if type(added) == 'table' then
		last = last_seq()
		if i == 1 and last >= first then
			return {'MOVED', last, last, agent}
		end
		error(added)
	end
	if keys[i] ~= '' then
		ids[n + 1] = keys[i]
		ids[n + 2] = seq .. ':' .. ARGV[at + 1]
		n = n + 2
	end
end
if n > 0 then
	redis.call('HSET', IDS, unpack(ids, 1, n))
end

-- A tool's: the cache says what the log says.
if NODE == '' then
	local owners = {bot = 'bot', queued = 'queue', assigned = 'agent',
		closed = 'nobody'}
	for i = 1, COUNT do
		local entry = {}
		for j = starts[i] + 3, starts[i + 1] - 1, 2 do
			entry[ARGV[j]] = ARGV[j + 1]
		end
		local owner = entry.type == 'state' and owners[entry.state]
		if owner then
			redis.call('HSET', CONV, 'state', entry.state,
				'owner', owner, 'reason', entry.reason or '',
				'agent', owner == 'agent' and entry.agent or '',
				'state_at_ms', entry.at or '0')
			if (entry.queue or '') ~= '' then
				redis.call('HSET', CONV, 'queue', entry.queue)
			end
		end
	end
end

-- The fields stand in ARGV behind two that have been read: there goes `seq`.
ARGV[9], ARGV[10] = 'seq', seq
redis.call('HSET', CONV, unpack(ARGV, 9, SET))
if RAISE then
	redis.call('HSET', CONV, 'fence', ARGV[6])
end
if EPOCH ~= '' and known[2] ~= EPOCH then
	redis.call('HSET', CONV, 'epoch', EPOCH)
end

-- Mostly nobody shows it but the writer's node, which was noted just now: by
-- the writer's clock (should that be wrong, Redis's says when it is time).
local only = #NODE + 1
local seen = string.sub(nodes, 1, only) == NODE .. '=' and
	tonumber(string.sub(nodes, only + 1))
local age = seen and ARGV[SET - 1] == 'event_at_ms' and
	(tonumber(ARGV[SET]) or 0) - seen
local fresh = age and age > -NODE_FRESH_MS and age < NODE_FRESH_MS

-- Rings who shows the conversation; who shows it no more falls out.
if not fresh and (WATCH or nodes ~= '') then
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
			heard = redis.call('PUBLISH', ARGV[1] .. name,
				ARGV[3] .. ' ' .. seq)
		end
		if age < NODE_DEAF_MS or (heard > 0 and age < NODE_OLD_MS) then
			keep[#keep + 1] = name .. '=' .. seen
		end
	end
	if mine and NODE ~= '' then
		keep[#keep + 1] = NODE .. '=' .. string.format('%.0f', now)
	end
	while #keep > NODES_MAX do
		table.remove(keep, 1)
	end
	local kept = table.concat(keep, ' ')
	if kept ~= nodes then
		redis.call('HSET', CONV, 'nodes', kept)
	end
end
if first == 1 then
	redis.call('PERSIST', CONV) -- a watch alone would have let it go
end
return {'OK', first, last, agent}
