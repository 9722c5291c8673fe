"""Recommend at 2 and 5 times what the daemon can do, open loop, daemon and load generator on the same cores.

Capacity is what a closed loop of 32 reaches. Goodput is good answers a second under overload against it. A shed request
costs the daemon what is left of its processor time when each good answer is taken at what it costs in the closed loop.
Recovery is the time from the end of the overload until a second passes at half of capacity without a refusal and with a
p99 below 50 ms.
"""

import statistics

from daemon import Daemon
from pairs import row, tell
from shop import READ, SETTINGS, open_shop, processor_seconds

SECONDS = 4
# The configured target of 20 ms: whoever waited more than twice as long is refused, a turn of 2 ms later, and is then asked
# for, answered and read back on the same two cores, which the generator's own queue may double.
P99_MILLISECONDS = 100.0
CONNECTIONS = 16


def run(options, scratch):
    rows = []
    with Daemon(scratch, settings=SETTINGS) as magpie:
        open_shop(magpie)
        capacities, costs = [], []
        for _ in range(options.runs):
            before = processor_seconds(magpie)
            report = magpie.load(
                "--closed", "-c", 32, "--connections", CONNECTIONS, *READ, "--duration", SECONDS, "--warmup", 0)
            costs.append((processor_seconds(magpie) - before) / report["total"]["ok"])
            capacities.append(report["achieved_rate"])
        capacity, cost = statistics.median(capacities), statistics.median(costs)
        tell(f"capacity {capacity:.0f}/s, {cost * 1e6:.0f} µs of processor time each")
        for times in (2, 5):
            goodputs, tails, shares, recoveries, other = [], [], [], [], 0
            for _ in range(options.runs):
                before = processor_seconds(magpie)
                report = magpie.load(
                    "--rate", round(capacity * times), "--connections", CONNECTIONS, *READ, "--duration", SECONDS,
                    "--warmup", 1)
                spent = processor_seconds(magpie) - before
                after = magpie.load(
                    "--rate", round(capacity / 2), "--connections", CONNECTIONS, *READ, "--duration", 3, "--warmup", 0)
                ok = sum(second["ok"] for second in report["seconds"])
                shed = sum(second["shed"] for second in report["seconds"])
                goodputs.append(report["achieved_rate"])
                tails.append(report["total"]["latency"]["p99_us"] / 1000)
                shares.append(max(0.0, spent - ok * cost) / max(1, shed) / cost)
                recoveries.append(recovery(after))
                other += report["total"]["error"] + report["total"]["timed_out"]
                tell(f"{times} x: {goodputs[-1]:.0f}/s good, {shed / max(1, ok + shed):.0%} shed at {shares[-1]:.1%} of a "
                     f"good one each, p99 {tails[-1]:.1f} ms, back after {recoveries[-1]} s, unsent {report['total']['unsent']}")
            rows += [
                row(f"{times} x: goodput against capacity", statistics.median(goodputs), capacity, "requests/s", 0.8),
                row(f"{times} x: p99 of what was answered", statistics.median(tails), P99_MILLISECONDS, "ms", 1.0, True),
                row(f"{times} x: processor time of a refusal against an answer", statistics.median(shares), 1.0, "", 0.05, True),
                row(f"{times} x: recovery", statistics.median(recoveries), 5.0, "s", 1.0, True),
                row(f"{times} x: answers that are neither lists nor refusals", other, 1.0, "", 0.0, True),
            ]
    return rows


def recovery(report):
    """Seconds until the first one that is as it should be."""
    for number, second in enumerate(report["seconds"]):
        if second["shed"] == 0 and second["failed"] == 0 and second["p99_us"] < 50_000:
            return number
    return len(report["seconds"])
