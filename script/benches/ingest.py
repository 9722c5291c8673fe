"""Durable Ingest: batches of 1, 100 and 1000 events from 1, 16 and 64 connections, against a C program that does nothing
but append as many bytes and fdatasync, a group at a time, and against Redis XADD with appendfsync always.

The bytes of an event are what our own log grew by; the C program's group is one batch of every connection. Redis gets
entries of 200 bytes, a batch as a pipeline, from redis-benchmark.
"""

import os
import shutil
import subprocess

from daemon import Daemon, Redis
from pairs import Missing, paired_row, tell

SECONDS = 2
ENTRY = "x" * 200


def run(options, scratch):
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Missing("there is no C compiler: apt-get install gcc.")
    bare = os.path.join(scratch, "append")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "append.c")
    subprocess.run([compiler, "-O2", "-o", bare, source], check=True)
    file = os.path.join(scratch, "appended")
    rows = []
    with Daemon(scratch) as magpie, Redis(scratch, durable=True) as redis:
        for batch in (1, 100, 1000):
            for connections in (1, 16, 64):
                def ours():
                    report = magpie.load(
                        "--closed", "-c", connections, "--connections", connections, "--mix", "ingest", "--batch", batch,
                        "--duration", SECONDS, "--warmup", 0.5)
                    return {"rate": report["achieved_rate"] * batch, "sent": report["events_sent"]}

                before = magpie.log_bytes()
                sent = ours()["sent"]
                size = max(1, round((magpie.log_bytes() - before) / max(1, sent)))
                group = size * batch * connections
                left, plain, streams = [], [], []
                for _ in range(options.runs):
                    left.append(ours())
                    words = [bare, file, str(group), str(SECONDS)]
                    groups = float(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
                    plain.append({"rate": groups * batch * connections})
                    wanted = max(200, int(left[-1]["rate"] * SECONDS / 2))
                    streams.append({"rate": redis.benchmark(
                        connections, batch, wanted, "XADD", "events", "MAXLEN", "~", "100000", "*", "e", ENTRY)})
                label = f"batch {batch}, {connections} connections"
                tell(f"{label}: {size} bytes an event in our log")
                rows.append(paired_row(f"{label}, append + fdatasync", left, plain, "rate", "events/s", 0.8))
                rows.append(paired_row(f"{label}, Redis XADD", left, streams, "rate", "events/s", 2.0))
    return rows
