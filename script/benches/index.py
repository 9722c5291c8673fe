"""The best 100 of a table by inner product, one query after the other on one thread, against hnswlib, faiss (flat, HNSW,
IVF) and usearch, each at the cheapest setting that reaches recall .98. Ours is exact.

Two tables of 64 columns: `factors` is iALS trained on Gowalla, each item repeated with noise of .3 of its length, asked
by its users; `random` is normal numbers with lengths that vary by a lognormal of .3, asked by normal numbers: hard for
every index. `--large` adds 1,000,000 rows to 100,000; building HNSW on them takes long.
"""

import os

import numpy

from pairs import Missing, ours, peer, row, take_turns, tell

WIDTH = 64
QUERIES = 200
RECALL = 0.98


def run(options, scratch):
    rows = []
    sizes = [(100_000, 3.0)] + ([(1_000_000, 1.2)] if options.large else [])
    for size, bar in sizes:
        for kind in ("factors", "random"):
            rows += compare(kind, size, bar, options, scratch)
    return rows


def compare(kind, size, bar, options, scratch):
    files = {name: os.path.join(scratch, name) for name in ("rows", "queries", "allowed", "answers", "truth")}
    random = numpy.random.default_rng(size)
    if kind == "factors":
        items, users = factors(options, scratch)
        picked = items[numpy.arange(size) % len(items)]
        noise = random.standard_normal((size, WIDTH)) * numpy.linalg.norm(picked, axis=1, keepdims=True) / WIDTH**0.5
        table = picked + 0.3 * noise
        asked = users[random.choice(len(users), QUERIES, replace=False)]
    else:
        table = random.standard_normal((size, WIDTH)) * numpy.exp(0.3 * random.standard_normal((size, 1)))
        asked = random.standard_normal((QUERIES, WIDTH))
    table, asked = table.astype("<f4"), asked.astype("<f4")
    table.tofile(files["rows"])
    asked.tofile(files["queries"])
    may = random.random(size) < 0.01
    numpy.packbits(numpy.pad(may, (0, -size % 16)), bitorder="little").tofile(files["allowed"])

    common = ["--rows", files["rows"], "--queries", files["queries"], "--allowed", files["allowed"]]
    made = []
    with ours("index", *common, "--width", WIDTH) as left, peer("indexes.py", *common) as right:
        name = f"{kind} {size} x {WIDTH}, top-100"
        tell(f"{name}: ours {left.ready['bytes_per_row']} bytes an item, built in {left.ready['build_seconds']:.2f} s")
        for mode, line in (("all", "run"), ("filtered", "filtered")):
            best = right.ask("choose", mode, RECALL)
            for other in best["tried"]:
                tell("{name}: {recall:.3f} recall, {rate:.0f} queries/s".format(**other))
            left_times, right_times = take_turns(Asking(left, line), Asking(right, "run", mode, best["name"]), options.runs)
            left.ask("save", files["answers"])
            recall = right.ask("recall", mode, files["answers"])["recall"]
            if recall < RECALL:
                raise Missing(f"our recall is {recall}, though the scan is exact: a mistake")
            rates = [[QUERIES / answer["seconds"] for answer in side] for side in (left_times, right_times)]
            label = name if mode == "all" else f"{name}, 1 % allowed"
            result = row(
                f"{label} (recall {recall:.3f} against {best['name']})", float(numpy.median(rates[0])),
                float(numpy.median(rates[1])), "queries/s", bar if mode == "all" else 5.0)
            result["ratio"] = float(numpy.median([a / b for a, b in zip(*rates)]))
            result["pass"] = result["ratio"] >= result["bar"]
            made.append(result)
    return made


class Asking:
    """A side with a fixed line, so that two different lines can take turns."""

    def __init__(self, side, *line):
        self.side, self.line = side, line

    def ask(self, *_):
        return self.side.ask(*self.line)


def factors(options, scratch):
    from train import SETS

    if not options.data:
        raise Missing("give the directory that holds gowalla/: --data DIR, or MAGPIE_BENCH_DATA.")
    users, items = os.path.join(scratch, "users.f32"), os.path.join(scratch, "items.f32")
    if not os.path.exists(items):
        files = [os.path.join(options.data, file) for file in SETS["gowalla"]["files"]]
        if not os.path.isfile(files[0]):
            raise Missing(f"{options.data} has no gowalla/train.txt; docs/performance.md says where it comes from.")
        words = ["--train", files[0], "--also", files[1], "--test", files[2], "--dimensions", WIDTH, "--iterations", 10]
        for key, value in SETS["gowalla"]["ours"][WIDTH].items():
            words += ["--" + key, value]
        with ours("train", *words) as side:
            side.ask("run")
            side.ask("save", users, items)
    return [numpy.fromfile(file, "<f4").reshape(-1, WIDTH) for file in (items, users)]
