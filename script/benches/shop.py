"""A shop made up for benches that ask what a daemon does beside answering: events drawn by Zipf's law, and a generation
trained on them. Needs no data. What makes a training long (the linear model, trees, the gate's questions) is off, so that
several fit into a bench."""

import json
import os
import subprocess

from daemon import program
from pairs import Missing, tell

USERS, ITEMS, EVENTS = 20_000, 20_000, 300_000
SETTINGS = ["training.linear=off", "training.blend=false", "training.gate=off", "training.user_neighbours=off"]
WHO = ["--users", USERS, "--items", ITEMS]
READ = ["--mix", "recommend", "--cold", 0.05, "-k", 20, *WHO]


def magpie(daemon, *words):
    done = subprocess.run(
        [program("magpie"), *[str(word) for word in words], "--port", daemon.port], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Missing(f"magpie {' '.join(map(str, words))} ended with status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def open_shop(daemon):
    """Events, then a generation."""
    sent = 0
    while sent < EVENTS:
        sent += daemon.load(
            "--closed", "-c", 4, "--connections", 4, "--mix", "ingest", "--batch", 200, *WHO, "--zipf-users", 0.5,
            "--zipf-items", 0.9, "--duration", 2, "--warmup", 0)["events_sent"]
    magpie(daemon, "train", "--wait")
    tell(f"{sent:,} events of {USERS:,} users and {ITEMS:,} items, and a generation trained on them")


def processor_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Loading:
    """A run of magpie-load that goes on beside something else."""

    def __init__(self, daemon, *arguments):
        words = [program("magpie-load"), "--port", daemon.port, "--json", *[str(word) for word in arguments]]
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def report(self):
        out, errors = self.process.communicate()
        if self.process.returncode not in (0, 3):
            raise Missing(f"magpie-load ended with status {self.process.returncode}: {errors.strip()[-300:]}")
        return json.loads(out)
