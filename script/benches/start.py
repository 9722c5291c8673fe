"""A daemon with a million users and a million items in its state: seconds from its start until it answers, after a clean
stop; and, with the state set aside, how many events of the log a start replays in a second.

Both directories are made once and kept in the cache (`--prepare` makes nothing else): making them is no part of it.
"""

import shutil

from daemon import prepared
from pairs import row, tell

USERS = ITEMS = 1_000_000
EVENTS = 5 * USERS
REPLAYED = 500_000


def fill(events, users):
    """Sends events whose users and items are drawn evenly: of 5 for each, all but one in 150 have at least one."""

    def fill(magpie):
        sent = 0
        while sent < events:
            sent += magpie.load(
                "--closed", "-c", 8, "--connections", 8, "--mix", "ingest", "--batch", 1000, "--users", users, "--items",
                users, "--zipf-users", 0, "--zipf-items", 0, "--duration", 5, "--warmup", 0)["events_sent"]
            tell(f"{sent:,} events")

    return fill


def run(options, scratch):
    large = prepared("start", scratch, fill(EVENTS, USERS))
    small = prepared("replay", scratch, fill(REPLAYED, REPLAYED // 5))
    if options.prepare:
        return []
    clean, replayed = [], []
    for _ in range(options.runs):
        clean.append(large.start())
        large.stop()
        tell(f"ready after {clean[-1]:.2f} s")
    small.start()
    events = small.applied()
    small.kill()
    for _ in range(options.runs):
        shutil.rmtree(f"{small.data}/state")
        replayed.append(events / small.start())
        small.kill()
        tell(f"{replayed[-1]:,.0f} events/s")
    middle = options.runs // 2
    return [
        row("ready after a clean stop, 1M users, 1M items", sorted(clean)[middle], 2.0, "s", 1.0, lower_is_better=True),
        row(f"replay of a log of {events:,} events", sorted(replayed)[middle], 500_000, "events/s", 1.0),
    ]
