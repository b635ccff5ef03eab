-- The work: leases, robots, tasks, plans and attempts. `memory/local/work.py` is the same in Python.

local TERMINAL = {succeeded = true, failed = true, refused = true, cancelled = true}

-- Records, one line per field; the last field of tasks and subtasks is the JSON members that never change.
local T_STATE, T_PLAN, T_UPDATED, T_CREATED, T_ORDER, T_CODE, T_REASON, T_INSTRUCTION, T_REST = 1, 2, 3, 4, 5, 6, 7, 8, 9
local S_STATE, S_ATTEMPTS, S_UNMET, S_ORDER, S_PLAN, S_REST = 1, 2, 3, 4, 5, 6
local A_STATE, A_FENCE, A_ROBOT, A_ORDER, A_CLAIMED, A_ENDED, A_CODE, A_OUTCOME = 1, 2, 3, 4, 5, 6, 7, 8
local L_FENCE, L_OWNER, L_EXPIRES = 1, 2, 3

local function record(key, field, n)
  local raw = redis.call('HGET', key, field)
  return raw and split(raw, n) or nil
end

local function task_json(task)
  return '{' .. task[T_REST] .. ',"instruction":' .. task[T_INSTRUCTION] .. ',"state":"' .. task[T_STATE]
    .. '","reason":' .. task[T_REASON] .. ',"reason_code":' .. task[T_CODE] .. ',"plan_version":' .. task[T_PLAN]
    .. ',"created_s":' .. task[T_CREATED] .. ',"updated_s":' .. task[T_UPDATED] .. '}'
end

local function subtask_json(subtask)
  return '{' .. subtask[S_REST] .. ',"state":"' .. subtask[S_STATE] .. '","attempts":' .. subtask[S_ATTEMPTS] .. '}'
end

local function attempt_json(task_id, field, attempt)
  local subtask, number = string.match(field, '^(.-)/(%d+)$')
  return '{"id":' .. q(task_id .. '/' .. field) .. ',"task":' .. q(task_id) .. ',"subtask":' .. q(subtask)
    .. ',"number":' .. number .. ',"robot":' .. q(attempt[A_ROBOT]) .. ',"fence":' .. attempt[A_FENCE]
    .. ',"state":"' .. attempt[A_STATE] .. '","outcome":' .. attempt[A_OUTCOME] .. ',"claimed_s":'
    .. attempt[A_CLAIMED] .. ',"ended_s":' .. attempt[A_ENDED] .. '}'
end

local function names_json(names)
  local out = {}
  for i, name in ipairs(names) do out[i] = q(name) end
  return '[' .. table.concat(out, ',') .. ']'
end

local function one(key, value) return '{' .. q(key) .. ':' .. value .. '}' end

-- leases -----------------------------------------------------------------------------------------------------

local function check_lease(site, name, owner, fence)
  if name == '' then return end
  local held = record(site.key('leases'), name, L_EXPIRES)
  if not held or held[L_FENCE] ~= fence or held[L_OWNER] ~= owner then
    refuse('STALE_FENCE', 'lease ' .. q(name) .. ' of ' .. q(owner) .. ' with fence ' .. fence
      .. ' was lost: take it again before acting')
  end
end

local function hold(site, name, fence, owner, ttl_ms)
  redis.call('HSET', site.key('leases'), name, join({fence, owner, int(now_ms(site) + tonumber(ttl_ms))}))
end

local function lease_event(site, source, name, owner, fence)
  emit(site, 'lease', source, '{"name":' .. q(name) .. ',"owner":' .. q(owner) .. ',"fence":' .. fence .. '}')
end

local function lease(site, args)
  local name, owner, ttl_ms, take_over = args[3], args[4], args[5], args[6]
  local held = record(site.key('leases'), name, L_EXPIRES)
  if held and held[L_OWNER] == owner then
    hold(site, name, held[L_FENCE], owner, ttl_ms)
    return {'OK', tonumber(held[L_FENCE])}
  end
  if held and held[L_OWNER] ~= '' and tonumber(held[L_EXPIRES]) > now_ms(site) and take_over ~= '1' then
    refuse('LEASE_TAKEN', 'lease ' .. q(name) .. ' is held by ' .. q(held[L_OWNER])
      .. ': wait for its end or take it over', one(name, q(owner)), one(name, q(held[L_OWNER])))
  end
  local fence = redis.call('HINCRBY', site.meta, 'fence', 1)
  hold(site, name, int(fence), owner, ttl_ms)
  lease_event(site, owner, name, owner, int(fence))
  return {'OK', fence}
end

