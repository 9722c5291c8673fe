"""100,000 times: the first event of a new user is acknowledged, and the next request, on another connection, must know him.

No request says a position to wait for. 256 trials are under way at once on 16 connections. What the apply step adds comes
from the daemon's own histogram, from durable to visible.
"""

import json
import subprocess

from daemon import Daemon, program
from pairs import Missing, row, tell

TRIALS = 100_000


def run(options, scratch):
    with Daemon(scratch) as magpie:
        words = [program("magpie-load"), "--port", magpie.port, "--freshness", TRIALS, "-c", 256, "--connections", 16, "--json"]
        done = subprocess.run(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        if done.returncode not in (0, 4):
            raise Missing(f"magpie-load ended with status {done.returncode}: {done.stderr.strip()[-300:]}")
        report = json.loads(done.stdout)
    visible, whole = report["daemon"]["durable_to_visible"], report["daemon"]["received_to_visible"]
    tell(f"{report['trials']} trials in {report['seconds']:.1f} s; acknowledged after {report['acknowledgement']['p50_us'] / 1000:.1f} ms "
         f"(p50), {report['acknowledgement']['p99_us'] / 1000:.1f} ms (p99)")
    for example in report["examples"]:
        tell(example)
    return [
        row("next request sees the event", report["fresh"], TRIALS, "trials", 1.0),
        # Of everything between arrival and visibility, nearly all is the disk's: a tenth is what applying may add.
        row("durable to visible, p50, against arrival to visible", visible["p50_us"], whole["p50_us"], "µs", 0.1, True),
        row("durable to visible, p99, against arrival to visible", visible["p99_us"], whole["p99_us"], "µs", 0.1, True),
    ]
