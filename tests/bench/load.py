"""Drives a server with wrk: a closed loop of some connections, and what it found."""

import subprocess
import tempfile
from pathlib import Path

import msgspec

from tests.bench.scenarios import Scenario, token_of

# Requests are made beforehand, so that wrk only sends them.
SCRIPT = """
local made, n = {}, %d
function init(args)
  wrk.headers["Authorization"] = "Bearer %s"
  wrk.headers["Content-Type"] = "application/json"
  for line in io.lines("%s") do
    local path, body = line:match("^(%%S+) ?(.*)$")
    made[#made + 1] = wrk.format("%s", path, nil, body ~= "" and body or nil)
  end
end
function request() n = n %% #made + 1; return made[n] end
function done(summary, latency, requests)
  local bad = summary.errors
  local function ms(share) return latency:percentile(share) / 1e3 end
  local form = '{"requests":%%d,"seconds":%%f,"p50":%%f,"p95":%%f,"p99":%%f,"errors":%%d}'
  io.write("RESULT ", string.format(
    form, summary.requests, summary.duration / 1e6, ms(50), ms(95), ms(99),
    bad.connect + bad.read + bad.write + bad.timeout + bad.status
  ))
end
"""


class Found(msgspec.Struct):
    """Latencies in milliseconds. `errors` are answers above 399 and broken connections."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def drive(
    port: int, scenario: Scenario, connections: int, seconds: float, begin_at: int = 0
) -> Found:
    """`begin_at` is how many of the scenario's requests were sent before: they change no more."""
    with tempfile.TemporaryDirectory() as directory:
        script, lines = Path(directory) / "load.lua", Path(directory) / "requests"
        lines.write_text("\n".join(_requests(scenario)))
        script.write_text(SCRIPT % (begin_at, token_of(scenario.person), lines, scenario.method))
        options = f"-t1 -c{connections} -d{round(seconds)}s --timeout 30s -s {script}".split()
        printed = subprocess.run(
            ["wrk", *options, f"http://127.0.0.1:{port}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    return msgspec.json.decode(printed.partition("RESULT ")[2], type=Found)


def _requests(scenario: Scenario) -> list[str]:
    count = max(len(scenario.paths), len(scenario.bodies))
    paths = [scenario.paths[n % len(scenario.paths)] for n in range(count)]
    if not scenario.bodies:
        return paths
    bodies = [msgspec.json.encode(body).decode() for body in scenario.bodies]
    return [f"{path} {bodies[n % len(bodies)]}" for n, path in enumerate(paths)]
