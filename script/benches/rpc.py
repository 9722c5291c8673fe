"""Unary Health.Check against redis-server PING: 1, 16 and 64 connections, 1 and 16 requests under way on each.

Magpie is asked by magpie-load in a closed loop, Redis by redis-benchmark: each by its own client, because neither
speaks both. Both are servers of one process with the client on the same two cores.
"""

from daemon import Daemon, Redis
from pairs import paired_row, tell

SECONDS = 2


def run(options, scratch):
    rows = []
    with Daemon(scratch) as magpie, Redis(scratch) as redis:
        for depth, bar in ((1, 0.8), (16, 1.0)):
            for connections in (1, 16, 64):
                def ours():
                    report = magpie.load(
                        "--closed", "-c", connections * depth, "--connections", connections, "--in-flight", depth,
                        "--mix", "check", "--duration", SECONDS, "--warmup", 0.5)
                    return {"rate": report["achieved_rate"]}

                requests = max(1000, int(redis.benchmark(connections, depth, 20_000) * SECONDS))
                ours()
                left, right = [], []
                for _ in range(options.runs):
                    left.append(ours())
                    right.append({"rate": redis.benchmark(connections, depth, requests)})
                tell(f"{connections} connections, depth {depth}")
                rows.append(paired_row(
                    f"Check, {connections} connections, depth {depth}", left, right, "rate", "requests/s", bar))
    return rows
