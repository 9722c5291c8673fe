"""Users and items times ten, twice: p50 of Recommend, and the memory and disk that `magpie size` foretells.

Each part is a daemon of its own with as many users as items: 10000, 100000, 1000000. Events come through Ingest, five for each
user, evenly drawn; the generation is written by `magpie-bench generation` (64 factors, transitions, co-occurrence). Then
the daemon is stopped and started, asked one request at a time, and its resident memory read. The part `users` has
1,000,000 users and 100,000 items, so that what an item takes can be told from what a user takes.

What a part measured is kept in the cache directory: a p50 is compared with that of the part before, and
`--part` may run them on different days of the same machine.
"""

import json
import os
import subprocess

from daemon import Daemon, program
from pairs import Missing, row, tell

PARTS = {"10000": (10_000, 10_000), "100000": (100_000, 100_000), "1000000": (1_000_000, 1_000_000), "users": (1_000_000, 100_000)}
BEFORE = {"100000": "10000", "1000000": "100000"}
EVENTS_PER_USER = 5
FACTORS = 64


def run(options, scratch):
    rows = []
    for part, (users, items) in PARTS.items():
        if part in options.part if options.part else True:
            rows += measure(part, users, items, options, scratch)
    return rows


def kept(part):
    return os.path.join(os.environ["MAGPIE_BENCH_CACHE"], f"scale-{part}.json")


def measure(part, users, items, options, scratch):
    magpie = Daemon(scratch, part)
    magpie.start()
    try:
        sent, wanted = 0, EVENTS_PER_USER * max(users, items)
        while sent < wanted:
            sent += magpie.load(
                "--closed", "-c", 4, "--connections", 4, "--mix", "ingest", "--batch", 1000, "--users", users, "--items", items,
                "--zipf-users", 0, "--zipf-items", 0, "--duration", 3 if wanted > 100_000 else 1, "--warmup", 0)["events_sent"]
        magpie.stop()
        generations = os.path.join(magpie.data, "generations", "default")
        subprocess.run(
            [program("magpie-bench"), "generation", "--items", str(items), "--dimensions", str(FACTORS), "--to", generations],
            check=True, stdout=subprocess.DEVNULL)
        ready = magpie.start()
        found = {"ready_seconds": ready, "events": sent, "p50_ms": []}
        for run in range(options.runs):
            report = magpie.load(
                "--closed", "-c", 1, "--connections", 1, "--mix", "recommend", "--users", users, "--items", items,
                "--zipf-users", 0, "--cold", 0, "--duration", 3, "--warmup", 1)
            found["p50_ms"].append(report["total"]["latency"]["p50_us"] / 1000)
        found["memory"] = resident(magpie.process.pid)
        magpie.stop()
        found["disk"] = occupied(magpie.data)
    finally:
        if magpie.process.poll() is None:
            magpie.kill()
    found["p50_ms"] = sorted(found["p50_ms"])[options.runs // 2]
    with open(kept(part), "w") as file:
        json.dump(found, file)
    tell("{part}: {events} events, ready after {ready_seconds:.2f} s, p50 {p50_ms:.3f} ms, {memory:.0f} bytes of memory, {disk:.0f} of disk".format(
        part=part, **found))
    expected = foretold(users, items, sent / users)
    made = []
    for what in ("memory", "disk"):
        made.append(within(f"{what}, {users} users, {items} items", found[what] / 1e6, expected[f"{what}_bytes"] / 1e6))
    if part in BEFORE:
        if not os.path.exists(kept(BEFORE[part])):
            raise Missing(f"measure the part {BEFORE[part]} first")
        smaller = json.load(open(kept(BEFORE[part])))
        made.append(row(
            f"p50 of Recommend, {items} items against a tenth", found["p50_ms"], smaller["p50_ms"], "ms", 2.0,
            lower_is_better=True))
    return made


def resident(process):
    for line in open(f"/proc/{process}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise Missing("the daemon's memory cannot be read")


def occupied(folder):
    return sum(os.lstat(os.path.join(at, file)).st_blocks * 512 for at, _, files in os.walk(folder) for file in files)


def foretold(users, items, events):
    words = [program("magpie"), "size", "--users", users, "--items", items, "--events-per-user", events, "--items-per-user",
             events, "--dimensions", FACTORS, "--neighbours", 40, "--identifier-bytes", 6, "--json"]
    return json.loads(subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE, text=True).stdout)


def within(name, found, expected):
    """A bar on both sides: measured within a tenth of what was foretold."""
    made = row(name, found, expected, "MB", 1.1, lower_is_better=True)
    made["pass"] = 0.9 <= made["ratio"] <= 1.1
    return made
