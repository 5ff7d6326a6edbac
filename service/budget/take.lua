-- One call out of a tenant's budget, if there is one: `rules.decide` and `rules.taken` in one atomic step.
-- Returns {1, 0} or {0, why, until}; the numbers of `why` are the places in `rules.Why`.
local tenant, hour, day, leases = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local service, service_leases, doubted_leases, bad_logins = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local service_day = KEYS[9]
local lane, lease, doubted = ARGV[1], ARGV[2], ARGV[3] == '1'
local now, next_hour, next_day = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local share, headroom, interval = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local per_day, at_once, service_at_once = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local lease_ms, bad_logins_most, look_again = tonumber(ARGV[13]), tonumber(ARGV[14]), tonumber(ARGV[15])
local ceiling = tonumber(ARGV[16])
local COLD, BLOCKED, LOGINS, OWN_DAY, SERVICE_DAY = 0, 1, 2, 3, 4
local WINDOW, SHARE, PACE, AT_ONCE, ALL_AT_ONCE, ONE_DOUBTED = 5, 6, 7, 8, 9, 10
local HOUR_MS, KEPT_S = 3600000, 259200

local function number(key, name)
    return tonumber(redis.call('HGET', key, name) or '0')
end

local function text(value) -- Lua's own way of writing a large number is not a whole number
    return string.format('%.0f', value)
end

local function within(left, drawn)
    return left > 0 and drawn * 100 < share * (left + drawn)
end

if redis.call('HEXISTS', tenant, 'seeded') == 0 or redis.call('EXISTS', service) == 0 then
    return {0, COLD, now}
end
for _, key in ipairs({leases, service_leases, doubted_leases}) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now))
end
redis.call('ZREMRANGEBYSCORE', bad_logins, '-inf', text(now - HOUR_MS))

local blocked_until = number(tenant, 'blocked_until')
if blocked_until > now then
    return {0, BLOCKED, blocked_until}
end
if doubted and redis.call('ZCARD', bad_logins) >= bad_logins_most then
    local oldest = redis.call('ZRANGE', bad_logins, -bad_logins_most, -bad_logins_most, 'WITHSCORES')
    return {0, LOGINS, tonumber(oldest[2]) + HOUR_MS}
end
if not within(per_day - number(day, 'used'), number(day, 'used:' .. lane)) then
    return {0, OWN_DAY, next_day}
end
if tonumber(redis.call('GET', service_day) or '0') >= ceiling then
    return {0, SERVICE_DAY, next_day}
end

local window, left -- what the call comes out of, when the shop told any limit
local hour_limit = redis.call('HGET', tenant, 'hour_limit')
if hour_limit then
    local of_hour = tonumber(redis.call('HGET', hour, 'left') or hour_limit)
    local of_day = tonumber(redis.call('HGET', day, 'left') or redis.call('HGET', tenant, 'day_limit'))
    window, left = hour, of_hour
    if left <= 0 then
        window, left = day, of_day
        if left <= 0 then
            return {0, WINDOW, next_hour}
        end
    end
    local drawn = number(hour, 'drawn:' .. lane) + number(day, 'drawn:' .. lane)
    if not within(of_hour + of_day, drawn) then
        return {0, SHARE, next_hour}
    end
end

local paced_until = number(tenant, 'paced_until')
if paced_until - now > headroom then
    return {0, PACE, paced_until - headroom}
end
if redis.call('ZCARD', leases) >= at_once then
    return {0, AT_ONCE, now + look_again}
end
if redis.call('ZCARD', service_leases) >= service_at_once then
    return {0, ALL_AT_ONCE, now + look_again}
end
if doubted and redis.call('ZCARD', doubted_leases) > 0 then
    return {0, ONE_DOUBTED, now + look_again}
end

redis.call('HSET', tenant, 'paced_until', text(math.max(paced_until, now) + interval))
if window then
    redis.call('HSET', window, 'left', text(left - 1))
    redis.call('HINCRBY', window, 'drawn:' .. lane, 1)
end
redis.call('HINCRBY', day, 'used', 1)
redis.call('HINCRBY', day, 'used:' .. lane, 1)
redis.call('INCR', service_day)
for _, key in ipairs({leases, service_leases}) do
    redis.call('ZADD', key, text(now + lease_ms), lease)
end
if doubted then
    redis.call('ZADD', doubted_leases, text(now + lease_ms), lease)
end
for _, key in ipairs({tenant, hour, day, leases, service_day}) do
    redis.call('EXPIRE', key, KEPT_S)
end
return {1, 0, now}
