-- Writing whole nodes as plain JSON, for clients in any language. What `apply` trusts our own clients to have checked is
-- checked here: what one language writes, every other must be able to read.

local KINDS = {site = 1, building = 1, floor = 1, room = 1, receptacle = 1, object = 1, robot = 1, person = 1}
local RELATIONS = {['in'] = 1, inside = 1, on = 1, held_by = 1}
local MAX_DEPTH = 32

local function bad(id, what) refuse('SCENE_INVALID', 'node ' .. q(id) .. ': ' .. what) end

local function finite(value)
  return type(value) == 'number' and value > -math.huge and value < math.huge
end

-- UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. cjson does not look.
local function is_utf8(text)
  local at = 1
  while true do
    at = string.find(text, '[\128-\255]', at)
    if not at then return true end
    local a, b, c, d = string.byte(text, at, at + 3)
    local function more(x) return x and x >= 128 and x < 192 end
    if a >= 194 and a <= 223 and more(b) then at = at + 2
    elseif a >= 224 and a <= 239 and more(b) and more(c) and not (a == 224 and b < 160) and not (a == 237 and b > 159)
    then at = at + 3
    elseif a >= 240 and a <= 244 and more(b) and more(c) and more(d) and not (a == 240 and b < 144)
      and not (a == 244 and b > 143) then at = at + 4
    else return false end
  end
end

