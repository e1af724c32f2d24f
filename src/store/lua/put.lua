-- put: sets fields of a hash and when it ends, both or neither.
--
-- KEYS  the hash
-- ARGV  1 ms from now until it ends   2… pairs of field and value
-- Returns OK.

redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 'OK'
