#!lua name=fleetmind
-- Every write of a fleetmind site is one call of a function below: checks first, then writes, so that a refused
-- call changes nothing. KEYS[1] is the site's prefix `{fm:<site>}`; all keys of a site share its hash slot.
--   <prefix>:meta  hash    seq (= site version), time (of the newest event), skew (site time minus
--                          the server's clock), base, keep_events, keep_s, fence, order,
--                          epoch (identity of the data), schema
--   <prefix>:log   stream  entry <seq>-0: k kind, t time, s source, d data (JSON), r request id of the writer,
--                          p where in `d` the nodes stand, see `places`
--   <prefix>:base  hash    id -> JSON of the node as it was at version `base`, the oldest that can be rebuilt
--   <prefix>:gone  hash    id -> version at which the node was removed
--   <prefix>:nodes hash    id -> record; `:kids:<id>` set of the ids of its children; `:hands` robot -> ids it holds
--   <prefix>:leases, :robots, :tasks, :busy hashes; `:ready` sorted set; `:subs:<task>`, `:next:<task>`,
--   `:atts:<task>` hashes
-- A record is lines; JSON made by the writer stays text, because cjson would change numbers and empty arrays.
-- The library is this file, then scene.lua, put.lua, work.lua and site.lua, loaded as one text.
-- Every call takes ARGV[1] request id `<epoch>:<client>:<number>`, ARGV[2] try (1, 2, ...); then its own arguments.

local SCHEMA = '2'
local KEEP_EVENTS = '200000'
local FOLD = 64

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

-- Names of the keys of the site asked last: a server mostly has one.
local keys

local function keys_of(prefix)
  if not keys or keys.prefix ~= prefix then
    keys = {prefix = prefix, key = function(name) return prefix .. ':' .. name end, nodes = prefix .. ':nodes',
      meta = prefix .. ':meta', log = prefix .. ':log'}
  end
  return keys
end

local function site_of(prefix, args)
  local names, time = keys_of(prefix), redis.call('TIME')
  local meta = redis.call('HMGET', names.meta, 'epoch', 'seq', 'time', 'skew')
  local site = {
    key = names.key, nodes = names.nodes, meta = names.meta, log = names.log, request = args[1], cache = {},
    epoch = meta[1], seq = meta[2] or '0', time = time[1] .. '.' .. string.sub('00000' .. time[2], -6),
  }
  -- The server's clock may be set back: the site's time goes on from where it was, and leases lapse as they should.
  if meta[4] then site.time = string.format('%.6f', tonumber(site.time) + tonumber(meta[4])) end
  if meta[3] and meta[3] > site.time then
    site.skew = string.format('%.6f', tonumber(meta[3]) - tonumber(site.time) + tonumber(meta[4] or '0'))
    site.time = meta[3]
  end
  return site
end

-- Texts are kept texts wherever possible: turning one into a number costs microseconds in some builds of the server.
local function now_ms(site) return math.floor(tonumber(site.time) * 1000) end

-- A request begins with the epoch its writer knows: a store that lost its data must not be written on silently.
local function check_epoch(site)
  local epoch = string.match(site.request, '^%x*')
  if epoch ~= '' and site.epoch ~= epoch then
    refuse('SITE_REPLACED', 'the store holds another site of this name than at the start: its data was lost or '
      .. 'replaced; stop the processes of the site, look at the store, and start them again')
  end
end

local function version_of(site) return site.seq end
local function next_version(site) return int(tonumber(site.seq) + 1) end
local function base_of(site) return redis.call('HGET', site.meta, 'base') or '0' end

-- Where a scene event's nodes stand in its data: offset of the first, how many, then id and length of each; then what
-- was removed. Lines.
local function fold_entry(site, version, places, data)
  local base, gone, lines = site.key('base'), site.key('gone'), {}
  for line in string.gmatch(places, '[^\n]+') do lines[#lines + 1] = line end
  local from, count = tonumber(lines[1]), tonumber(lines[2])
  for i = 1, count do
    local id, length = lines[1 + 2 * i], tonumber(lines[2 + 2 * i])
    redis.call('HSET', base, id, string.sub(data, from, from + length - 1))
    from = from + length + 1
  end
  for i = 3 + 2 * count, #lines do
    redis.call('HDEL', base, lines[i])
    if redis.call('HGET', gone, lines[i]) == version then redis.call('HDEL', gone, lines[i]) end
  end
end

-- What is older than the site keeps goes into the base, some events at a time, inside the write that finds it.
local function fold(site)
  local seq = tonumber(site.seq)
  if seq % FOLD ~= 0 then return end
  local limits = redis.call('HMGET', site.meta, 'base', 'keep_events', 'keep_s')
  local keep_events, keep_s = tonumber(limits[2] or KEEP_EVENTS), tonumber(limits[3] or '0')
  if seq - tonumber(limits[1] or '0') < keep_events + FOLD then return end
  local entries = redis.call('XRANGE', site.log, '-', '+', 'COUNT', 2 * FOLD)
  local keep_from, last = tonumber(site.time) - keep_s, nil
  for i, entry in ipairs(entries) do
    local id = string.match(entry[1], '^%d+')
    local version = tonumber(id)
    if version > seq - keep_events or tonumber(entry[2][4]) > keep_from then break end
    if entry[2][12] ~= '' then fold_entry(site, id, entry[2][12], entry[2][8]) end
    last = version
  end
  if last then
    redis.call('HSET', site.meta, 'base', int(last))
    redis.call('XTRIM', site.log, 'MINID', '=', int(last + 1) .. '-0')
  end
end

local function emit(site, kind, source, data, places)
  site.seq = next_version(site)
  redis.call('HSET', site.meta, 'seq', site.seq, 'time', site.time)
  if site.skew then redis.call('HSET', site.meta, 'skew', site.skew) end
  redis.call('XADD', site.log, site.seq .. '-0', 'k', kind, 't', site.time, 's', source, 'd', data, 'r', site.request,
    'p', places or '')
  fold(site)
  return site.seq
end

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
