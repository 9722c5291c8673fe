"""hnswlib, faiss and usearch on one thread, over the table of one directory, where the indexes are kept once built.

Lines: `prepare MODE RECALL` builds what is missing and finds for each library its cheapest setting that reaches the recall,
which is kept too; `choose MODE RECALL` times those settings and names the quickest; `run MODE NAME` answers all queries one
after the other; `recall MODE FILE` compares answers with the exact ones. MODE is `all` or `filtered`."""

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
parser.add_argument("--directory")
parser.add_argument("--only", action="append", default=[])
options = parser.parse_args()


def file(name):
    return os.path.join(options.directory, name)


table = numpy.fromfile(file("rows"), "<f4").reshape(-1, WIDTH)
queries = numpy.fromfile(file("queries"), "<f4").reshape(-1, WIDTH)
bits = numpy.fromfile(file("allowed"), "u1")
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


def load_hnsw(path):
    index = hnswlib.Index("ip", WIDTH)
    index.load_index(path, max_elements=len(table))
    index.set_num_threads(1)
    return index


BREADTHS = (100, 200, 400, 800, 1600, 3200, 6400)
#        builds, writes, reads, settings
FAISS = (lambda index, path: faiss.write_index(index, path), faiss.read_index)
KINDS = {
    "faiss flat": (flat, None, None, (0,)),
    "faiss IVF": (ivf, *FAISS, (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)),
    "faiss HNSW": (faiss_hnsw, *FAISS, BREADTHS),
    "hnswlib": (hnsw, lambda index, path: index.save_index(path), load_hnsw, BREADTHS),
    "usearch": (usearch, lambda index, path: index.save(path), Index.restore, BREADTHS),
}
built = {}


def index_of(kind):
    """The index, built, or read from where it was kept."""
    if kind not in built:
        build, write, read, _ = KINDS[kind]
        path = file(kind.replace(" ", "-") + ".index")
        if write and os.path.exists(path):
            built[kind] = read(path)
        else:
            began = time.perf_counter()
            built[kind] = build()
            print(f"    {kind} built in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            if write:
                # In one step, so that an interrupted run leaves no half index behind.
                write(built[kind], path + ".part")
                os.replace(path + ".part", path)
    return built[kind]


def bytes_per_row(kind):
    path = file(kind.replace(" ", "-") + ".index")
    return os.path.getsize(path) / len(table) if os.path.exists(path) else 4.0 * WIDTH


def searcher(name, mode):
    """A function from one query to its answer, or nothing where the library has no such mode in Python."""
    kind, _, setting = name.partition(" @")
    setting = int(setting or 0)
    chosen = selector if mode == "filtered" else None
    if chosen and kind in ("hnswlib", "usearch"):
        # hnswlib filters by calling Python for each node; usearch's binding has no filter.
        return None
    index = index_of(kind)
    if kind == "faiss flat":
        parameters = faiss.SearchParameters(sel=chosen) if chosen else None
        return lambda query: index.search(query, K, params=parameters)[1][0]
    if kind == "faiss IVF":
        parameters = faiss.SearchParametersIVF(nprobe=setting, **({"sel": chosen} if chosen else {}))
        return lambda query: index.search(query, K, params=parameters)[1][0]
    if kind == "faiss HNSW":
        parameters = faiss.SearchParametersHNSW(efSearch=setting, **({"sel": chosen} if chosen else {}))
        return lambda query: index.search(query, K, params=parameters)[1][0]
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
    path = file(f"exact-{mode}.npy")
    if not os.path.exists(path):
        parameters = faiss.SearchParameters(sel=selector) if mode == "filtered" else None
        numpy.save(path, index_of("faiss flat").search(queries, K, params=parameters)[1])
    return numpy.load(path)


def recall(found, truth):
    return float(numpy.mean([len(numpy.intersect1d(a, b[b >= 0])) / max(1, (b >= 0).sum()) for a, b in zip(found, truth)]))


SAMPLE = 50


def prepare(mode, wanted):
    """The cheapest setting of each library that reaches the recall, else its dearest, with the recall it has."""
    return [entry for kind in KINDS if not options.only or kind in options.only for entry in cheapest(kind, mode, wanted)]


def cheapest(kind, mode, wanted):
    """One entry, or none where the library has no such mode."""
    path = file(f"setting-{kind.replace(' ', '-')}-{mode}-{wanted}.json")
    if os.path.exists(path):
        return json.load(open(path))
    found, settings = [], KINDS[kind][-1]
    for setting in settings:
        name = f"{kind} @{setting}" if setting else kind
        search = searcher(name, mode)
        if not search:
            break
        reached = recall(answer_all(search, queries[:SAMPLE]), exact(mode)[:SAMPLE])
        if reached >= wanted or setting == settings[-1]:
            found = [{"name": name, "recall": reached, "bytes_per_row": bytes_per_row(kind)}]
            break
    with open(path + ".part", "w") as part:
        json.dump(found, part)
    os.replace(path + ".part", path)
    return found


def choose(mode, wanted):
    tried = prepare(mode, wanted)
    for entry in tried:
        search = searcher(entry["name"], mode)
        for query in queries[:5]:
            search(query[None])
        began = time.perf_counter()
        for query in queries[:SAMPLE]:
            search(query[None])
        entry["rate"] = SAMPLE / (time.perf_counter() - began)
    enough = [entry for entry in tried if entry["recall"] >= wanted]
    return {"name": max(enough, key=lambda entry: entry["rate"])["name"], "tried": tried}


def say(answer):
    print(json.dumps(answer), flush=True)


say({"rows": len(table)})
for line in sys.stdin:
    words = line.split()
    if words[0] == "prepare":
        say(prepare(words[1], float(words[2])))
    elif words[0] == "choose":
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
