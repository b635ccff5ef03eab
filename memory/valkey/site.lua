-- Reading, wiping and registering: the library's last file.

local function snapshot(site)
  return {'OK', version_of(site), redis.call('HGETALL', site.nodes)}
end

local function events(site, args)
  local since, limit = tonumber(args[4]), args[5]
  local newest, first = tonumber(version_of(site)), redis.call('XRANGE', site.log, '-', '+', 'COUNT', 1)[1]
  first = first and tonumber(string.match(first[1], '^(%d+)')) or newest + 1
  if since + 1 < first or since > newest then
    refuse('LOG_TRIMMED', 'events after ' .. int(since) .. ' are not in the log, which holds ' .. int(first) .. ' to '
      .. int(newest) .. ': take a new snapshot and follow from its version')
  end
  return {'OK', newest, redis.call('XRANGE', site.log, '(' .. int(since) .. '-0', '+', 'COUNT', limit)}
end

local function task(site, args) return {'OK', task_json(known_task(site, args[4]))} end

local function tasks(site)
  local out = {}
  for i, raw in ipairs(redis.call('HVALS', site.key('tasks'))) do out[i] = split(raw, T_REST) end
  table.sort(out, function(a, b) return tonumber(a[T_ORDER]) < tonumber(b[T_ORDER]) end)
  for i, fields in ipairs(out) do out[i] = task_json(fields) end
  return {'OK', out}
end

local function subtasks(site, args)
  known_task(site, args[4])
  local out = subtasks_of(site, args[4])
  for i, entry in ipairs(out) do out[i] = subtask_json(entry[2]) end
  return {'OK', out}
end

local function attempts(site, args)
  known_task(site, args[4])
  return attempts_json(site, args[4], false)
end

local function ready(site, args)
  local out = {}
  for _, member in ipairs(redis.call('ZRANGE', site.key('ready'), 0, -1)) do
    local task_id, id = string.match(member, '^(.-)/(.*)$')
    if args[4] == '' or args[4] == task_id then
      out[#out + 1] = subtask_json(record(site.key('subs:' .. task_id), id, S_REST))
    end
  end
  return {'OK', out}
end

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

local function clear(site)
  local live = live_leases(site)
  if #live > 0 then
    refuse('SITE_IN_USE', 'leases are live: ' .. names_json(live) .. '; stop those processes first',
      '{"leases":[]}', '{"leases":' .. names_json(live) .. '}')
  end
  local ids = redis.call('HKEYS', site.nodes)
  table.sort(ids)
  for _, id in ipairs(redis.call('HKEYS', site.key('tasks'))) do
    redis.call('DEL', site.key('subs:' .. id), site.key('next:' .. id), site.key('atts:' .. id))
  end
  redis.call('DEL', site.nodes, site.log, site.key('kids'), site.key('hands'), site.key('leases'), site.key('robots'),
    site.key('tasks'), site.key('busy'), site.key('ready'))
  return {'OK', emit(site, 'scene', 'operator', '{"op":"clear","put":[],"remove":' .. names_json(ids) .. '}')}
end

local function begin(site, args)
  redis.call('HSETNX', site.meta, 'schema', SCHEMA)
  redis.call('HSETNX', site.meta, 'epoch', args[4])
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
register('move', move, {}, true)
register('place', place, {}, true)
register('set_states', set_states, {}, true)
register('append', append, {}, true)
register('claim', claim, {}, true)
register('grasp', grasp, {}, false)
register('submit', submit, {}, false)
register('open', open, {}, false)
register('clear', clear, {}, false)
register('begin', begin, {}, false)
-- Running work may end while the server is full; only new work is refused.
register('lease', lease, {'allow-oom'}, false)
register('put_robot', put_robot, {'allow-oom'}, false)
register('set_task', set_task, {'allow-oom'}, false)
register('commit', commit, {'allow-oom'}, false)
register('renew', renew, {'allow-oom'}, false)
register('release', release, {'allow-oom'}, false)
register('cancel_open', cancel_open, {'allow-oom'}, false)
register('snapshot', snapshot, {'no-writes'}, false)
register('events', events, {'no-writes'}, false)
register('task', task, {'no-writes'}, false)
register('tasks', tasks, {'no-writes'}, false)
register('subtasks', subtasks, {'no-writes'}, false)
register('attempts', attempts, {'no-writes'}, false)
register('ready', ready, {'no-writes'}, false)
register('robots', robots, {'no-writes'}, false)
