-- The scene: a forest of nodes, one record each. `memory/local/scene_ops.py` is the same in Python.

-- A node's record is five fields. The last is JSON members, ready to be put into an event as they are: source, pose,
-- states and the members that never change, one per line (a newline is a blank to JSON).
local MAX_NODE_BYTES = 1048576
local VERSION, KIND, RELATION, PARENT, TAIL = 1, 2, 3, 4, 5
local SOURCE, POSE, STATES, REST = 1, 2, 3, 4

local function fields_of(raw) return {string.match(raw, '^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$')} end

local function load(site, id)
  local record = site.cache[id]
  if record == nil then
    local raw = redis.call('HGET', site.nodes, id)
    record = raw and fields_of(raw) or false
    site.cache[id] = record
  end
  return record
end

local function known(site, id)
  local record = load(site, id)
  if not record then refuse('SCENE_UNKNOWN', q(id) .. ' is not in the scene') end
  return record
end

local function node_json(record)
  local parent, relation = 'null', 'null'
  if record[PARENT] ~= '' then parent, relation = q(record[PARENT]), q(record[RELATION]) end
  return '{"version":' .. record[VERSION] .. ',"parent":' .. parent .. ',"relation":' .. relation .. ','
    .. record[TAIL] .. '}'
end

local function check_same_thing(id, before, after)
  if before[KIND] ~= after[KIND] then
    refuse('SCENE_INVARIANT', q(id) .. ' is a ' .. before[KIND] .. ', it cannot become a ' .. after[KIND]
      .. ': give the new thing a new id')
  end
  if before[RELATION] == 'held_by' and after[RELATION] == 'held_by' and before[PARENT] ~= after[PARENT] then
    refuse('SCENE_HELD', q(id) .. ' is held by ' .. q(before[PARENT]) .. ', ' .. q(after[PARENT])
      .. ' cannot take it', '{' .. q(id) .. ':' .. q(after[PARENT]) .. '}',
      '{' .. q(id) .. ':' .. q(before[PARENT]) .. '}')
  end
end

local function check_parent(site, id, record, rooted)
  local holder = load(site, record[PARENT])
  if not holder then
    refuse('SCENE_INVARIANT', 'parent ' .. q(record[PARENT]) .. ' of ' .. q(id)
      .. ' is not in the scene: put it first or in the same change')
  end
  if record[RELATION] == 'held_by' and holder[KIND] ~= 'robot' and holder[KIND] ~= 'person' then
    refuse('SCENE_INVARIANT', q(id) .. ' cannot be held by ' .. q(record[PARENT]) .. ', which is a ' .. holder[KIND])
  end
  if rooted[record[PARENT]] then
    rooted[id] = true
    return
  end
  local path, at = {}, id
  while at ~= '' and not rooted[at] do
    if path[at] then refuse('SCENE_INVARIANT', q(id) .. ' would contain itself') end
    path[at] = true
    local here = load(site, at)
    at = here and here[PARENT] or ''
  end
  for member in pairs(path) do rooted[member] = true end
end

-- The change of one node, which most are.
local function check_put(site, id, before, record)
  if before then check_same_thing(id, before, record) end
  site.cache[id] = record
  if record[PARENT] ~= '' and not (before and before[PARENT] == record[PARENT]
    and before[RELATION] == record[RELATION]) then check_parent(site, id, record, {}) end
end

-- A change is {source, puts = {{id, record}...}, removes = {id...}}; returns it ready for write_change.
local function check_change(site, change)
  local before, kids, seen, rooted = {}, {}, {}, {}
  for _, id in ipairs(change.removes) do
    before[id] = load(site, id)
    seen[id] = true
  end
  for _, put in ipairs(change.puts) do
    local id = put[1]
    if seen[id] then
      refuse('SCENE_INVARIANT', q(id) .. ' stands twice in one change: a node is in one place')
    end
    seen[id] = true
    before[id] = load(site, id)
    if before[id] then check_same_thing(id, before[id], put[2]) end
  end
  for _, id in ipairs(change.removes) do site.cache[id] = false end
  for _, put in ipairs(change.puts) do site.cache[put[1]] = put[2] end
  local function relink(id, was, now)
    if was ~= now then
      if was ~= '' then kids[was] = (kids[was] or 0) - 1 end
      if now ~= '' then kids[now] = (kids[now] or 0) + 1 end
    end
  end
  for _, put in ipairs(change.puts) do
    local old, new = before[put[1]], put[2]
    local was = old and old[PARENT] or ''
    relink(put[1], was, new[PARENT])
    if new[PARENT] ~= '' and (was ~= new[PARENT] or not old or old[RELATION] ~= new[RELATION]) then
      check_parent(site, put[1], new, rooted)
    end
  end
  for _, id in ipairs(change.removes) do
    if before[id] then relink(id, before[id][PARENT], '') end
  end
  for _, id in ipairs(change.removes) do
    if before[id] then
      if redis.call('SCARD', site.key('kids:' .. id)) + (kids[id] or 0) > 0 then
        refuse('SCENE_INVARIANT', q(id) .. ' still contains nodes: move or remove them in the same change')
      end
    end
  end
  change.before = before
  return change
