"""A daemon of ours, a Redis, and the load generator, each in the scratch directory and on a free port of the loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from pairs import Missing


def compiled(name, scratch):
    """peers/NAME.c as a program."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Missing("there is no C compiler: apt-get install gcc.")
    made = os.path.join(scratch, name)
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", name + ".c")
    subprocess.run([compiler, "-O2", "-o", made, source, "-lm"], check=True)
    return made


def number_of(words):
    """The first number that a program prints."""
    out = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, check=True).stdout
    return float(out.split()[0])


def prepared(name, scratch, make):
    """A daemon, not started, on a copy of a data directory that is made once and kept in the cache.

    `make(daemon)` fills it. What a later release cannot open, or another state than wanted, is for the person who runs
    the bench to remove: the path is said.
    """
    cache = os.path.join(os.environ["MAGPIE_BENCH_CACHE"], "prepared")
    kept = os.path.join(cache, name)
    if not os.path.isdir(kept):
        os.makedirs(cache, exist_ok=True)
        making = tempfile.mkdtemp(prefix=name + ".", dir=cache)
        try:
            with Daemon(making) as daemon:
                make(daemon)
                daemon.stop()
            os.rename(daemon.data, kept)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    print(f"    data of {kept}", file=sys.stderr, flush=True)
    daemon = Daemon(scratch, name)
    shutil.copytree(kept, daemon.data)
    return daemon


def program(name):
    return os.path.join(os.environ["MAGPIE_BENCH_BIN"], name)


class Daemon:
    """magpied on a directory of its own; `start` again after `stop` or `kill`."""

    def __init__(self, scratch, name="data", settings=()):
        self.settings = [word for setting in settings for word in ("--set", setting)]
        self.data = os.path.join(scratch, name)
        self.ready = os.path.join(scratch, name + ".ready")
        self.log = open(os.path.join(scratch, name + ".log"), "w")
        self.process = None

    def start(self):
        """Returns the seconds until requests are answered."""
        if os.path.exists(self.ready):
            os.remove(self.ready)
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [program("magpied"), "run", "--init", "--data", self.data, "--host", "127.0.0.1", "--port", "0",
             "--ready-file", self.ready, *self.settings],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log)
        while not (os.path.exists(self.ready) and os.path.getsize(self.ready)):
            if self.process.poll() is not None:
                raise Missing(f"magpied ended with status {self.process.returncode}; see {self.log.name} with --keep")
            time.sleep(0.001)
        seconds = time.perf_counter() - began
        self.port = open(self.ready).read().split()[1]
        return seconds

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log_bytes(self):
        folder = os.path.join(self.data, "log")
        return sum(os.path.getsize(os.path.join(at, file)) for at, _, files in os.walk(folder) for file in files)

    def status(self):
        """`magpie status`, as its JSON."""
        words = [program("magpie"), "status", "--json", "--port", self.port]
        return json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)

    def applied(self):
        """The last position that reads see: how many events there are, where there is nothing else."""
        return self.status()["applied"]

    def load(self, *arguments):
        """A run of magpie-load, as its JSON."""
        words = [program("magpie-load"), "--port", self.port, "--json", *[str(word) for word in arguments]]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode not in (0, 3):
            raise Missing(f"magpie-load ended with status {done.returncode}: {done.stderr.strip()[-300:]}")
        return json.loads(done.stdout)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Redis:
    """redis-server without snapshots; `durable` syncs its log before each answer."""

    def __init__(self, scratch, durable=False):
        for name in ("redis-server", "redis-benchmark"):
            if not shutil.which(name):
                raise Missing(f"there is no {name}: apt-get install redis-server.")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        folder = os.path.join(scratch, "redis")
        os.makedirs(folder, exist_ok=True)
        words = ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        if durable:
            words += ["--appendonly", "yes", "--appendfsync", "always"]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.02)
        raise Missing("redis-server does not answer")

    def benchmark(self, clients, depth, requests, *command):
        """Requests a second of redis-benchmark, which is Redis's own client in C."""
        words = ["redis-benchmark", "-p", self.port, "-c", str(clients), "-P", str(depth), "-n", str(requests), "--csv"]
        words += list(command) if command else ["-t", "ping_mbulk"]
        out = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True).stdout
        return float(out.strip().splitlines()[-1].split(",")[1].strip('"'))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
