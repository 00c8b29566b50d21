"""Which event may follow which: draft, submitted, then approved or rejected by somebody else."""
from __future__ import annotations

from typing import Any

import numpy as np

STATUS = ("draft", "submitted", "approved", "rejected")
DRAFT, SUBMITTED, APPROVED, REJECTED = range(4)
NOTHING = -1                           # before the first event
AGAIN = "score anew under another id."
WRONG = (
    ((NOTHING,), (SUBMITTED, APPROVED, REJECTED), "come before a draft", "Put a row of status draft before them."),
    ((SUBMITTED, APPROVED, REJECTED), (DRAFT,), "edit a score after its submission",
     f"Leave the score as it was submitted and {AGAIN}"),
    ((SUBMITTED, APPROVED, REJECTED), (SUBMITTED,), "submit a score again",
     f"Take them out; if the score was meant to change, {AGAIN}"),
    ((DRAFT,), (APPROVED, REJECTED), "review a score that was not submitted",
     "Put a row of status submitted before them."),
    ((APPROVED,), (REJECTED,), "reject a score that is approved", f"One review decides: keep one row, or {AGAIN}"),
    ((REJECTED,), (APPROVED,), "approve a score that is rejected", f"One review decides: keep one row, or {AGAIN}"),
    ((APPROVED,), (APPROVED,), "approve a score again", "One review decides: keep one row."),
    ((REJECTED,), (REJECTED,), "reject a score again", "One review decides: keep one row."),
)


def transitions(read: Any, status: np.ndarray, reviewed: np.ndarray, same: np.ndarray) -> None:
    """Find the events that may not be where they are, and reviews without a reviewer of their own."""
    before = np.where(read.first, NOTHING, np.roll(status, 1))
    for earlier, later, words, remedy in WRONG:
        read.find("status", words, read.row[np.isin(before, earlier) & np.isin(status, later)], remedy)
    decided = status >= APPROVED
    read.find("reviewer", "are missing where a score is decided", read.row[decided & ~reviewed],
              "Name who approved or rejected it.")
    read.find("reviewer", "stand where nothing is reviewed", read.row[reviewed & ~decided],
              "Leave the reviewer of drafts and submissions empty.")
    read.find("reviewer", "are the author", read.row[decided & reviewed & same],
              "Somebody else reviews a score.")