local function renew(site, args)
  local name, owner, fence = args[3], args[4], args[5]
  check_lease(site, name, owner, fence)
  hold(site, name, fence, owner, args[6])
  return {'OK'}
end

local function release(site, args)
  local name, owner, fence = args[3], args[4], args[5]
  local held = record(site.key('leases'), name, L_EXPIRES)
  if held and held[L_FENCE] == fence and held[L_OWNER] == owner then
    redis.call('HSET', site.key('leases'), name, join({fence, '', '0'}))
    lease_event(site, owner, name, '', fence)
  end
  return {'OK'}
end

-- robots and tasks ---------------------------------------------------------------------------------------------

local function put_robot(site, args)
  local name, state, detail, profile = args[3], args[4], args[5], args[6]
  local new = join({state, detail, profile})
  if redis.call('HGET', site.key('robots'), name) ~= new then
    redis.call('HSET', site.key('robots'), name, new)
    emit(site, 'robot', name, '{"robot":' .. q(name) .. ',"state":' .. q(state) .. ',"detail":' .. detail
      .. ',"profile":' .. profile .. '}')
  end
  return {'OK'}
end

local function known_task(site, id)
  local task = record(site.key('tasks'), id, T_REST)
  if not task then refuse('TASK_UNKNOWN', 'there is no task ' .. q(id)) end
  return task
end

local function put_task(site, id, task)
  task[T_UPDATED] = site.time
  redis.call('HSET', site.key('tasks'), id, join(task))
  emit(site, 'task', '', task_json(task))
  return {'OK', task_json(task)}
end

local function submit(site, args)
  local id, state, code, reason, instruction, rest = args[3], args[4], args[5], args[6], args[7], args[8]
  local task = record(site.key('tasks'), id, T_REST)
  if task then
    if task[T_INSTRUCTION] ~= instruction then
      refuse('TASK_EXISTS', 'task ' .. q(id) .. ' exists with another instruction: choose a new id')
    end
    return {'OK', task_json(task)}
  end
  local order = redis.call('HINCRBY', site.meta, 'order', 1)
  return put_task(site, id, {state, '0', '0', site.time, int(order), code, reason, instruction, rest})
end

local function subtasks_of(site, task_id)
  local flat = redis.call('HGETALL', site.key('subs:' .. task_id))
  local out = {}
  for i = 1, #flat, 2 do out[#out + 1] = {flat[i], split(flat[i + 1], S_REST)} end
  table.sort(out, function(a, b) return tonumber(a[2][S_ORDER]) < tonumber(b[2][S_ORDER]) end)
  return out
end

local function set_subtask(site, task_id, id, subtask, state)
  local member = task_id .. '/' .. id
  if subtask[S_STATE] == 'ready' then redis.call('ZREM', site.key('ready'), member) end
  if state == 'ready' then redis.call('ZADD', site.key('ready'), subtask[S_ORDER], member) end
  subtask[S_STATE] = state
  redis.call('HSET', site.key('subs:' .. task_id), id, join(subtask))
end

