-- Make what a tenant used again out of the ledger, unless somebody was faster.
local tenant, hour, day, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local KEPT_S = 259200
if redis.call('HSETNX', tenant, 'seeded', '1') == 0 then
    return 0
end
redis.call('HSET', tenant, 'paced_until', ARGV[1])
-- Calls under way are leases of nobody here. Only whoever makes the budget adds them: a call that began after that has
-- its own lease, and would otherwise be counted twice by somebody slower.
local under_way = tonumber(ARGV[2])
for place = 3, 1 + 2 * under_way, 2 do
    redis.call('ZADD', leases, ARGV[place + 1], ARGV[place])
end
local used = 0
for place = 3 + 2 * under_way, #ARGV, 3 do
    redis.call('HSET', hour, 'drawn:' .. ARGV[place], ARGV[place + 1])
    redis.call('HSET', day, 'used:' .. ARGV[place], ARGV[place + 2])
    used = used + tonumber(ARGV[place + 2])
end
redis.call('HSET', day, 'used', used)
for _, key in ipairs(KEYS) do
    redis.call('EXPIRE', key, KEPT_S)
end
return 1
