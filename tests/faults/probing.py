"""`python -m tests.faults.probing PORT`: asks `/healthz` until its input ends; how long each took.

A process of its own, so that what it measures is the server and not the crowd beside it.
"""

import http.client
import json
import select
import sys
import time


def probe(port: int) -> list[float]:
    """Milliseconds."""
    took: list[float] = []
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
        took.append((time.perf_counter() - began) * 1000)
    return took


if __name__ == "__main__":
    sys.stdout.write(json.dumps(probe(int(sys.argv[1]))))
