"""Words for the statuses of a fit: what was seen, and which smaller model says the same."""
from collections.abc import Mapping

ADVICE = {
    "no_repeats": "no customer bought twice (x = 0 for all). What happens after a first purchase cannot be learnt from "
                  "data without a repeat: rank customers by score, or take a longer history.",
    "no_information": "no customer was observed for any time (no rows, or T = 0 for all). Take a later end of "
                      "observation.",
    "one_pattern": "all customers have one and the same history. How customers differ cannot be learnt from it: "
                   "their own rate or mean says all.",
    "not_moved": "the likelihood is not finite or cannot be improved at the start: look for values of extreme size.",
    "iteration_limit": "the search, or a second one from another start, ran out of passes before both settled on one "
                       "optimum. Raise max_passes, or look for customers that are none (tests, resellers, bots).",
}
RUN_OFF = {
    "a->0": "nobody seems to leave: purchases without dropout (the NBD) say the same.",
    "r,alpha->inf; a->0": "nobody seems to leave and customers do not differ: one rate for all says the same.",
    "a,b->0": "some leave at once, the others never: two groups, not one distribution of dropout chances.",
    "b->0": "everybody seems to leave after the first chance: one repeat is all that is to be expected.",
    "r->0": "a vanishing share of the customers makes all repeats: fit these alone.",
    "r,alpha->0": "a vanishing share of the customers makes all repeats: fit these alone.",
    "r,alpha->inf": "customers do not differ in purchase rate: one rate for all says the same.",
    "a,b->inf": "customers do not differ in dropout chance: one chance for all says the same.",
    "r,alpha,a,b->inf": "customers differ neither in purchase rate nor in dropout chance: one of each for all says the "
                        "same.",
    "q,gamma->inf": "customers do not differ in mean spend: one gamma distribution for all purchases says the same.",
    "p->inf; gamma->0": "every customer always spends the same: the own mean m_x says all.",
}
GENERIC = {
    "boundary": "the likelihood rises towards the edge of the parameters: a smaller model says the same.",
    "flat": "the data do not fix the parameters: along one direction the likelihood does not change. A smaller model, "
            "or a parameter held fixed, says the same.",
}


def runners(gone: Mapping[str, float], direction: Mapping[str, float]) -> str:
    """Return which parameters run off and where to, such as "a,b->inf" or "r,alpha->inf; a->0"."""
    most = max((abs(v) for v in direction.values()), default=0.0)
    running = {k: v for k, v in gone.items() if v} or {k: v for k, v in direction.items() if abs(v) > most / 3}
    sides = {"inf": [k for k, v in running.items() if v > 0], "0": [k for k, v in running.items() if v < 0]}
    return "; ".join(f"{','.join(names)}->{side}" for side, names in sides.items() if names)


def advice(status: str, gone: Mapping[str, float], direction: Mapping[str, float]) -> str:
    """Return plain words for a status, the null direction included where there is one."""
    if status in ADVICE:
        return ADVICE[status]
    where = runners(gone, direction)
    vector = ", ".join(f"log {name} {v:+.2f}" for name, v in direction.items() if v)
    return f"{where.replace('->', ' -> ')}: {RUN_OFF.get(where, GENERIC[status])} Null direction: {vector}."
