-- put: sets fields of a hash and when it ends, both or neither.
--
-- KEYS  the hash
-- ARGV  1 ms from now until it ends
--       2 "1": nothing is done where it has the first of the fields already
--       3… pairs of field and value
-- Returns OK.

if ARGV[2] == '1' and redis.call('HEXISTS', KEYS[1], ARGV[3]) == 1 then
	return 'OK'
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'OK'
