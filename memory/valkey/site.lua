-- Reading, wiping and registering: the library's last file.

local function snapshot(site)
  return {'OK', version_of(site), redis.call('HGETALL', site.nodes)}
end

-- The nodes as they were at the oldest version that is kept: all, or those asked for.
local function base(site, args)
  if args[3] == nil then return {'OK', base_of(site), redis.call('HVALS', site.key('base'))} end
  if args[4] == nil then return {'OK', base_of(site), {}} end
  return {'OK', base_of(site), redis.call('HMGET', site.key('base'), unpack(args, 4))}
end

local function last_change(site, args)
  local record = load(site, args[3])
  return {'OK', record and record[VERSION] or redis.call('HGET', site.key('gone'), args[3]) or '0'}
end

-- The newest version at which every event had happened by a time; below 0 when that is not kept any more.
local function version_at(site, args)
  local low, high, time = tonumber(base_of(site)), tonumber(site.seq), tonumber(args[3])
  local first = redis.call('XRANGE', site.log, '-', '+', 'COUNT', 1)[1]
  if low > 0 and first and tonumber(first[2][4]) > time then return {'OK', '-1'} end
  while low < high do
    local middle = math.ceil((low + high) / 2)
    local entry = redis.call('XRANGE', site.log, int(middle) .. '-0', int(middle) .. '-0')[1]
    if tonumber(entry[2][4]) <= time then low = middle else high = middle - 1 end
  end
  return {'OK', int(low)}
end

local function retain(site, args)
  redis.call('HSET', site.meta, 'keep_events', args[3], 'keep_s', args[4])
  return {'OK'}
end

local function events(site, args)
  local since, limit = tonumber(args[3]), args[4]
  local newest, first = tonumber(site.seq), redis.call('XRANGE', site.log, '-', '+', 'COUNT', 1)[1]
  first = first and tonumber(string.match(first[1], '^(%d+)')) or newest + 1
  if since + 1 < first or since > newest then
    refuse('LOG_TRIMMED', 'events after ' .. int(since) .. ' are not in the log, which holds ' .. int(first) .. ' to '
      .. int(newest) .. ': take a new snapshot and follow from its version')
  end
  return {'OK', newest, redis.call('XRANGE', site.log, '(' .. int(since) .. '-0', '+', 'COUNT', limit)}
end

local function task(site, args) return {'OK', task_json(known_task(site, args[3]))} end

local function tasks(site)
  local out = {}
  for i, raw in ipairs(redis.call('HVALS', site.key('tasks'))) do out[i] = split(raw, T_REST) end
  table.sort(out, function(a, b) return tonumber(a[T_ORDER]) < tonumber(b[T_ORDER]) end)
  for i, fields in ipairs(out) do out[i] = task_json(fields) end
  return {'OK', out}
end

local function subtasks(site, args)
  known_task(site, args[3])
  local out = subtasks_of(site, args[3])
  for i, entry in ipairs(out) do out[i] = subtask_json(entry[2]) end
  return {'OK', out}
end

local function attempts(site, args)
  known_task(site, args[3])
  return attempts_json(site, args[3], false)
end

