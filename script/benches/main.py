"""Runs one bench and prints its rows. Called by script/bench, which installs and builds what it needs."""

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile

BENCHES = {
    "train": "wall time of iALS against the Python package implicit, same pairs, iterations and threads",
    "scan": "exact top-100 over whole tables, floats and 8 bits, against reading the bytes alone",
    "index": "top-100 by inner product against hnswlib, faiss and usearch at recall .98, one thread",
    "recommend": "processor time of a Recommend, and its p99 at half load against Redis GET of 1 KB",
    "rpc": "Health.Check against redis-server PING, 1 to 64 connections, pipelines of 1 and 16",
    "ingest": "durable Ingest against bare append and fdatasync, and against Redis XADD with appendfsync always",
    "overload": "Recommend at 2 and 5 times capacity: goodput, p99, what a refusal costs, recovery",
    "freshness": "100,000 times: is an acknowledged event seen by the next request on another connection",
    "interference": "p99 of Recommend while ingesting, training, making a snapshot and switching generations, against quiet",
    "scale": "p50 of Recommend, memory and disk with ten times the users and items, twice",
    "start": "time to be ready after a clean stop, and the speed of replaying the whole log",
}


def figure(value):
    if value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.4g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3e}"


def table(rows):
    cells = [["bench", "ours", "peer", "unit", "ratio", "bar", ""]]
    for row in rows:
        verdict = "met" if row["pass"] else "MISSED"
        cells.append(
            [row["name"], figure(row["ours"]), figure(row["peer"]), row["unit"], f"{row['ratio']:.3f}",
             figure(row["bar"]), verdict])
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  ".join(
            cell.rjust(width) if column in (1, 2, 4, 5) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths))).rstrip())


def main():
    parser = argparse.ArgumentParser(prog="script/bench")
    parser.add_argument("name", nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--part", action="append", default=[])
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--data", default=os.environ.get("MAGPIE_BENCH_DATA"))
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if options.list or not options.name:
        for name, text in BENCHES.items():
            print(f"{name:12} {text}")
        return 0
    if options.runs < 5:
        print("script/bench: --runs must be at least 5, or a median says little.", file=sys.stderr)
        return 64
    # Before numpy is imported: nobody may take threads that were not given.
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    bench = importlib.import_module(options.name)
    scratch = tempfile.mkdtemp(prefix=f"magpie-bench-{options.name}.")
    try:
        rows = bench.run(options, scratch)
    except importlib.import_module("pairs").Missing as missing:
        print(f"script/bench {options.name}: {missing}", file=sys.stderr)
        return 69
    finally:
        if options.keep:
            print(f"scratch: {scratch}", file=sys.stderr)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    if options.prepare:
        return 0
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        table(rows)
    if not rows:
        print(f"script/bench {options.name}: no part of that name was measured.", file=sys.stderr)
        return 64
    return 0 if all(row["pass"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
