"""The task of a bench: each bench file has a module-level list TASKS of them."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]                    # NumPy arrays and plain values by name
Result = Mapping[str, Any]                  # the same, to be compared
Contender = Callable[[Data], Callable[[], Result]]


@dataclass(frozen=True)
class Task:
    """One row group of the table: our function and its peers on the same data.

    A contender imports what it needs (an ImportError skips it, with the reason), prepares its data
    outside the clock (an in-memory frame, never parsing) and returns the callable that is timed.
    `check` returns the largest difference between our result and a peer's, relative unless stated
    otherwise, and raises AssertionError when it is beyond the tolerance of the task.
    """

    name: str
    sizes: dict[str, int]                   # "tiny" (seconds, for the tests), "small", "full"
    make_data: Callable[[int], Data]        # size -> data; fixed seed
    ours: Contender
    peers: dict[str, Contender]
    check: Callable[[Result, Result], float]
    gates: dict[str, float] = field(default_factory=dict)       # peer -> ratio required at full size
    reads: Callable[[Data], int] | None = None  # bytes that must be read, for the share of memory speed
