-- Make what a tenant used again out of the ledger, unless somebody was faster.
local tenant, hour, day = KEYS[1], KEYS[2], KEYS[3]
local KEPT_S = 259200
if redis.call('HSETNX', tenant, 'seeded', '1') == 0 then
    return 0
end
redis.call('HSET', tenant, 'paced_until', ARGV[1])
local used = 0
for place = 2, #ARGV, 3 do
    redis.call('HSET', hour, 'drawn:' .. ARGV[place], ARGV[place + 1])
    redis.call('HSET', day, 'used:' .. ARGV[place], ARGV[place + 2])
    used = used + tonumber(ARGV[place + 2])
end
redis.call('HSET', day, 'used', used)
for _, key in ipairs(KEYS) do
    redis.call('EXPIRE', key, KEPT_S)
end
return 1
