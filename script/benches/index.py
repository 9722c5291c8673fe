"""The best 100 of a table by inner product, one query after the other on one thread, against hnswlib, faiss (flat, HNSW,
IVF) and usearch, each at the cheapest setting that reaches recall .98.

Two tables of 64 columns: `factors` is iALS trained on Gowalla, each item repeated with noise of .3 of its length, asked
by its users; `random` is normal numbers with lengths that vary by a lognormal of .3, asked by normal numbers: hard for
every index. Parts: factors-100000, random-100000, and with `--large` factors-1000000 and random-1000000.

Tables and the peers' indexes are kept in the cache directory; `--prepare` makes them and measures nothing. Building the
indexes of 1,000,000 rows takes long, measuring afterwards a minute or two a part. `--peer NAME`, repeated, leaves the
others out: faiss flat, faiss IVF, faiss HNSW, hnswlib, usearch.
"""

import os

import numpy

from pairs import Missing, ours, peer, row, take_turns, tell

WIDTH = 64
QUERIES = 200
RECALL = 0.98
BARS = {100_000: 3.0, 1_000_000: 1.2}
FILTERED_BAR = 5.0


def run(options, scratch):
    rows = []
    for size, bar in BARS.items():
        for kind in ("factors", "random"):
            part = f"{kind}-{size}"
            if part not in options.part if options.part else size > 100_000 and not options.large:
                continue
            directory = data(kind, size, options, scratch)
            if options.prepare:
                prepare(part, directory, options)
            else:
                rows += compare(f"{kind} {size} x {WIDTH}", bar, directory, options, scratch)
    return rows


def data(kind, size, options, scratch):
    """The directory of a table, its queries and the rows a filter allows; made if it is not there."""
    directory = os.path.join(os.environ["MAGPIE_BENCH_CACHE"], "index", f"{kind}-{size}")
    if os.path.exists(os.path.join(directory, "rows")):
        return directory
    os.makedirs(directory, exist_ok=True)
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
    asked.astype("<f4").tofile(os.path.join(directory, "queries"))
    may = random.random(size) < 0.01
    numpy.packbits(numpy.pad(may, (0, -size % 16)), bitorder="little").tofile(os.path.join(directory, "allowed"))
    # Last and in one step: where it is, all is.
    table.astype("<f4").tofile(os.path.join(directory, "rows.part"))
    os.replace(os.path.join(directory, "rows.part"), os.path.join(directory, "rows"))
    return directory


def peers(directory, options):
    return ["--directory", directory, *(word for name in options.peer for word in ("--only", name))]


def prepare(part, directory, options):
    with peer("indexes.py", *peers(directory, options)) as right:
        for mode in ("all", "filtered"):
            for other in right.ask("prepare", mode, RECALL):
                tell("{part}, {mode}: {name} has recall {recall:.3f}, {bytes_per_row:.0f} bytes an item".format(
                    part=part, mode=mode, **other))


def compare(name, bar, directory, options, scratch):
    file = {name: os.path.join(directory, name) for name in ("rows", "queries", "allowed")}
    answers = os.path.join(scratch, "answers")
    words = [word for key, path in file.items() for word in ("--" + key, path)]
    made = []
    with ours("index", *words, "--width", WIDTH) as left, peer("indexes.py", *peers(directory, options)) as right:
        tell("{name}: ours {bytes_per_row:.0f} bytes an item, built in {build_seconds:.2f} s".format(
            name=name, **left.ready))
        for mode, line in (("all", "run"), ("filtered", "filtered")):
            best = right.ask("choose", mode, RECALL)
            for other in best["tried"]:
                tell("{name}: {recall:.3f} recall, {rate:.0f} queries/s, {bytes_per_row:.0f} bytes an item".format(**other))
            left_times, right_times = take_turns(Asking(left, line), Asking(right, "run", mode, best["name"]), options.runs)
            left.ask("save", answers)
            recall = right.ask("recall", mode, answers)["recall"]
            if recall < RECALL:
                raise Missing(f"our recall is {recall}, below {RECALL}")
            rates = [[QUERIES / answer["seconds"] for answer in side] for side in (left_times, right_times)]
            label = f"{name}, top-100" if mode == "all" else f"{name}, top-100, 1 % allowed"
            result = row(
                f"{label} (recall {recall:.3f}; {best['name']})", float(numpy.median(rates[0])),
                float(numpy.median(rates[1])), "queries/s", bar if mode == "all" else FILTERED_BAR)
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
