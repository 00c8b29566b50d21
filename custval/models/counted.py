"""Words for the statuses of a fit to counts of periods: opportunities (BG/BB) and contracts (sBG, BdW)."""
from collections.abc import Mapping

from .diagnostics import SEEN, Keywords, where_to, written

SEEN_OF = {
    "opportunities": {
        "no_repeats": "nobody used an opportunity (x = 0 for all). How likely customers buy cannot be learnt from "
                      "data without a purchase",
        "no_information": "nobody had an opportunity yet (no rows, or n = 0 for all)",
    },
    "contracts": {
        "no_repeats": "nobody has left. How customers leave cannot be learnt from data without one who did",
        "no_information": "no contract has come to the end of a period (no rows, or tenure 0 for all)",
        "one_pattern": "all customers left at the same time. How they differ cannot be learnt from it",
    },
}
RUN_OFF = {
    "opportunities": {
        "alpha,beta->inf": "customers do not differ in how likely they buy: one chance for all says the same",
        "gamma,delta->inf": "customers do not differ in how likely they leave: one chance for all says the same",
        "alpha,beta->0": "some use every opportunity, the others none: two groups, not one distribution",
        "gamma,delta->0": "some leave at once, the others never: two groups, not one distribution of chances",
        "alpha->0": "nobody seems to buy again",
        "beta->0": "whoever is there buys at every opportunity",
        "gamma->0": "nobody seems to leave: purchases without dropout (the beta-binomial) say the same",
        "delta->0": "everybody seems to leave at once",
    },
    "contracts": {
        "alpha,beta->inf": "customers do not differ in how likely they leave: one retention rate for all, the same in "
                           "every period, says the same",
        "alpha,beta->0": "some leave at once, the others never: two groups, not one distribution of chances",
        "alpha->0": "hardly anybody leaves",
        "beta->0": "nearly everybody leaves at the end of the first period",
        "c->0": "who has renewed once hardly ever leaves",
        "c->inf": "hardly anybody renews twice",
    },
}
PAIRS = {"opportunities": (("alpha", "beta"), ("gamma", "delta")), "contracts": (("alpha", "beta"), ("c", ""))}
ALIKE: dict[str, Keywords] = {"opportunities": {"alpha": 10_000.0, "gamma": 10_000.0}, "contracts": {"alpha": 10_000.0}}
GIVE = "Give all parameters, as known from other customers: {}."


def held(running: Mapping[str, float], role: str) -> dict[str, float | str | None]:
    """Return what to hold fixed of each pair that runs off: far out, where more makes no difference."""
    out: dict[str, float | str | None] = {}
    for a, b in PAIRS[role]:
        gone = running.get(a, 0.0), running.get(b, 0.0)
        if a == "c" and gone[0]:
            out[a] = 1.0
        elif gone[0] * gone[1] > 0:
            out[a] = 10_000.0 if gone[0] > 0 else 0.001
        elif gone[0] < gone[1]:
            out |= {a: 1e-6, b: 1.0}
        elif gone[0] > gone[1]:
            out |= {a: 1.0, b: 1e-6}
    return out


def advice(status: str, model: str, role: str, keywords: Keywords, running: Mapping[str, float]) -> str:
    """Return plain words for a status; they end with the call to make."""
    seen = SEEN_OF[role].get(status, SEEN.get(status, ""))
    if status in ("no_repeats", "no_information"):
        names = ", ".join(f"{name}=" for name in keywords if name != "unit")
        return f"{seen}. " + GIVE.format(f"cv.{model}({names})")
    if status in ("not_moved", "iteration_limit"):
        return f"{seen}. Call {written(model, keywords)}.fit(..., max_passes=1000)"
    where = "" if status == "one_pattern" else where_to(running)
    words = [RUN_OFF[role].get(where_to({k: v for k, v in running.items() if k in pair})) for pair in PAIRS[role]]
    if where and status != "unsettled":
        seen = "; ".join(word for word in words if word) or seen
    fixed = (held(running, role) if where else {}) or ALIKE[role]
    call = written(model, {**keywords, **fixed})
    return f"{where.replace('->', ' -> ')}{': ' if where else ''}{seen}. Hold it: {call}"
