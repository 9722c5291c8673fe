"""Unary Health.Check against redis-server PING: 1, 16 and 64 connections, 1 and 16 requests under way on each.

One client asks both (peers/ping.c): one thread and one epoll in C, a closed loop. Both are servers of one process with
the client on the same cores; ours with its default number of event loops, Redis with the one it has.
"""

from daemon import Daemon, Redis, compiled, number_of
from pairs import paired_row, tell

SECONDS = 1.25


def run(options, scratch):
    client = compiled("ping", scratch)
    rows = []
    with Daemon(scratch) as magpie, Redis(scratch) as redis:
        for depth, bar in ((1, 0.8), (16, 1.0)):
            for connections in (1, 16, 64):
                def rate(side, port):
                    return {"rate": number_of([client, side, port, connections, depth, SECONDS])}

                left, right = [], []
                for run in range(options.runs):
                    # Who begins changes from pair to pair.
                    turns = [(left, "magpie", magpie.port), (right, "redis", redis.port)]
                    for answers, side, port in turns if run % 2 == 0 else reversed(turns):
                        answers.append(rate(side, port))
                tell(f"{connections} connections, depth {depth}")
                rows.append(paired_row(
                    f"Check, {connections} connections, depth {depth}", left, right, "rate", "requests/s", bar))
    return rows
