-- sweep: takes out of a stream of notes (recent, unanswered) what is about a
-- visitor or one of their conversations, a piece at a time, newest first.
--
-- KEYS  the stream
-- ARGV  1 where to go on: "+" first, then what was returned
--       2 notes looked at in one call, at most
--       3 visitor   4… conversations
-- Returns {next, removed, conversation, …}: "" for the end, how many were
-- taken out, and the conversations that notes of the visitor named.

local STREAM, FROM, MOST, VISITOR = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local theirs, found, old = {}, {}, {}

for i = 4, #ARGV do
	theirs[ARGV[i]] = true
end

local notes = redis.call('XREVRANGE', STREAM, FROM, '-', 'COUNT', MOST)
for _, note in ipairs(notes) do
	local fields = {}
	for i = 1, #note[2], 2 do
		fields[note[2][i]] = note[2][i + 1]
	end
	local conv = fields.conversation
	if fields.visitor == VISITOR and conv and not theirs[conv] then
		theirs[conv] = true
		found[#found + 1] = conv
	end
	if fields.visitor == VISITOR or (conv and theirs[conv]) then
		old[#old + 1] = note[1]
	end
end
for _, id in ipairs(old) do
	redis.call('XDEL', STREAM, id)
end
local next = #notes == MOST and '(' .. notes[#notes][1] or ''
return {next, #old, unpack(found)}
