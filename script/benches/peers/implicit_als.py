"""implicit's ALS on the pairs that magpie-bench wrote. Lines: `run` trains once, `save USERS ITEMS` writes factors."""

import argparse
import json
import sys
import time

import numpy
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix


def read(path):
    with open(path, "rb") as file:
        rows, columns, count = numpy.fromfile(file, "<u8", 3)
        starts = numpy.fromfile(file, "<u8", int(rows) + 1)
        items = numpy.fromfile(file, "<u4", int(count))
    ones = numpy.ones(int(count), numpy.float32)
    return csr_matrix((ones, items.astype(numpy.int32), starts.astype(numpy.int32)), shape=(int(rows), int(columns)))


parser = argparse.ArgumentParser()
parser.add_argument("pairs")
parser.add_argument("--dimensions", type=int)
parser.add_argument("--iterations", type=int)
parser.add_argument("--threads", type=int)
parser.add_argument("--alpha", type=float)
parser.add_argument("--regularization", type=float)
options = parser.parse_args()
matrix = read(options.pairs)


def make():
    return AlternatingLeastSquares(
        factors=options.dimensions, regularization=options.regularization, alpha=options.alpha,
        iterations=options.iterations, num_threads=options.threads, use_gpu=False, random_state=1)


def say(answer):
    print(json.dumps(answer), flush=True)


say({"pairs": int(matrix.nnz)})
model = None
for line in sys.stdin:
    words = line.split()
    if words == ["run"]:
        model = make()
        began, used = time.perf_counter(), time.process_time()
        model.fit(matrix, show_progress=False)
        say({"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - used})
    elif words[:1] == ["save"]:
        model.user_factors.astype("<f4").tofile(words[1])
        model.item_factors.astype("<f4").tofile(words[2])
        say({"saved": True})
