-- Make no calls to a shop before the later of what it said now and what it said before.
if tonumber(ARGV[1]) > tonumber(redis.call('HGET', KEYS[1], 'blocked_until') or '0') then
    redis.call('HSET', KEYS[1], 'blocked_until', ARGV[1])
end
return 1
