"""p99 of Recommend while something else goes on, against the same rate in quiet, in pairs that take turns: while events are
taken at half of what the daemon can take, while a trainer runs, while a snapshot is made, while generations are switched.

Recommend at a tenth of what a closed loop reaches, open loop, latency from the intended moment. Everything, load generators
and trainer included, runs on the same cores.
"""

import json
import statistics
import subprocess
import threading

from daemon import Daemon, program
from pairs import paired_row, row, tell
from shop import READ, SETTINGS, WHO, Loading, magpie as command, open_shop

SECONDS = 4
BATCH = 100


def run(options, scratch):
    rows = []
    with Daemon(scratch, settings=SETTINGS) as daemon:
        open_shop(daemon)
        command(daemon, "train", "--wait")
        capacity = daemon.load("--closed", "-c", 16, "--connections", 8, *READ, "--duration", SECONDS, "--warmup", 1)
        taken = daemon.load(
            "--closed", "-c", 16, "--connections", 8, "--mix", "ingest", "--batch", BATCH, *WHO, "--duration", SECONDS)
        rate = max(20, round(capacity["achieved_rate"] / 10))
        half = max(1, round(taken["achieved_rate"] / 2))
        tell(f"{rate} Recommend/s; ingest at {half * BATCH:,} events/s, half of what it takes alone")
        def asked():
            report = daemon.load("--rate", rate, "--connections", 8, *READ, "--duration", SECONDS, "--warmup", 1)
            total = report["total"]
            missing = total["offered"] - total["ok"]
            return {"p99": total["latency"]["p99_us"], "missing": missing}

        def ingesting():
            beside = Loading(
                daemon, "--rate", half, "--connections", 8, "--mix", "ingest", "--batch", BATCH, *WHO, "--duration",
                SECONDS + 2, "--warmup", 0)
            answer = asked()
            report = beside.report()
            answer["missing"] += report["total"]["error"] + report["total"]["timed_out"] + report["total"]["shed"]
            return answer

        for name, measure in (
            ("ingesting at half capacity", ingesting),
            ("training", lambda: beside(asked, lambda: command(daemon, "train", "--wait"))),
            ("making snapshots", lambda: beside(asked, lambda: command(daemon, "snapshot", "create"))),
            ("switching generations", lambda: beside(asked, lambda: switch(daemon))),
        ):
            left, right = [], []
            for pair in range(options.runs):
                for side in ((left, measure), (right, asked))[:: 1 if pair % 2 else -1]:
                    side[0].append(side[1]())
                tell(f"{name}: p99 {left[-1]['p99'] / 1000:.2f} ms, quiet {right[-1]['p99'] / 1000:.2f} ms")
            rows.append(paired_row(f"p99 while {name}", left, right, "p99", "µs", 1.5, lower_is_better=True))
            rows.append(row(f"not answered well while {name}", sum(a["missing"] for a in left + right), 1.0, "", 0.0, True))
    return rows


def beside(asked, work):
    """Has `work` done again and again while `asked` goes on."""
    over, failures = threading.Event(), []

    def again():
        while not over.is_set():
            try:
                work()
            except Exception as failure:
                failures.append(failure)
                return

    thread = threading.Thread(target=again)
    thread.start()
    try:
        return asked()
    finally:
        over.set()
        thread.join()
        if failures:
            raise failures[0]


def switch(daemon):
    # Asked each time: training for the part before this one has put old ones away.
    listed = json.loads(command(daemon, "generations", "list", "--json"))
    for number in [row["number"] for row in listed["generations"]][:2]:
        command(daemon, "generations", "promote", number, "--force")
