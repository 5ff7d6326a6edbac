-- What the shop told about its limits (docs/upgates.md 1.7). What is left only ever goes down within a window: an answer
-- that was overtaken by a later one tells more than there is.
local tenant, hour, day = KEYS[1], KEYS[2], KEYS[3]
local KEPT_S = 259200

local function take_over(window, name, limit, told)
    local left = redis.call('HGET', window, 'left')
    if not left or redis.call('HGET', tenant, name) ~= limit or tonumber(told) < tonumber(left) then
        redis.call('HSET', window, 'left', told)
        redis.call('EXPIRE', window, KEPT_S)
    end
    redis.call('HSET', tenant, name, limit)
end

if redis.call('HEXISTS', tenant, 'seeded') == 0 then
    return 0
end
if #ARGV == 0 then -- a shop that tells none has none: its add-on was verified
    redis.call('HDEL', tenant, 'hour_limit', 'day_limit')
    redis.call('HDEL', hour, 'left')
    redis.call('HDEL', day, 'left')
    return 1
end
take_over(hour, 'hour_limit', ARGV[1], ARGV[2])
take_over(day, 'day_limit', ARGV[3], ARGV[4])
return 1
