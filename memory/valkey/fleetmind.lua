#!lua name=fleetmind
-- Every write of a fleetmind site is one call of a function below: checks first, then writes, so that a refused
-- call changes nothing. KEYS[1] is the site's prefix `{fm:<site>}`; all keys of a site share its hash slot.
--   <prefix>:meta  hash    seq (= site version), fence, order, epoch (identity of the data), schema
--   <prefix>:log   stream  entry <seq>-0: k kind, t time, s source, d data (JSON), r request id of the writer
--   <prefix>:nodes hash    id -> record; `:kids` id -> number of children; `:hands` robot -> ids it holds
--   <prefix>:leases, :robots, :tasks, :busy hashes; `:ready` sorted set; `:subs:<task>`, `:next:<task>`,
--   `:atts:<task>` hashes
-- A record is lines; JSON made by the writer stays text, because cjson would change numbers and empty arrays.
-- The library is this file, then scene.lua, work.lua and site.lua, loaded as one text.
-- Every call takes ARGV[1] request id `<epoch>:<client>:<number>`, ARGV[2] try (1, 2, ...),
-- ARGV[3] log limit; then its own arguments.

local SCHEMA = '1'

local function int(n) return string.format('%d', n) end
local function q(s) return cjson.encode(s) end

local function refuse(code, message, expected, actual)
  error({refused = {code, message, expected or '', actual or ''}})
end

local function split(text, n)
  local out, from = {}, 1
  for i = 1, n - 1 do
    local at = string.find(text, '\n', from, true)
    out[i] = string.sub(text, from, at - 1)
    from = at + 1
  end
  out[n] = string.sub(text, from)
  return out
end

local function join(fields) return table.concat(fields, '\n') end

local function site_of(prefix, args)
  local time = redis.call('TIME')
  return {
    key = function(name) return prefix .. ':' .. name end,
    nodes = prefix .. ':nodes', meta = prefix .. ':meta', log = prefix .. ':log',
    request = args[1], limit = args[3], cache = {},
    time = time[1] .. '.' .. string.sub('00000' .. time[2], -6),
  }
end

-- Texts are kept texts wherever possible: turning one into a number costs microseconds in some builds of the server.
local function now_ms(site) return math.floor(tonumber(site.time) * 1000) end

-- A request begins with the epoch its writer knows: a store that lost its data must not be written on silently.
local function check_epoch(site)
  local epoch = string.match(site.request, '^%x*')
  if epoch ~= '' and redis.call('HGET', site.meta, 'epoch') ~= epoch then
    refuse('SITE_REPLACED', 'the store holds another site of this name than at the start: its data was lost or '
      .. 'replaced; stop the processes of the site, look at the store, and start them again')
  end
end

local function version_of(site) return redis.call('HGET', site.meta, 'seq') or '0' end

local function next_seq(site) return int(redis.call('HINCRBY', site.meta, 'seq', 1)) end

local function log(site, seq, kind, source, data)
  redis.call('XADD', site.log, 'MAXLEN', '~', site.limit, seq .. '-0',
    'k', kind, 't', site.time, 's', source, 'd', data, 'r', site.request)
  return seq
end

local function emit(site, kind, source, data) return log(site, next_seq(site), kind, source, data) end

-- A repeated request whose first answer was lost: find what it wrote. Only ever runs on a retry.
local function written_before(site)
  local upto = '+'
  for _ = 1, 40 do
    local page = redis.call('XREVRANGE', site.log, upto, '-', 'COUNT', 500)
    for _, entry in ipairs(page) do
      if entry[2][10] == site.request then
        return {'OK', string.match(entry[1], '^%d+'), entry[2][8]}
      end
      upto = '(' .. entry[1]
    end
    if #page < 500 then return nil end
  end
end
