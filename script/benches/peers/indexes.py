"""hnswlib, faiss and usearch on one thread. Lines: `choose MODE RECALL` tries every index from its cheapest setting up and
keeps the quickest that reaches the recall; `run MODE NAME` answers all queries one after the other; `recall MODE FILE`
compares answers with the exact ones. MODE is `all` or `filtered`."""

import argparse
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import faiss
import hnswlib
import numpy
from usearch.index import Index

WIDTH, K = 64, 100
faiss.omp_set_num_threads(1)

parser = argparse.ArgumentParser()
for name in ("--rows", "--queries", "--allowed"):
    parser.add_argument(name)
options = parser.parse_args()
table = numpy.fromfile(options.rows, "<f4").reshape(-1, WIDTH)
queries = numpy.fromfile(options.queries, "<f4").reshape(-1, WIDTH)
bits = numpy.fromfile(options.allowed, "u1")
may = numpy.unpackbits(bits, bitorder="little")[: len(table)].astype(bool)
selector = faiss.IDSelectorBitmap(bits)


def flat():
    index = faiss.IndexFlatIP(WIDTH)
    index.add(table)
    return index


def faiss_hnsw():
    index = faiss.IndexHNSWFlat(WIDTH, 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.add(table)
    return index


def ivf():
    lists = 4 * int(len(table) ** 0.5)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(WIDTH), WIDTH, lists, faiss.METRIC_INNER_PRODUCT)
    index.train(table)
    index.add(table)
    return index


def hnsw():
    index = hnswlib.Index("ip", WIDTH)
    index.init_index(len(table), ef_construction=100, M=16)
    index.set_num_threads(1)
    index.add_items(table)
    return index


def usearch():
    index = Index(ndim=WIDTH, metric="ip", dtype="f32", connectivity=16, expansion_add=100)
    index.add(numpy.arange(len(table)), table, threads=1)
    return index


BREADTHS = (100, 200, 400, 800, 1600, 3200, 6400)
#        builds, settings
KINDS = {
    "faiss flat": (flat, (0,)),
    "faiss IVF": (ivf, (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)),
    "faiss HNSW": (faiss_hnsw, BREADTHS),
    "hnswlib": (hnsw, BREADTHS),
    "usearch": (usearch, BREADTHS),
}
built = {}


def searcher(name, mode):
    """A function from one query to its answer, or nothing where the library has no such mode in Python."""
    kind, _, setting = name.partition(" @")
    setting = int(setting or 0)
    if kind not in built:
        built[kind] = KINDS[kind][0]()
    index = built[kind]
    chosen = selector if mode == "filtered" else None
    if kind == "faiss flat":
        parameters = faiss.SearchParameters(sel=chosen) if chosen else None
        return lambda query: index.search(query, K, params=parameters)[1][0]
    if kind == "faiss IVF":
        parameters = faiss.SearchParametersIVF(nprobe=setting, **({"sel": chosen} if chosen else {}))
        return lambda query: index.search(query, K, params=parameters)[1][0]
    if kind == "faiss HNSW":
        parameters = faiss.SearchParametersHNSW(efSearch=setting, **({"sel": chosen} if chosen else {}))
        return lambda query: index.search(query, K, params=parameters)[1][0]
    if chosen:
        # hnswlib filters by calling Python for each node; usearch's binding has no filter.
        return None
    if kind == "hnswlib":
        index.set_ef(setting)
        return lambda query: index.knn_query(query, k=K, num_threads=1)[0][0]
    index.expansion_search = setting
    return lambda query: index.search(query[0], K).keys


def answer_all(search, asked):
    return numpy.stack([
        numpy.pad(found, (0, K - len(found)), constant_values=-1).astype(numpy.int64)
        for found in (search(query[None]) for query in asked)])


def exact(mode):
    index = built.setdefault("faiss flat", flat())
    parameters = faiss.SearchParameters(sel=selector) if mode == "filtered" else None
    return index.search(queries, K, params=parameters)[1]


def recall(found, truth):
    return float(numpy.mean([len(numpy.intersect1d(a, b[b >= 0])) / max(1, (b >= 0).sum()) for a, b in zip(found, truth)]))


def choose(mode, wanted):
    sample = queries[:50]
    truth = exact(mode)[: len(sample)]
    tried = []
    for kind, (_, settings) in KINDS.items():
        for setting in settings:
            name = f"{kind} @{setting}" if setting else kind
            search = searcher(name, mode)
            if not search:
                break
            began = time.perf_counter()
            found = answer_all(search, sample)
            seconds = time.perf_counter() - began
            entry = {"name": name, "recall": recall(found, truth), "rate": len(sample) / seconds}
            if entry["recall"] >= wanted or setting == settings[-1]:
                tried.append(entry)
            if entry["recall"] >= wanted:
                break
    enough = [entry for entry in tried if entry["recall"] >= wanted]
    return {"name": max(enough, key=lambda entry: entry["rate"])["name"], "tried": tried}


def say(answer):
    print(json.dumps(answer), flush=True)


say({"rows": len(table)})
for line in sys.stdin:
    words = line.split()
    if words[0] == "choose":
        say(choose(words[1], float(words[2])))
    elif words[0] == "run":
        search = searcher(" ".join(words[2:]), words[1])
        began = time.perf_counter()
        for query in queries:
            search(query[None])
        say({"seconds": time.perf_counter() - began})
    elif words[0] == "recall":
        found = numpy.fromfile(words[2], "<u4").reshape(len(queries), -1).astype(numpy.int64)
        say({"recall": recall(found, exact(words[1]))})