local function cancel_unclaimed(site, task_id, below)
  local cancelled = {}
  for _, entry in ipairs(subtasks_of(site, task_id)) do
    local id, subtask = entry[1], entry[2]
    if (subtask[S_STATE] == 'waiting' or subtask[S_STATE] == 'ready')
        and (not below or tonumber(subtask[S_PLAN]) < below) then
      set_subtask(site, task_id, id, subtask, 'cancelled')
      cancelled[#cancelled + 1] = id
    end
  end
  return cancelled
end

local function set_task(site, args)
  local id, state, reason, code = args[3], args[4], args[5], args[6]
  local task = known_task(site, id)
  check_lease(site, args[7], args[8], args[9])
  if TERMINAL[task[T_STATE]] then
    if task[T_STATE] ~= state then
      refuse('TASK_ENDED', 'task ' .. q(id) .. ' has ended as ' .. task[T_STATE] .. ', it cannot become ' .. state,
        one(id, q(state)), one(id, q(task[T_STATE])))
    end
    return {'OK', task_json(task)}
  end
  if task[T_STATE] == state and task[T_REASON] == reason and task[T_CODE] == code then
    return {'OK', task_json(task)}
  end
  if TERMINAL[state] then cancel_unclaimed(site, id) end
  task[T_STATE], task[T_REASON], task[T_CODE] = state, reason, code
  return put_task(site, id, task)
end

-- plans and attempts -------------------------------------------------------------------------------------------

-- Reads (id, depends_on separated by spaces, members that never change)...; counts what is not met yet.
local function read_plan(site, task_id, args, at)
  local subtasks, new = {}, {}
  for _ = 1, tonumber(args[at]) do
    subtasks[#subtasks + 1] = {id = args[at + 1], needs = args[at + 2], rest = args[at + 3], unmet = 0}
    new[args[at + 1]] = true
    at = at + 3
  end
  local key = site.key('subs:' .. task_id)
  for _, subtask in ipairs(subtasks) do
    if redis.call('HEXISTS', key, subtask.id) == 1 then
      refuse('PLAN_INVALID', 'subtask ' .. q(subtask.id) .. ' exists already in task ' .. q(task_id)
        .. ': ids are unique across plan versions')
    end
    for need in string.gmatch(subtask.needs, '%S+') do
      local old = record(key, need, S_REST)
      local state = new[need] and 'new' or old and old[S_STATE] or 'unknown to the task'
      -- What is unclaimed in an older plan is cancelled by this one, so nothing can wait for it.
      if state ~= 'new' and state ~= 'claimed' and state ~= 'succeeded' then
        refuse('PLAN_DANGLING', 'subtask ' .. q(subtask.id) .. ' depends on ' .. q(need) .. ', which is ' .. state
          .. ': depend on subtasks of this plan, or on running or succeeded ones')
      end
      if state ~= 'succeeded' then subtask.unmet = subtask.unmet + 1 end
    end
  end
  return subtasks
end

local function open(site, args)
  local task_id, version, reasoning = args[3], tonumber(args[4]), args[5]
  local task = known_task(site, task_id)
  check_lease(site, args[6], args[7], args[8])
  local newest = tonumber(task[T_PLAN])
  if version == newest then return {'OK'} end
  if TERMINAL[task[T_STATE]] then
    refuse('TASK_ENDED', 'task ' .. q(task_id) .. ' is ' .. task[T_STATE] .. ': it takes no further plan')
  end
  if version < newest then
    refuse('PLAN_VERSION', 'plan ' .. int(version) .. ' of task ' .. q(task_id) .. ' is older than ' .. int(newest)
      .. ': use ' .. int(newest + 1))
  end
  local subtasks = read_plan(site, task_id, args, 9)
  local cancelled = cancel_unclaimed(site, task_id, version)
  local opened = {}
  for i, subtask in ipairs(subtasks) do
    local order = redis.call('HINCRBY', site.meta, 'order', 1)
    local fields = {'waiting', '0', int(subtask.unmet), int(order), int(version), subtask.rest}
    set_subtask(site, task_id, subtask.id, fields, subtask.unmet == 0 and 'ready' or 'waiting')
    for need in string.gmatch(subtask.needs, '%S+') do
      local key = site.key('next:' .. task_id)
      redis.call('HSET', key, need, (redis.call('HGET', key, need) or '') .. subtask.id .. ' ')
    end
    opened[i] = subtask_json(fields)
  end
  task[T_PLAN], task[T_UPDATED] = int(version), site.time
  redis.call('HSET', site.key('tasks'), task_id, join(task))
  emit(site, 'plan', '', '{"task":' .. q(task_id) .. ',"version":' .. int(version) .. ',"subtasks":['
    .. table.concat(opened, ',') .. '],"reasoning":' .. reasoning .. ',"cancelled":' .. names_json(cancelled) .. '}')
  return {'OK'}
end

local function claim(site, args)
  local task_id, id, robot, owner = args[3], args[4], args[5], args[7]
  check_lease(site, args[6], owner, args[8])
  known_task(site, task_id)
  local subtask = record(site.key('subs:' .. task_id), id, S_REST)
  if not subtask then refuse('SUBTASK_UNKNOWN', 'task ' .. q(task_id) .. ' has no subtask ' .. q(id)) end
  if subtask[S_STATE] ~= 'ready' then
    refuse('NOT_READY', 'subtask ' .. q(id) .. ' of task ' .. q(task_id) .. ' is ' .. subtask[S_STATE]
      .. ', not ready', one(id, '"ready"'), one(id, q(subtask[S_STATE])))
  end
  local busy = redis.call('HGET', site.key('busy'), robot)
  if busy then
    refuse('ROBOT_BUSY', 'robot ' .. q(robot) .. ' runs ' .. q(busy) .. ': wait for its end',
      one(robot, 'null'), one(robot, q(busy)))
  end
  local fence = redis.call('HINCRBY', site.meta, 'fence', 1)
  local order = redis.call('HINCRBY', site.meta, 'order', 1)
  subtask[S_ATTEMPTS] = int(tonumber(subtask[S_ATTEMPTS]) + 1)
  local field = id .. '/' .. subtask[S_ATTEMPTS]
  local attempt = {'claimed', int(fence), robot, int(order), site.time, '0', '', 'null'}
  redis.call('HSET', site.key('atts:' .. task_id), field, join(attempt))
  redis.call('HSET', site.key('busy'), robot, task_id .. '/' .. field)
  set_subtask(site, task_id, id, subtask, 'claimed')
  local json = attempt_json(task_id, field, attempt)
  return {'OK', emit(site, 'attempt', owner, json), json}
end

local function release_dependents(site, task_id, done)
  local ready = {}
  local names = redis.call('HGET', site.key('next:' .. task_id), done) or ''
  for id in string.gmatch(names, '%S+') do
    local subtask = record(site.key('subs:' .. task_id), id, S_REST)
    subtask[S_UNMET] = int(tonumber(subtask[S_UNMET]) - 1)
    local free = subtask[S_UNMET] == '0' and subtask[S_STATE] == 'waiting'
    set_subtask(site, task_id, id, subtask, free and 'ready' or subtask[S_STATE])
    if free then ready[#ready + 1] = id end
  end
  return ready
end

local function end_of(code)
  if code == 'succeeded' or code == 'cancelled' then return code end
  return code == 'lost' and 'unknown' or 'failed'
end

local function check_attempt(attempt, name, fence, code)
  if not attempt then refuse('ATTEMPT_UNKNOWN', 'there is no attempt ' .. q(name)) end
  if attempt[A_FENCE] ~= fence then
    refuse('STALE_FENCE', 'fence ' .. fence .. ' is not that of attempt ' .. q(name))
  end
  if attempt[A_CODE] ~= '' and attempt[A_CODE] ~= code then
    refuse('ATTEMPT_ENDED', 'attempt ' .. q(name) .. ' has ended as ' .. attempt[A_CODE] .. ', it cannot end as '
      .. code, one(name, q(code)), one(name, q(attempt[A_CODE])))
  end
end

-- task, subtask/number, fence, code, outcome, retry, lease name, owner, fence, change...
local function commit(site, args)
  local task_id, field, fence, code, outcome, retry = args[3], args[4], args[5], args[6], args[7], args[8]
  check_lease(site, args[9], args[10], args[11])
  local attempt = record(site.key('atts:' .. task_id), field, A_OUTCOME)
  check_attempt(attempt, task_id .. '/' .. field, fence, code)
  if attempt[A_CODE] ~= '' then return {'OK', version_of(site), 1} end
  if args[12] then write_change(site, 'commit', check_change(site, (read_change(args, 12)))) end
  local state = end_of(code)
  attempt[A_STATE], attempt[A_CODE], attempt[A_OUTCOME], attempt[A_ENDED] = state, code, outcome, site.time
  redis.call('HSET', site.key('atts:' .. task_id), field, join(attempt))
  if redis.call('HGET', site.key('busy'), attempt[A_ROBOT]) == task_id .. '/' .. field then
    redis.call('HDEL', site.key('busy'), attempt[A_ROBOT])
  end
  local id = string.match(field, '^(.-)/')
  local subtask = record(site.key('subs:' .. task_id), id, S_REST)
  local new = state
  if retry == '1' and state ~= 'succeeded' then
    new = TERMINAL[known_task(site, task_id)[T_STATE]] and 'cancelled' or 'ready'
  end
  set_subtask(site, task_id, id, subtask, new)
  local ready = state == 'succeeded' and release_dependents(site, task_id, id) or {}
  local seq = emit(site, 'attempt', attempt[A_ROBOT], attempt_json(task_id, field, attempt))
  return {'OK', seq, 0, ready}
end

local function attempts_json(site, task_id, running)
  local flat, out = redis.call('HGETALL', site.key('atts:' .. task_id)), {}
  for i = 1, #flat, 2 do
    local attempt = split(flat[i + 1], A_OUTCOME)
    if not running or attempt[A_CODE] == '' then
      out[#out + 1] = {tonumber(attempt[A_ORDER]), attempt_json(task_id, flat[i], attempt)}
    end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  for i, entry in ipairs(out) do out[i] = entry[2] end
  return {'OK', out}
end

local function cancel_open(site, args)
  local task_id = args[3]
  known_task(site, task_id)
  check_lease(site, args[4], args[5], args[6])
  local cancelled = cancel_unclaimed(site, task_id)
  if #cancelled > 0 then
    emit(site, 'note', '', '{"text":"unclaimed subtasks cancelled","task":' .. q(task_id) .. ',"cancelled":'
      .. names_json(cancelled) .. '}')
  end
  return attempts_json(site, task_id, true)
end
