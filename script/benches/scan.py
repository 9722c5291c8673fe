"""Exact top-100 over whole tables, in floats and in 8 bits, against reading the same bytes alone (glibc's memchr)."""

from pairs import ours, paired_row, tell

SIZES = (10_000, 100_000)
WIDTH = 64


def run(options, scratch):
    rows = []
    for size in SIZES:
        repeats = 20_000_000 // size
        with ours("scan", "--rows", size, "--width", WIDTH, "--repeats", repeats) as side:
            for kind, label in (("floats", "float32"), ("codes", "int8")):
                tell(f"{size} x {WIDTH}, {label}")
                scans, reads = [], []
                for warm_up in (f"read-{kind}", kind):
                    side.ask(warm_up)
                for _ in range(options.runs):
                    scans.append(side.ask(kind))
                    reads.append(side.ask(f"read-{kind}"))
                tell(f"{scans[-1]['microseconds']:.1f} µs a scan, {scans[-1]['scored_in_floats']} rows scored in floats")
                rows.append(paired_row(
                    f"{label} top-100 of {size} x {WIDTH}", scans, reads, "gigabytes_per_second", "GB/s", 0.8))
    return rows