-- cjson also takes NaN, Infinity, 0x10 and +1; JSON does not. Strings are left out of what is looked at.
local function is_strict(text)
  local plain, at = {}, 1
  while true do
    local open = string.find(text, '"', at, true)
    plain[#plain + 1] = string.sub(text, at, (open or 0) - 1)
    if not open then break end
    local close = open
    repeat
      close = string.find(text, '["\\]', close + 1)
      local escaped = string.sub(text, close, close) == '\\'
      if escaped then close = close + 1 end
    until not escaped
    at = close + 1
  end
  for word in string.gmatch(table.concat(plain, ' '), '[^%s%[%]{}:,]+') do
    local whole = string.match(word, '^%-?(%d+)%.?%d*[eE]?[+-]?%d*$')
    if word ~= 'true' and word ~= 'false' and word ~= 'null' then
      if not whole or (#whole > 1 and string.sub(whole, 1, 1) == '0') or string.find(word, '%.[eE]')
        or string.find(word, '[%.eE+-]$') or string.find(word, '%d[+-]') then return false end
    end
  end
  return true
end

local function check_deep(id, value, depth)
  if depth > MAX_DEPTH then bad(id, 'attributes are nested deeper than ' .. MAX_DEPTH .. ' levels') end
  if type(value) == 'table' then
    for _, inner in pairs(value) do check_deep(id, inner, depth + 1) end
  elseif type(value) == 'number' and not finite(value) then
    bad(id, 'a number is too large for a double')
  end
end

local function parsed(id, text, what)
  if #text > MAX_NODE_BYTES then
    refuse('SCENE_TOO_LARGE', 'node ' .. q(id) .. ' has ' .. #text .. ' bytes of ' .. what .. ', at most '
      .. MAX_NODE_BYTES .. ' are taken: keep blobs outside, by hash')
  end
  if string.find(text, '[%z\1-\31]') then bad(id, what .. ' has control characters: send JSON without line breaks') end
  if not is_utf8(text) then bad(id, what .. ' is not UTF-8') end
  local done, value = pcall(cjson.decode, text)
  if not done or type(value) ~= 'table' or string.find(text, '^%s*{') == nil or not is_strict(text) then
    bad(id, what .. ' is not a JSON object')
  end
  check_deep(id, value, 1)
  return value
end

local function checked_id(id)
  if #id < 1 or #id > 128 or string.find(id, '[%z\1-\31\127{}*]') or not is_utf8(id) then
    refuse('BAD_ID', q(string.sub(id, 1, 200)) .. ' is no node id: 1 to 128 bytes of printable text without braces or '
      .. 'stars')
  end
  return id
end

local function number_text(value) return string.format('%.17g', value) end

local function given_pose(id, pose)
  if pose == nil or pose == cjson.null then return 'null' end
  local full = {x = pose.x, y = pose.y, z = pose.z or 0, qx = pose.qx or 0, qy = pose.qy or 0, qz = pose.qz or 0,
    qw = pose.qw or 1}
  for name in pairs(pose) do
    if full[name] == nil then bad(id, 'pose has no ' .. q(name)) end
  end
  for _, name in ipairs({'x', 'y', 'z', 'qx', 'qy', 'qz', 'qw'}) do
    if not finite(full[name]) then bad(id, 'pose.' .. name .. ' must be a finite number, metres in frame map') end
  end
  local norm = math.sqrt(full.qx * full.qx + full.qy * full.qy + full.qz * full.qz + full.qw * full.qw)
  if norm < 0.99 or norm > 1.01 then bad(id, 'the quaternion of the pose has norm ' .. number_text(norm) .. ', not 1') end
  return pose_json(full)
end

local function given_states(id, states)
  if type(states) ~= 'table' then bad(id, 'states must be an object') end
  for name, value in pairs(states) do
    local kind = type(value)
    if type(name) ~= 'string' or (kind ~= 'boolean' and kind ~= 'string' and not finite(value)) then
      bad(id, 'state ' .. q(name) .. ' must be a boolean, a string or a finite number')
    end
  end
  return next(states) == nil and '{}' or states_json(states)
end

local HEAD = {id = 1, kind = 1, type = 1, parent = 1, relation = 1, pose = 1, size = 1, states = 1, confidence = 1,
  last_seen_s = 1, source = 1}

local function absent(value) return value == nil or value == cjson.null end

local function given_rest(id, node, attributes)
  local rest = '"id":' .. q(id) .. ',"kind":' .. q(node.kind) .. ',"type":' .. q(node.type)
  if not absent(node.size) then
    local size = node.size
    if type(size) ~= 'table' or #size ~= 3 or not (finite(size[1]) and finite(size[2]) and finite(size[3])) then
      bad(id, 'size must be three finite numbers, metres')
    end
    rest = rest .. ',"size":[' .. number_text(size[1]) .. ',' .. number_text(size[2]) .. ',' .. number_text(size[3]) .. ']'
  end
  if not string.find(attributes, '^%s*{%s*}%s*$') then rest = rest .. ',"attributes":' .. attributes end
  if not absent(node.confidence) then
    if not finite(node.confidence) or node.confidence < 0 or node.confidence > 1 then
      bad(id, 'confidence must be from 0 to 1')
    end
    rest = rest .. ',"confidence":' .. number_text(node.confidence)
  end
  if not absent(node.last_seen_s) then
    if not finite(node.last_seen_s) then bad(id, 'last_seen_s must be a finite number, seconds') end
    rest = rest .. ',"last_seen_s":' .. number_text(node.last_seen_s)
  end
  return rest
end

local function given_record(head, attributes)
  local node = parsed('?', head, 'the node')
  if type(node.id) ~= 'string' then bad('?', 'id must be a string') end
  local id = checked_id(node.id)
  for name in pairs(node) do
    if not HEAD[name] then bad(id, 'there is no field ' .. q(name) .. '; attributes are an argument of their own') end
  end
  if not KINDS[node.kind] then bad(id, 'kind is not one of site, building, floor, room, receptacle, object, robot, person') end
  if type(node.type) ~= 'string' or #node.type < 1 or #node.type > 64 then bad(id, 'type must be 1 to 64 bytes') end
  local parent, relation = '', ''
  if absent(node.parent) ~= absent(node.relation) then bad(id, 'parent and relation go together') end
  if not absent(node.parent) then
    parent, relation = checked_id(tostring(node.parent)), node.relation
    if not RELATIONS[relation] then bad(id, 'relation is not one of in, inside, on, held_by') end
  end
  parsed(id, attributes, 'attributes')
  local source = absent(node.source) and 'plan' or node.source
  if type(source) ~= 'string' then bad(id, 'source must be a string') end
  return {id, {'0', node.kind, relation, parent, '"source":' .. q(source) .. ',\n"pose":'
    .. given_pose(id, node.pose) .. ',\n"states":' .. given_states(id, absent(node.states) and {} or node.states)
    .. ',\n' .. given_rest(id, node, attributes)}}
end

-- source, number of nodes, then (node, attributes) of each as JSON objects, number of removals, then their ids, then
-- (id, version) of each node whose version the writer relies on.
local function put(site, args)
  local change, at = {source = args[3], puts = {}, removes = {}}, 5
  if not args[3] or not is_utf8(args[3]) or string.find(args[3], '%c') then
    refuse('SCENE_INVALID', 'source must be UTF-8 text without control characters')
  end
  local count = tonumber(args[4])
  if not count then refuse('SCENE_INVALID', 'the number of nodes is missing') end
  for _ = 1, count do
    if not args[at + 1] then refuse('SCENE_INVALID', 'a node needs two arguments: its fields and its attributes') end
    change.puts[#change.puts + 1] = given_record(args[at], args[at + 1])
    at = at + 2
  end
  for _ = 1, tonumber(args[at] or '0') or 0 do
    at = at + 1
    change.removes[#change.removes + 1] = args[at]
  end
  check_expected(site, args, at + 1)
  return {'OK', write_change(site, 'apply', check_change(site, change))}
end
