"""Recommend on a generation trained on Gowalla: 29,858 users with their histories, 40,981 items, k = 20, seen items hidden,
default steps, one process with the load generator on the same two cores.

Closed loop to saturation for the processor time of a request (the daemon's own, from the kernel); then an open loop at half
that rate, against Redis GET of a stored value of 1 KB at the same rate (peers/get.c, from the intended moment as well).
"""

import json
import os
import shutil
import statistics
import subprocess

from daemon import Daemon, Redis, program
from pairs import Missing, paired_row, row, tell

SECONDS = 4
EPOCH = 1_600_000_000


def run(options, scratch):
    source = os.path.join(options.data or "", "gowalla/train_full.txt")
    if not options.data or not os.path.isfile(source):
        raise Missing("give the directory that holds gowalla/train_full.txt: --data DIR, or MAGPIE_BENCH_DATA.")
    getter = os.path.join(scratch, "get")
    peers = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Missing("there is no C compiler: apt-get install gcc.")
    subprocess.run([compiler, "-O2", "-o", getter, os.path.join(peers, "get.c"), "-lm"], check=True)
    with Daemon(scratch) as magpie, Redis(scratch) as redis:
        users = learn(magpie, source, scratch)
        common = ["--mix", "recommend", "--cold", 0, "--users", users, "--zipf-users", 0, "-k", 20, "--seen", "hide"]
        subprocess.run(
            ["redis-cli", "-p", redis.port, "SET", "list", "x" * 1024], check=True, stdout=subprocess.DEVNULL)
        costs, rates = [], []
        for _ in range(options.runs):
            before = processor_seconds(magpie)
            report = magpie.load("--closed", "-c", 8, "--connections", 8, *common, "--duration", SECONDS, "--warmup", 0)
            costs.append((processor_seconds(magpie) - before) / report["total"]["ok"] * 1e6)
            rates.append(report["achieved_rate"])
            tell(f"{rates[-1]:.0f} requests/s, {costs[-1]:.0f} µs of processor time each")
        for step, microseconds in steps(magpie, users).items():
            tell(f"{step}: {microseconds:.0f} µs (median of 200 single requests)")
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
    """Sends the data, trains, and returns how many users there are."""
    path = os.path.join(scratch, "events.csv")
    users = 0
    with open(source) as lines, open(path, "w") as out:
        out.write("user,item,timestamp\n")
        for line in lines:
            user, *items = (int(word) for word in line.split())
            users = max(users, user)
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
    return users + 1


def processor_seconds(magpie):
    with open(f"/proc/{magpie.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def steps(magpie, users):
    """Median microseconds of each step over 200 users, as the daemon tells them."""
    times = {}
    for number in range(200):
        user = f"u{number * users // 200 + 1}"
        out = subprocess.run(
            [program("magpie"), "recommend", user, "-k", "20", "--explain", "--json", "--port", magpie.port],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout
        for step in json.loads(out)["steps"]:
            times.setdefault(step["step"], []).append(step["microseconds"])
    return {step: statistics.median(values) for step, values in times.items()}
