"""One contender in its own process: python contender.py <bench file> <task> <name> <size>.

Reads lines from stdin: "run" runs once and answers with the seconds; "save <path>" pickles the last
result. Every answer is one line of JSON on the stdout that the parent opened; prints go to stderr.
"""
import importlib.util
import json
import os
import pickle
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent))        # protocol.py, for the bench files


def load_tasks(path):
    """Return the TASKS of a bench file by name."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {task.name: task for task in module.TASKS}


def memory(field):
    """Return a field of /proc/self/status in bytes: VmRSS now, VmHWM at the highest."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")


def nbytes(data):
    return sum(getattr(value, "nbytes", 0) for value in data.values())


def main(path, task_name, contender, size):
    answers, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    task = load_tasks(path)[task_name]
    data = task.make_data(int(size))

    def answer(**what):
        print(json.dumps(what), file=answers, flush=True)

    try:
        run = (task.ours if contender == "ours" else task.peers[contender])(data)
    except ImportError as error:
        return answer(skipped=str(error))
    answer(input=nbytes(data), reads=task.reads(data) if task.reads else 0)
    for line in sys.stdin:
        order, _, argument = line.strip().partition(" ")
        if order == "run":
            result = None
            forget_peak()
            before = memory("VmRSS")
            start = perf_counter()
            result = run()
            seconds = perf_counter() - start
            answer(seconds=seconds, extra=memory("VmHWM") - before)
        elif order == "save":
            Path(argument).write_bytes(pickle.dumps(dict(result)))
            answer(saved=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
