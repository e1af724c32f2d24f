-- assign: gives a conversation that waits in line to an agent, after `claim`
-- has taken it out of the line and before `settle` makes the claim last. For a
-- shop's own tool; the daemon appends the same with `append`, which raises the
-- fence, too. Raises the conversation's fence by one and appends one entry,
-- the change of state; whoever owned it before cannot write any more.
--
-- KEYS  conv:{C}  conv:{C}:log  conv:{C}:ids
-- ARGV  1 prefix of the bells' channels ("answerd:bell:")
--       2 C
--       3 agent
--       4 an id for this, unique among what the agent sends
--       5 the agent's name as shoppers see it
--       6 the queue that it was claimed from
--       7 at: now, in ms since the Unix epoch
-- Returns {status, seq, fence}
--   OK      it is the agent's; everything that the agent appends carries this
--           fence. Again with the same id: the same answer.
--   TAKEN   it does not wait (the state is not "queued"): claim another one
--   GONE    erased
--   EMPTY   there is no such conversation

local CONV, LOG, IDS = KEYS[1], KEYS[2], KEYS[3]
local BELL, NAME, AGENT, ID = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local DISPLAY, QUEUE, AT = ARGV[5], ARGV[6], ARGV[7]

local function text(n)
	return string.format('%.0f', n)
end

local known = redis.call('HMGET', CONV, 'tombstone', 'state', 'fence', 'nodes',
	'reason', 'kind', 'priority', 'since_ms')
local key = 'a:' .. AGENT .. ':' .. ID
local done = redis.call('HGET', IDS, key)
local tail = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', 1)
local fence = tonumber(known[3] or '0') or 0
if known[1] then
	return {'GONE', 0, 0}
end
if #tail == 0 then
	return {'EMPTY', 0, 0}
end
if done then
	local seq, then_fence = string.match(done, '^(%d+):assign%.(%d+)$')
	if not seq then
		return {'TAKEN', 0, fence}
	end
	return {'OK', tonumber(seq), tonumber(then_fence)}
end
if known[2] ~= 'queued' then
	return {'TAKEN', 0, fence}
end

local seq = text(tonumber(string.match(tail[1][1], '^%d+')) + 1)
fence = fence + 1
local entry = {'type', 'state', 'id', ID, 'sender', 'a:' .. AGENT,
	'at', AT, 'state', 'assigned', 'reason', 'claimed', 'agent', AGENT,
	'agent_display', DISPLAY, 'queue', QUEUE, 'fence', text(fence)}
local kept = {kind = known[6], priority = known[7], since = known[8]}
for name, value in pairs(kept) do
	if value and value ~= '' then
		entry[#entry + 1] = name
		entry[#entry + 1] = value
	end
end
redis.call('XADD', LOG, seq .. '-0', unpack(entry))
redis.call('HSET', IDS, key, seq .. ':assign.' .. text(fence))
redis.call('HSET', CONV, 'seq', seq, 'state', 'assigned', 'owner', 'agent',
	'agent', AGENT, 'queue', QUEUE, 'fence', text(fence),
	'state_at_ms', AT, 'event_at_ms', AT)
for name in string.gmatch(known[4] or '', '([^ =]+)=') do
	redis.call('PUBLISH', BELL .. name, NAME .. ' ' .. seq)
end
return {'OK', tonumber(seq), fence}
