"""Recommend on a generation trained on Gowalla: 29,858 users with their histories, 40,981 items, k = 20, seen items hidden,
default steps, one process with the load generator on the same two cores.

Closed loop to saturation for the processor time of a request (the daemon's own, from the kernel); then an open loop at half
that rate, against Redis GET of a stored value of 1 KB at the same rate (peers/get.c, from the intended moment as well). The trained directory is made once and kept in the cache.
"""

import os
import statistics
import subprocess

from daemon import Redis, compiled, prepared, program
from pairs import Missing, paired_row, row, tell

SECONDS = 4
USERS = 29_858
EPOCH = 1_600_000_000


def run(options, scratch):
    source = os.path.join(options.data or "", "gowalla/train_full.txt")
    if not options.data or not os.path.isfile(source):
        raise Missing("give the directory that holds gowalla/train_full.txt: --data DIR, or MAGPIE_BENCH_DATA.")
    getter = compiled("get", scratch)
    learned = prepared("recommend", scratch, lambda magpie: learn(magpie, source, scratch))
    if options.prepare:
        return []
    with learned as magpie, Redis(scratch) as redis:
        common = ["--mix", "recommend", "--cold", 0, "--users", USERS, "--zipf-users", 0, "-k", 20, "--seen", "hide"]
        subprocess.run(
            ["redis-cli", "-p", redis.port, "SET", "list", "x" * 1024], check=True, stdout=subprocess.DEVNULL)
        costs, rates = [], []
        # Memory and expectations of the read path warm up first.
        magpie.load("--closed", "-c", 8, "--connections", 8, *common, "--duration", 2, "--warmup", 0)
        for _ in range(options.runs):
            before = processor_seconds(magpie)
            report = magpie.load("--closed", "-c", 8, "--connections", 8, *common, "--duration", SECONDS, "--warmup", 0)
            costs.append((processor_seconds(magpie) - before) / report["total"]["ok"] * 1e6)
            rates.append(report["achieved_rate"])
            tell(f"{rates[-1]:.0f} requests/s, {costs[-1]:.0f} µs of processor time each")
        for latency in magpie.status()["latencies"]:
            if latency["name"].startswith("step."):
                tell(f"{latency['name']}: median {latency['p50_us']:.0f} µs, p99 {latency['p99_us']:.0f} µs")
        half = statistics.median(rates) / 2
        left, right = [], []
        for _ in range(options.runs):
            report = magpie.load("--rate", round(half), *common, "--duration", SECONDS, "--warmup", 1)
            left.append({"p99": report["total"]["latency"]["p99_us"]})
            words = [getter, redis.port, str(round(half)), str(SECONDS + 1)]
            out = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
            right.append({"p99": float(out.split()[1])})
    return [
        row("processor time of a request", statistics.median(costs), 400.0, "µs", 1.0, lower_is_better=True),
        paired_row(f"p99 at {half:.0f} requests/s, Redis GET", left, right, "p99", "µs", 5.0, lower_is_better=True),
    ]


def learn(magpie, source, scratch):
    """Sends the data and trains."""
    path = os.path.join(scratch, "events.csv")
    with open(source) as lines, open(path, "w") as out:
        out.write("user,item,timestamp\n")
        for line in lines:
            user, *items = (int(word) for word in line.split())
            for place, item in enumerate(items):
                # The file has no times: a day between one item and the next, everybody ending together.
                out.write(f"u{user + 1},i{item + 1},{EPOCH - (len(items) - place) * 86400}\n")
    address = ["--port", magpie.port]
    for words in (["import", path, "--kind", "events", "--type", "purchase"], ["train", "--wait"]):
        done = subprocess.run(
            [program("magpie"), *words, *address], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Missing(f"magpie {words[0]} ended with status {done.returncode}: {done.stderr.strip()[-300:]}")
        tell(f"magpie {words[0]}: done")


def processor_seconds(magpie):
    with open(f"/proc/{magpie.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