local function ready(site, args)
  local out = {}
  for _, member in ipairs(redis.call('ZRANGE', site.key('ready'), 0, -1)) do
    local task_id, id = string.match(member, '^(.-)/(.*)$')
    if args[3] == '' or args[3] == task_id then
      out[#out + 1] = subtask_json(record(site.key('subs:' .. task_id), id, S_REST))
    end
  end
  return {'OK', out}
end

local function busy(site) return {'OK', redis.call('HGETALL', site.key('busy'))} end

local function robots(site) return {'OK', redis.call('HGETALL', site.key('robots'))} end

local function live_leases(site)
  local live, flat = {}, redis.call('HGETALL', site.key('leases'))
  for i = 1, #flat, 2 do
    local held = split(flat[i + 1], L_EXPIRES)
    if held[L_OWNER] ~= '' and tonumber(held[L_EXPIRES]) > now_ms(site) then live[#live + 1] = flat[i] end
  end
  table.sort(live)
  return live
end

local function leases(site)
  local names, records = live_leases(site), {}
  for i, name in ipairs(names) do records[i] = redis.call('HGET', site.key('leases'), name) end
  return {'OK', int(now_ms(site)), names, records}
end

local function clear(site)
  local live = live_leases(site)
  if #live > 0 then
    refuse('SITE_IN_USE', 'leases are live: ' .. names_json(live) .. '; stop those processes first',
      '{"leases":[]}', '{"leases":' .. names_json(live) .. '}')
  end
  local ids = redis.call('HKEYS', site.nodes)
  table.sort(ids)
  local removed, was = {}, {}
  for i, id in ipairs(ids) do
    removed[i], was[i] = q(id), q(id) .. ':' .. load(site, id)[VERSION]
    redis.call('DEL', site.key('kids:' .. id))
  end
  for _, id in ipairs(redis.call('HKEYS', site.key('tasks'))) do
    redis.call('DEL', site.key('subs:' .. id), site.key('next:' .. id), site.key('atts:' .. id))
  end
  for _, name in ipairs({'nodes', 'log', 'base', 'gone', 'hands', 'leases', 'robots', 'tasks', 'busy', 'ready'}) do
    redis.call('DEL', site.key(name))
  end
  -- History begins anew: the empty scene after the wipe is the base.
  local seq = emit(site, 'scene', 'operator', '{"op":"clear","put":[],"remove":[' .. table.concat(removed, ',')
    .. '],"was":{' .. table.concat(was, ',') .. '}}')
  redis.call('HSET', site.meta, 'base', seq)
  return {'OK', seq}
end

local function begin(site, args)
  redis.call('HSETNX', site.meta, 'schema', SCHEMA)
  redis.call('HSETNX', site.meta, 'epoch', args[3])
  return {'OK', redis.call('HGET', site.meta, 'schema'), redis.call('HGET', site.meta, 'epoch')}
end

local function run(body, logged, prefix, args)
  local site = site_of(prefix, args)
  check_epoch(site)
  return logged and args[2] ~= '1' and written_before(site) or body(site, args)
end

-- logged: a repeat after a lost answer finds the first writing in the log instead of writing twice.
local function register(name, body, flags, logged)
  redis.register_function({function_name = 'fm_' .. name, flags = flags, callback = function(keys, args)
    local done, answer = pcall(run, body, logged, keys[1], args)
    if done then return answer end
    if type(answer) == 'table' then
      if answer.refused then return answer.refused end
      if answer.err then return redis.error_reply(answer.err) end
    end
    return redis.error_reply('ERR ' .. tostring(answer))
  end})
end

register('apply', apply, {}, true)
register('put', put, {}, true)
register('move', move, {}, true)
register('place', place, {}, true)
register('set_states', set_states, {}, true)
register('append', append, {}, true)
register('claim', claim, {}, true)
register('set_open', set_open, {}, true)
register('grasp', grasp, {}, false)
register('submit', submit, {}, false)
register('open', open, {}, false)
register('clear', clear, {}, false)
register('begin', begin, {}, false)
register('retain', retain, {}, false)
-- Running work may end while the server is full; only new work is refused.
register('lease', lease, {'allow-oom'}, false)
register('put_robot', put_robot, {'allow-oom'}, false)
register('set_task', set_task, {'allow-oom'}, false)
register('commit', commit, {'allow-oom'}, false)
register('renew', renew, {'allow-oom'}, false)
register('release', release, {'allow-oom'}, false)
register('cancel_open', cancel_open, {'allow-oom'}, false)
register('base', base, {'no-writes'}, false)
register('last_change', last_change, {'no-writes'}, false)
register('version_at', version_at, {'no-writes'}, false)
register('snapshot', snapshot, {'no-writes'}, false)
register('events', events, {'no-writes'}, false)
register('task', task, {'no-writes'}, false)
register('tasks', tasks, {'no-writes'}, false)
register('subtasks', subtasks, {'no-writes'}, false)
register('attempts', attempts, {'no-writes'}, false)
register('ready', ready, {'no-writes'}, false)
register('robots', robots, {'no-writes'}, false)
register('busy', busy, {'no-writes'}, false)
register('leases', leases, {'no-writes'}, false)
