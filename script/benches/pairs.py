"""Pairs of runs that take turns, and the rows made of them."""

import json
import os
import statistics
import subprocess
import sys


class Missing(Exception):
    """Something that must be there is not: data or a program."""


class Side:
    """One of the two that take turns: a process that answers each line with one JSON line."""

    def __init__(self, command, environment=None):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            text=True,
            bufsize=1,
        )
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Missing(f"{self.name} ended with status {self.process.wait()}; its words are above.")
        return json.loads(line)

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ours(*arguments):
    return Side([os.path.join(os.environ["MAGPIE_BENCH_BIN"], "magpie-bench"), *arguments])


def peer(script, *arguments, environment=None):
    here = os.path.dirname(os.path.abspath(__file__))
    return Side([sys.executable, "-B", os.path.join(here, "peers", script), *arguments], environment)


def take_turns(one, other, runs, line=("run",)):
    """One warm-up of each, then `runs` pairs. Who begins changes from pair to pair."""
    one.ask(*line)
    other.ask(*line)
    left, right = [], []
    for run in range(runs):
        order = [(one, left), (other, right)]
        for side, answers in order if run % 2 == 0 else reversed(order):
            answers.append(side.ask(*line))
        tell(f"pair {run + 1} of {runs}")
    return left, right


def median(answers, key):
    return statistics.median(answer[key] for answer in answers)


def row(name, ours, peer, unit, bar, lower_is_better=False):
    """`ratio` is ours over the peer's; the bar is a ceiling where lower is better, else a floor."""
    ratio = ours / peer
    passed = ratio <= bar if lower_is_better else ratio >= bar
    return {"name": name, "ours": ours, "peer": peer, "unit": unit, "ratio": ratio, "bar": bar, "pass": passed}


def paired_row(name, left, right, key, unit, bar, lower_is_better=False):
    """As `row`, but the ratio is the median of the ratios of the pairs: what slows the machine slows both of one."""
    made = row(name, median(left, key), median(right, key), unit, bar, lower_is_better)
    made["ratio"] = statistics.median(a[key] / b[key] for a, b in zip(left, right))
    made["pass"] = made["ratio"] <= bar if lower_is_better else made["ratio"] >= bar
    return made


def tell(text):
    print(f"    {text}", file=sys.stderr, flush=True)
