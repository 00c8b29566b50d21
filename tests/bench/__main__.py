"""Times of custval beside those of its peers, in one table: python tests/bench (README.md states the rules)."""
import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from contender import load_tasks  # noqa: E402

ONE_THREAD = {f"{pool}_NUM_THREADS": "1" for pool in
              ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "POLARS", "CUSTVAL")} | {"POLARS_MAX_THREADS": "1"}
HEAD = f"{'task':<26}{'size':>11}  {'peer':<24}{'ours':>10}{'peer':>10}{'ratio':>9}{'gate':>7}" \
       f"{'accuracy':>10}{'memory':>8}{'busy':>6}"


class Process:
    """A contender behind a pipe, on one CPU."""

    def __init__(self, path, task, name, size):
        self.name = name
        self.pipe = subprocess.Popen(
            [sys.executable, HERE / "contender.py", path, task, name, str(size)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD,
            preexec_fn=lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}))
        self.hello = self.listen()
        self.seconds, self.extra = [], []

    def listen(self):
        line = self.pipe.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} died; see its message above")
        return json.loads(line)

    def ask(self, order):
        self.pipe.stdin.write(order + "\n")
        self.pipe.stdin.flush()
        return self.listen()

    def run(self):
        answer = self.ask("run")
        self.seconds.append(answer["seconds"])
        self.extra.append(answer["extra"])

    def result(self, folder):
        path = Path(folder) / "result"
        self.ask(f"save {path}")
        return pickle.loads(path.read_bytes())

    def close(self):
        self.pipe.stdin.close()
        self.pipe.wait()


def busy_ticks():
    """Return the clock ticks that all CPUs have worked."""
    spent = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(spent) - spent[3] - spent[4]


def alternate(ours, peer, rounds):
    """Run the pair ABAB; return the share of the machine that other processes used meanwhile."""
    ours.seconds = []
    start, ticks = perf_counter(), busy_ticks()
    for _ in range(rounds + 1):
        ours.run()
        peer.run()
    elapsed = perf_counter() - start
    working = sum(ours.seconds) + sum(peer.seconds)
    used = (busy_ticks() - ticks) / os.sysconf("SC_CLK_TCK")
    return min(1.0, max(0.0, (used - working) / (elapsed * os.cpu_count())))


def duration(seconds):
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def compete(path, task, size, rounds, folder, speed):
    """Print the rows of one task; return the number of failures."""
    failures, n = 0, task.sizes[size]
    ours = Process(path, task.name, "ours", n)
    if "skipped" in ours.hello:
        raise SystemExit(f"{task.name}: {ours.hello['skipped']}")
    for name in task.peers:
        peer = Process(path, task.name, name, n)
        row = f"{task.name:<26}{n:>11,}  {name:<24}"
        if "skipped" in peer.hello:
            print(f"{row}skipped: {peer.hello['skipped']}")
            continue
        busy = alternate(ours, peer, rounds)
        try:
            accuracy = f"{task.check(ours.result(folder), peer.result(folder)):.1e}"
        except AssertionError as error:
            accuracy, failures = "WRONG", failures + 1
            print(f"{task.name}, {name}: {error}", file=sys.stderr)
        mine, theirs = median(ours.seconds[1:]), median(peer.seconds[1:])
        memory = f"{max(ours.extra) / ours.hello['input']:.2f}x" if ours.hello["input"] else ""
        gate = format(task.gates[name], "g") if name in task.gates else ""
        print(f"{row}{duration(mine):>10}{duration(theirs):>10}{theirs / mine:>9.1f}{gate:>7}"
              f"{accuracy:>10}{memory:>8}{busy:>6.0%}")
        peer.close()
    if ours.hello["reads"]:
        share = ours.hello["reads"] / median(ours.seconds[1:]) / speed if ours.seconds else 0
        print(f"{task.name:<26}{'':>11}  reads memory at {share:.0%} of the speed of a sum")
    ours.close()
    return failures


def memory_speed():
    """Return bytes per second of a NumPy sum and of a copy, over 256 MiB, best of five."""
    source = np.ones(1 << 25)
    target = np.empty_like(source)

    def best(work):
        times = []
        for _ in range(5):
            start = perf_counter()
            work()
            times.append(perf_counter() - start)
        return source.nbytes / min(times)

    return best(source.sum), best(lambda: np.copyto(target, source))


def versions():
    for name in ("custval", "numpy", "pandas", "polars", "duckdb", "lifetimes", "scipy"):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} -"


def main():
    parser = argparse.ArgumentParser(prog="python tests/bench", description=__doc__)
    parser.add_argument("--size", choices=("tiny", "small", "full"), default="small")
    parser.add_argument("--only", default="", help="word that the task's name contains")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    read, copy = memory_speed()
    print(", ".join(versions()))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs, sum {read / 1e9:.1f} GB/s, "
          f"copy {copy / 1e9:.1f} GB/s; one thread each, median of {options.rounds} rounds\n\n{HEAD}")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(HERE.glob("bench_*.py")):
            for task in load_tasks(path).values():
                if options.only in task.name:
                    failures += compete(path, task, options.size, options.rounds, folder, read)
    return failures > 0


if __name__ == "__main__":
    raise SystemExit(main())
