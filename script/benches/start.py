"""A daemon with a million users and a million items in its state: seconds from its start until it answers, after a clean
stop; and, with the state set aside, how many events of the log it replays in a second."""

import shutil

from daemon import Daemon
from pairs import row, tell

USERS = ITEMS = 1_000_000


def run(options, scratch):
    magpie = Daemon(scratch)
    magpie.start()
    sent = 0
    try:
        # Drawn evenly, 5 events for each: all but one in 150 of a million have at least one.
        while sent < 5 * USERS:
            sent += magpie.load(
                "--closed", "-c", 8, "--connections", 8, "--mix", "ingest", "--batch", 1000, "--users", USERS, "--items",
                ITEMS, "--zipf-users", 0, "--zipf-items", 0, "--duration", 10, "--warmup", 0)["events_sent"]
            tell(f"{sent} events")
        clean, replayed = [], []
        for run in range(options.runs):
            magpie.stop()
            clean.append(magpie.start())
            tell(f"ready after {clean[-1]:.2f} s")
        for run in range(options.runs):
            magpie.kill()
            shutil.rmtree(f"{magpie.data}/state")
            replayed.append(sent / magpie.start())
            tell(f"{replayed[-1]:,.0f} events/s")
    finally:
        magpie.kill()
    middle = options.runs // 2
    return [
        row("ready after a clean stop, 1M users, 1M items", sorted(clean)[middle], 2.0, "s", 1.0, lower_is_better=True),
        row("replay of the whole log, start included", sorted(replayed)[middle], 500_000, "events/s", 1.0),
    ]
