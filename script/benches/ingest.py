"""Durable Ingest: batches of 1, 100 and 1000 events from 1, 16 and 64 connections, against a C program that does nothing
but append as many bytes and fdatasync, a group at a time, and against Redis XADD with appendfsync always.

The bytes of an event are what our own log grew by; the C program's group is one batch of every connection. Redis gets
entries of 200 bytes, a batch as a pipeline, from redis-benchmark.
"""

import os

from daemon import Daemon, Redis, compiled, number_of
from pairs import paired_row, tell

SECONDS = 0.8
ENTRY = "x" * 200


def run(options, scratch):
    bare = compiled("append", scratch)
    file = os.path.join(scratch, "appended")
    rows = []
    with Daemon(scratch) as magpie, Redis(scratch, durable=True) as redis:
        for batch in (1, 100, 1000):
            for connections in (1, 16, 64):
                def ours():
                    report = magpie.load(
                        "--closed", "-c", connections, "--connections", connections, "--mix", "ingest", "--batch", batch,
                        "--duration", SECONDS, "--warmup", 0.2)
                    return {"rate": report["achieved_rate"] * batch, "sent": report["events_sent"]}

                before = magpie.log_bytes()
                first = ours()
                size = max(1, round((magpie.log_bytes() - before) / max(1, first["sent"])))
                group = size * batch * connections
                left, plain, streams = [], [], []
                for _ in range(options.runs):
                    left.append(ours())
                    groups = number_of([bare, file, group, SECONDS / 2])
                    plain.append({"rate": groups * batch * connections})
                    wanted = max(batch * connections, int(left[-1]["rate"] * SECONDS / 2))
                    streams.append({"rate": redis.benchmark(
                        connections, batch, wanted, "XADD", "events", "MAXLEN", "~", "100000", "*", "e", ENTRY)})
                label = f"batch {batch}, {connections} connections"
                tell(f"{label}: {size} bytes an event in our log")
                rows.append(paired_row(f"{label}, append + fdatasync", left, plain, "rate", "events/s", 0.8))
                rows.append(paired_row(f"{label}, Redis XADD", left, streams, "rate", "events/s", 2.0))
    return rows
