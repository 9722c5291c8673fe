"""iALS against implicit's AlternatingLeastSquares: same pairs, dimensions, iterations and threads.

Ours is the whole of FactorTrainer.train, the peer's the whole of fit (with its conjugate gradients, its quickest
way). Both lists of factors are ranked and counted by the code of `magpie evaluate`. Settings of both were chosen on the
validation parts (docs/performance.md); data set by data set they are below.
"""

import os

from pairs import Missing, ours, paired_row, peer, row, take_turns, tell

THREADS = 2
ITERATIONS = 15

SETS = {
    "gowalla": {
        "files": ["gowalla/train.txt", "gowalla/valid.txt", "gowalla/test.txt"],
        "arguments": ["--train", 0, "--also", 1, "--test", 2, "--k", "20"],
        "metric": "NDCG@20",
        "ours": {
            64: {"regularisation": 0.007, "unobserved": 0.01},
            128: {"regularisation": 0.003, "unobserved": 0.015},
        },
        "peer": {
            64: {"alpha": 40, "regularization": 0.1},
            128: {"alpha": 40, "regularization": 0.1},
        },
    },
    "ml1m": {
        "files": ["ncf-ml1m/train.pairs.txt", "ncf-ml1m/ml-1m.test.negative"],
        "arguments": ["--train", 0, "--negatives", 1, "--k", "10"],
        "metric": "NDCG@10",
        "ours": {
            64: {"regularisation": 0.004, "unobserved": 1},
            128: {"regularisation": 0.003, "unobserved": 1},
        },
        "peer": {
            64: {"alpha": 1, "regularization": 10},
            128: {"alpha": 2, "regularization": 30},
        },
    },
}


def run(options, scratch):
    if not options.data:
        raise Missing("give the directory that holds gowalla/ and ncf-ml1m/: --data DIR, or MAGPIE_BENCH_DATA.")
    for data_set in SETS.values():
        for file in data_set["files"]:
            if not os.path.isfile(os.path.join(options.data, file)):
                raise Missing(f"{options.data} has no {file}; docs/performance.md says where the data come from.")
    rows = []
    for name, data_set in SETS.items():
        for dimensions in (64, 128):
            rows += compare(name, data_set, dimensions, options, scratch)
    return rows


def compare(name, data_set, dimensions, options, scratch):
    files = [os.path.join(options.data, file) for file in data_set["files"]]
    pairs = os.path.join(scratch, f"{name}.pairs")
    common = ["--dimensions", dimensions, "--iterations", ITERATIONS, "--threads", THREADS]
    arguments = [files[word] if isinstance(word, int) else word for word in data_set["arguments"]]
    for key, value in data_set["ours"][dimensions].items():
        arguments += ["--" + key, value]
    with ours("train", *arguments, *common, "--pairs", pairs) as left:
        words = [pairs, *common]
        for key, value in data_set["peer"][dimensions].items():
            words += ["--" + key, value]
        with peer("implicit_als.py", *words, environment={"OMP_NUM_THREADS": str(THREADS)}) as right:
            size = "{users} users, {items} items, {pairs} pairs".format(**left.ready)
            tell(f"{name}: {size}; d = {dimensions}, {ITERATIONS} iterations, {THREADS} threads")
            times = take_turns(left, right, options.runs)
            users, items = os.path.join(scratch, "users.f32"), os.path.join(scratch, "items.f32")
            quality = left.ask("measure")
            right.ask("save", users, items)
            other = left.ask("measure", users, items)
    metric = data_set["metric"]
    label = f"{name} d={dimensions}"
    return [
        paired_row(f"{label}, {ITERATIONS} iterations", *times, "seconds", "s", 0.5, lower_is_better=True),
        row(f"{label}, {metric}", quality[metric], other[metric], metric, 1.0),
    ]
