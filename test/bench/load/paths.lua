-- Asks for the paths of a file in turn. wrk calls init once a thread with what stands after "--" on its command line.
local requests = {}
local turn = 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format('GET', path)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format('RESULT %d %d %d %d', summary.requests, summary.duration, errors.status, broken))
end