end

local function hand_over(site, id, before, after)
  if not (before and before[RELATION] == 'held_by') and not (after and after[RELATION] == 'held_by') then return end
  local hands = site.key('hands')
  if before and before[RELATION] == 'held_by' then
    local left = {}
    for held in string.gmatch(redis.call('HGET', hands, before[PARENT]) or '', '[^\n]+') do
      if held ~= id then left[#left + 1] = held end
    end
    if #left == 0 then
      redis.call('HDEL', hands, before[PARENT])
    else
      redis.call('HSET', hands, before[PARENT], join(left))
    end
  end
  if after and after[RELATION] == 'held_by' then
    local held = redis.call('HGET', hands, after[PARENT])
    redis.call('HSET', hands, after[PARENT], held and (held .. '\n' .. id) or id)
  end
end

-- One command for many members; Lua cannot unpack more than some thousands at once.
local function in_parts(command, key, members)
  for from = 1, #members, 2000 do
    redis.call(command, key, unpack(members, from, math.min(from + 1999, #members)))
  end
end

local function relink(kids, id, was, now)
  if was == now then return end
  if was ~= '' then
    kids.gone[was] = kids.gone[was] or {}
    table.insert(kids.gone[was], id)
  end
  if now ~= '' then
    kids.come[now] = kids.come[now] or {}
    table.insert(kids.come[now], id)
  end
end

local function write_kids(site, kids)
  for parent, ids in pairs(kids.gone) do in_parts('SREM', site.key('kids:' .. parent), ids) end
  for parent, ids in pairs(kids.come) do in_parts('SADD', site.key('kids:' .. parent), ids) end
end

-- The version at which a node that is new was removed before; '0' when it was never there.
local function came_back(site, id)
  if site.any_gone == nil then site.any_gone = redis.call('EXISTS', site.key('gone')) == 1 end
  if not site.any_gone then return '0' end
  local version = redis.call('HGET', site.key('gone'), id)
  if not version then return '0' end
  redis.call('HDEL', site.key('gone'), id)
  return version
end

local function write_put(site, op, source, id, before, record)
  local was, now = before and before[PARENT] or '', record[PARENT]
  local version = before and before[VERSION] or came_back(site, id)
  record[VERSION] = next_version(site)
  redis.call('HSET', site.nodes, id, join(record))
  hand_over(site, id, before, record)
  if was ~= now then
    if was ~= '' then redis.call('SREM', site.key('kids:' .. was), id) end
    if now ~= '' then redis.call('SADD', site.key('kids:' .. now), id) end
  end
  local head, node = '{"op":"' .. op .. '","put":[', node_json(record)
  return emit(site, 'scene', source, head .. node .. '],"remove":[],"was":{' .. q(id) .. ':' .. version .. '}}',
    #head + 1 .. '\n1\n' .. id .. '\n' .. #node)
end

local function write_change(site, op, change)
  local removed = {}
  for _, id in ipairs(change.removes) do
    if change.before[id] then removed[#removed + 1] = id end
  end
  if #change.puts == 0 and #removed == 0 then return version_of(site) end
  local seq = next_version(site)
  local head = '{"op":"' .. op .. '","put":['
  local puts, was, places = {}, {}, {int(#head + 1), int(#change.puts)}
  local records, kids = {}, {gone = {}, come = {}}
  for i, put in ipairs(change.puts) do
    local id, record, before = put[1], put[2], change.before[put[1]]
    record[VERSION] = seq
    records[#records + 1] = id
    records[#records + 1] = join(record)
    hand_over(site, id, before, record)
    relink(kids, id, before and before[PARENT] or '', record[PARENT])
    puts[i] = node_json(record)
    was[i] = q(id) .. ':' .. (before and before[VERSION] or came_back(site, id))
    places[#places + 1] = id
    places[#places + 1] = int(#puts[i])
  end
  for i, id in ipairs(removed) do
    local before = change.before[id]
    redis.call('HDEL', site.nodes, id)
    redis.call('HSET', site.key('gone'), id, seq)
    hand_over(site, id, before, nil)
    relink(kids, id, before[PARENT], '')
    was[#was + 1] = q(id) .. ':' .. before[VERSION]
    places[#places + 1] = id
    removed[i] = q(id)
  end
  in_parts('HSET', site.nodes, records)
  write_kids(site, kids)
  return emit(site, 'scene', change.source, head .. table.concat(puts, ',') .. '],"remove":['
    .. table.concat(removed, ',') .. '],"was":{' .. table.concat(was, ',') .. '}}', join(places))
end

-- source, (id, record without version)..., '', removed id..., ''
local function read_change(args, at)
  local change = {source = args[at], puts = {}, removes = {}}
  at = at + 1
  while args[at] ~= '' do
    change.puts[#change.puts + 1] = {args[at], fields_of('0\n' .. args[at + 1])}
    at = at + 2
  end
  at = at + 1
  while args[at] ~= '' do
    change.removes[#change.removes + 1] = args[at]
    at = at + 1
  end
  return change, at + 1
end

local function check_expected(site, args, at)
  local expected, actual = {}, {}
  for i = at, #args, 2 do
    local record = load(site, args[i])
    local version = record and record[VERSION] or '0'
    if version ~= args[i + 1] then
      expected[#expected + 1] = q(args[i]) .. ':' .. tostring(args[i + 1])
      actual[#actual + 1] = q(args[i]) .. ':' .. version
    end
  end
  if #expected > 0 then
    expected, actual = '{' .. table.concat(expected, ',') .. '}', '{' .. table.concat(actual, ',') .. '}'
    refuse('SCENE_CONFLICT', 'expected versions ' .. expected .. ', the store has ' .. actual .. ': read again',
      expected, actual)
  end
end

-- A change, then (id, version)... expected.
local function apply(site, args)
  local change, at = read_change(args, 3)
  check_expected(site, args, at)
  if #change.puts == 1 and #change.removes == 0 then
    local id, record = change.puts[1][1], change.puts[1][2]
    local before = load(site, id)
    check_put(site, id, before, record)
    return {'OK', write_put(site, 'apply', change.source, id, before, record)}
  end
  return {'OK', write_change(site, 'apply', check_change(site, change))}
end

-- The members of a record's tail: source, pose, states as JSON text, and the rest.
local function members(record)
  if not record.members then
    record.members = {string.match(record[TAIL], '^"source":([^\n]*),\n"pose":([^\n]*),\n"states":([^\n]*),\n(.*)$')}
  end
  return record.members
end

local function patched(record, at, changes)
  local is = members(record)
  local new = {changes[SOURCE], changes[POSE] or is[POSE], changes[STATES] or is[STATES], is[REST]}
  return {record[VERSION], record[KIND], at.relation or record[RELATION], at.parent or record[PARENT],
    '"source":' .. new[SOURCE] .. ',\n"pose":' .. new[POSE] .. ',\n"states":' .. new[STATES] .. ',\n' .. new[REST],
    members = new}
end

-- Poses are numbers; %.17g keeps every double, cjson would round to 14 digits.
local function pose_json(p)
  local out = {}
  for i, name in ipairs({'x', 'y', 'z', 'qx', 'qy', 'qz', 'qw'}) do
    if not (p[name] > -math.huge and p[name] < math.huge) then return 'null' end
    out[i] = '"' .. name .. '":' .. string.format('%.17g', p[name])
  end
  return '{' .. table.concat(out, ',') .. '}'
end

local function turn(a, b)  -- the quaternion product, normalised
  local w = a.qw * b.qw - a.qx * b.qx - a.qy * b.qy - a.qz * b.qz
  local x = a.qw * b.qx + a.qx * b.qw + a.qy * b.qz - a.qz * b.qy
  local y = a.qw * b.qy - a.qx * b.qz + a.qy * b.qw + a.qz * b.qx
  local z = a.qw * b.qz + a.qx * b.qy - a.qy * b.qx + a.qz * b.qw
  local norm = math.sqrt(w * w + x * x + y * y + z * z)
  return {qw = w / norm, qx = x / norm, qy = y / norm, qz = z / norm}
end

-- Where a thing is after what it is in has gone from one pose to another. `local/shift.py` is the same.
local function shifted(pose, from, to)
  local r = turn(to, {qw = from.qw, qx = -from.qx, qy = -from.qy, qz = -from.qz})
  local vx, vy, vz = pose.x - from.x, pose.y - from.y, pose.z - from.z
  local tx, ty, tz = 2 * (r.qy * vz - r.qz * vy), 2 * (r.qz * vx - r.qx * vz), 2 * (r.qx * vy - r.qy * vx)
  local out = turn(r, pose)
  out.x = to.x + (vx + r.qw * tx + (r.qy * tz - r.qz * ty))
  out.y = to.y + (vy + r.qw * ty + (r.qz * tx - r.qx * tz))
  out.z = to.z + (vz + r.qw * tz + (r.qx * ty - r.qy * tx))
  return out
end

-- What a moved node contains comes along: poses are shifted where both of its own are known, else they are forgotten.
local function carry(site, id, before, after, source, puts)
  local from_text, to_text = members(before)[POSE], members(after)[POSE]
  if from_text == to_text then return end
  local from, to
  if from_text ~= 'null' and to_text ~= 'null' then
    from, to = cjson.decode(from_text), cjson.decode(to_text)
    if from.x == to.x and from.y == to.y and from.z == to.z and from.qx == to.qx and from.qy == to.qy
      and from.qz == to.qz and from.qw == to.qw then return end
  end
  local level = {id}
  while #level > 0 do
    local below = {}
    for _, parent in ipairs(level) do
      for _, child in ipairs(redis.call('SMEMBERS', site.key('kids:' .. parent))) do below[#below + 1] = child end
    end
    table.sort(below)
    for _, child in ipairs(below) do
      local record = load(site, child)
      local pose = members(record)[POSE]
      if pose ~= 'null' then
        pose = from and pose_json(shifted(cjson.decode(pose), from, to)) or 'null'
        puts[#puts + 1] = {child, patched(record, {}, {[POSE] = pose, [SOURCE] = q(source)})}
      end
    end
    level = below
  end
end

local function write_one(site, op, source, id, record)
  if #record[TAIL] > MAX_NODE_BYTES then
    refuse('SCENE_TOO_LARGE', 'node ' .. q(id) .. ' would have ' .. #record[TAIL] .. ' bytes, at most '
      .. MAX_NODE_BYTES .. ' are taken: keep blobs outside, by hash')
  end
  local before, puts = load(site, id), {{id, record}}
  check_put(site, id, before, record)  -- before walking: no cycle
  carry(site, id, before, record, source, puts)
  if #puts == 1 then return {'OK', write_put(site, op, source, id, before, record)} end
  site.cache[id] = before
  return {'OK', write_change(site, op, check_change(site, {source = source, puts = puts, removes = {}}))}
end

-- A pose that was true at the old place is worse than none: readers then take the parent's.
local function pose_after(record, relation, parent, pose)
  if pose ~= '' then return pose end
  if record[RELATION] == relation and record[PARENT] == parent then return members(record)[POSE] end
  return 'null'
end

local function refuse_hand(relation)
  if relation ~= 'in' and relation ~= 'inside' and relation ~= 'on' then
    refuse('SCENE_INVARIANT', 'relation ' .. q(relation)
      .. ' is not one of in, inside, on: a robot takes things by grasp')
  end
end

local function move(site, args)
  local id, relation, parent, pose, source = args[3], args[4], args[5], args[6], args[7]
  local record = known(site, id)
  known(site, parent)
  refuse_hand(relation)
  if record[RELATION] == 'held_by' then
    refuse('SCENE_HELD', q(id) .. ' is held by ' .. q(record[PARENT]) .. ': let it place the thing',
      '{' .. q(id) .. ':null}', '{' .. q(id) .. ':' .. q(record[PARENT]) .. '}')
  end
  return write_one(site, 'move', source, id, patched(record, {relation = relation, parent = parent},
    {[POSE] = pose_after(record, relation, parent, pose), [SOURCE] = q(source)}))
end

local function grasp(site, args)
  local robot, id = args[3], args[4]
  local holder, record = known(site, robot), known(site, id)
  if holder[KIND] ~= 'robot' then
    refuse('SCENE_INVARIANT', q(robot) .. ' is a ' .. holder[KIND] .. ': only a robot can grasp')
  end
  if record[RELATION] == 'held_by' then
    if record[PARENT] == robot then return {'OK', version_of(site)} end
    refuse('SCENE_HELD', q(id) .. ' is held by ' .. q(record[PARENT]) .. ', ' .. q(robot) .. ' cannot take it',
      '{' .. q(id) .. ':' .. q(robot) .. '}', '{' .. q(id) .. ':' .. q(record[PARENT]) .. '}')
  end
  if record[KIND] ~= 'object' and record[KIND] ~= 'receptacle' then
    refuse('SCENE_INVARIANT', q(id) .. ' is a ' .. record[KIND] .. ': only objects and receptacles can be grasped')
  end
  local held = redis.call('HGET', site.key('hands'), robot)
  if held then
    held = string.match(held, '^[^\n]+')
    refuse('SCENE_HAND_FULL', q(robot) .. ' holds ' .. q(held) .. ', it must place that before it takes ' .. q(id),
      '{' .. q(robot) .. ':null}', '{' .. q(robot) .. ':' .. q(held) .. '}')
  end
  return write_one(site, 'grasp', robot, id, patched(record, {relation = 'held_by', parent = robot},
    {[POSE] = 'null', [SOURCE] = q(robot)}))
end

local function place(site, args)
  local robot, id, relation, parent, pose = args[3], args[4], args[5], args[6], args[7]
  local record = known(site, id)
  known(site, parent)
  refuse_hand(relation)
  if record[RELATION] ~= 'held_by' or record[PARENT] ~= robot then
    local holder = record[RELATION] == 'held_by' and q(record[PARENT]) or 'null'
    refuse('SCENE_NOT_HELD', q(robot) .. ' does not hold ' .. q(id) .. ': it must grasp it first',
      '{' .. q(id) .. ':' .. q(robot) .. '}', '{' .. q(id) .. ':' .. holder .. '}')
  end
  return write_one(site, 'place', robot, id, patched(record, {relation = relation, parent = parent},
    {[POSE] = pose_after(record, relation, parent, pose), [SOURCE] = q(robot)}))
end

-- States are flat: strings, booleans, numbers. %.17g keeps every double; cjson would round to 14 digits.
local function states_json(states)
  local names, out = {}, {}
  for name in pairs(states) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = states[name]
    local text
    if type(value) == 'number' then
      text = string.format('%.17g', value)
      if not string.find(text, '[%.e]') then text = text .. '.0' end
    else
      text = q(value)
    end
    out[i] = q(name) .. ':' .. text
  end
  return '{' .. table.concat(out, ',') .. '}'
end

local function set_states(site, args)
  local id, source = args[3], args[6]
  local record = known(site, id)
  local states = cjson.decode(members(record)[STATES])
  local expected, actual = {}, {}
  for name, value in pairs(cjson.decode(args[5])) do
    local is = states[name]
    if is == nil then is = false end
    if type(is) ~= type(value) or is ~= value then expected[name], actual[name] = value, is end
  end
  if next(expected) ~= nil then
    expected, actual = states_json(expected), states_json(actual)
    refuse('SCENE_CONFLICT', q(id) .. ' must have ' .. expected .. ' but has ' .. actual, expected, actual)
  end
  local news = cjson.decode(args[4])
  if next(news) == nil then return {'OK', version_of(site)} end
  for name, value in pairs(news) do states[name] = value end
  return write_one(site, 'set_states', source, id, patched(record, {}, {[STATES] = states_json(states),
    [SOURCE] = q(source)}))
end

local function set_open(site, args)
  local id, opened, source = args[3], args[4] == '1', args[5]
  local record = known(site, id)
  local is = members(record)
  local node = cjson.decode('{' .. is[REST] .. '}')
  if not node.attributes or node.attributes.openable ~= true then
    refuse('SCENE_INVARIANT', q(id) .. ' is not openable: only what has the attribute can be opened or closed')
  end
  local states = cjson.decode(is[STATES])
  if (states.open == true) == opened then return {'OK', version_of(site)} end
  states.open = opened
  return write_one(site, opened and 'open' or 'close', source, id, patched(record, {}, {
    [STATES] = states_json(states), [SOURCE] = q(source)}))
end

local function append(site, args) return {'OK', emit(site, args[3], args[4], args[5])} end
