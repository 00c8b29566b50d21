"""Words for the statuses of a fit: what was seen, and the call that fits what the data can say."""
from collections.abc import Mapping

from .._formatting import plain

Keywords = Mapping[str, float | str | None]

SEEN = {
    "no_repeats": "no customer bought twice (x = 0 for all). What happens after a first purchase cannot be learnt from "
                  "data without a repeat",
    "no_information": "no customer was observed for any time (no rows, or T = 0 for all)",
    "one_pattern": "all customers have one and the same history. How customers differ cannot be learnt from it",
    "not_moved": "the likelihood is not finite or could not be improved at the start: look for values of extreme size",
    "iteration_limit": "the search, or a second one from another start, ran out of passes before both settled on one "
                       "optimum. Raise max_passes, or look for customers that are none (tests, resellers, bots)",
    "unsettled": "searches from several starts did not settle on one optimum: the data hardly fix the parameters",
    "boundary": "the likelihood rises towards the edge of the parameters: a smaller model says the same",
    "flat": "the data do not fix the parameters: along one direction the likelihood does not change",
}
RUN_OFF = {
    "a->0": "nobody seems to leave: purchases without dropout (the NBD) say the same",
    "r,alpha->inf; a->0": "nobody seems to leave and customers do not differ: one rate for all says the same",
    "a,b->0": "some leave at once, the others never: two groups, not one distribution of dropout chances",
    "b->0": "everybody seems to leave after the first chance: one repeat is all that is to be expected",
    "r->0": "a vanishing share of the customers makes all repeats",
    "r,alpha->0": "a vanishing share of the customers makes all repeats",
    "r,alpha->inf": "customers do not differ in purchase rate: one rate for all says the same",
    "a,b->inf": "customers do not differ in dropout chance: one chance for all says the same",
    "r,alpha,a,b->inf": "customers differ neither in purchase rate nor in dropout chance: one of each for all says the "
                        "same",
    "q,gamma->inf": "customers do not differ in mean spend: one gamma distribution for all purchases says the same",
    "nu->inf": "the margins of all customers vary alike: one variance for all says the same",
    "kappa->inf": "customers do not differ in mean margin: one mean for all says the same",
    "sigma->0": "for many customers every purchase brings one and the same margin: a list price is no distribution",
    "p->inf; gamma->0": "every customer always spends the same: the own mean m_x says all",
}
NOBODY_LEAVES, ALL_LEAVE = {"a": 1e-6, "b": 1.0}, {"a": 1.0, "b": 1e-6}
ALIKE = {"purchases": {"r": 10_000.0, **NOBODY_LEAVES}, "spend": {"p": 10_000.0, "q": 10_000.0},
         "margin": {"sigma": 1.0, "kappa": 10_000.0, "nu": 10_000.0}}
FREED: dict[str, Keywords] = {"purchases": {}, "spend": {"gamma": None}, "margin": {}}    # goes with what is held
WITHOUT = {
    ("no_repeats", "purchases"): "Rank customers by points, cv.Scorecard.builtin('consumer').score(base.attributes()), "
                                 "or give all parameters, as known from other customers: {0}({1}).",
    ("no_repeats", "spend"): "Give all parameters, as known from other customers: {0}(p=, q=, gamma=); "
                             "cv.forecast(base, value='purchases') needs none.",
    ("no_repeats", "margin"): "Give all parameters, as known from other customers: {0}(mu=, sigma=, kappa=, nu=).",
    ("no_information", "purchases"): "Pass the last day of observation: cv.CustomerBase(orders, ..., end=).",
}


def runners(gone: Mapping[str, float], direction: Mapping[str, float]) -> dict[str, float]:
    """Return the parameters that run off, each with a number above 0 (to infinity) or below (to 0)."""
    most = max((abs(v) for v in direction.values()), default=0.0)
    return {k: v for k, v in gone.items() if v} or {k: v for k, v in direction.items() if abs(v) > most / 3}


def where_to(running: Mapping[str, float]) -> str:
    """Return words such as "a,b->inf" or "r,alpha->inf; a->0"."""
    sides = {"inf": [k for k, v in running.items() if v > 0], "0": [k for k, v in running.items() if v < 0]}
    return "; ".join(f"{','.join(names)}->{side}" for side, names in sides.items() if names)


def held(running: Mapping[str, float], role: str) -> dict[str, float]:
    """Return what to hold fixed where parameters run off: far out, where more makes no difference."""
    def far(*names: str) -> float:
        return next((running[k] for k in names if running.get(k)), 0.0)
    if role == "margin":
        ends = {"kappa": (0.01, 10_000.0), "nu": (2.0, 10_000.0), "sigma": (1.0, 1.0)}
        return {name: values[running[name] > 0] for name, values in ends.items() if running.get(name)}
    if role == "spend":
        out = {"p": 10_000.0 if far("p") > 0 else 0.01} if far("p") else {}
        spread = far("q") if far("p") else far("q", "gamma")
        return out | ({"q": 10_000.0 if spread > 0 else 2.0} if spread else {})
    out = {"r": 10_000.0 if far("r", "alpha") > 0 else 0.001} if far("r", "alpha") else {}
    a, b = far("a"), far("b")
    if a * b > 0:
        return out | {"b": 10_000.0 if b > 0 else 0.001}
    return out | (NOBODY_LEAVES if a < b else ALL_LEAVE if a > b else {})


def nested(model: str, running: Mapping[str, float]) -> tuple[str, str, dict[str, float]]:
    """Return what running off means where customers die at an age: words, the model to use, what it holds fixed."""
    b, s, beta = (running.get(name, 0.0) for name in ("b", "s", "beta"))
    own: dict[str, float] = {"r": 10_000.0 if running.get("r", running.get("alpha", 0.0)) > 0 else 0.001}
    rate = own if "r" in running or "alpha" in running else {}
    if b < 0:
        return "the hazard of leaving does not change with age: Pareto/NBD says the same", "ParetoNBD", rate
    if b > 0 or (model == "GGompertzNBD" and s == 0 and beta > 0):
        return "nobody leaves before a certain age, or nobody at all: ageing is too sudden to fit", "ParetoNBD", rate
    if s > 0:
        return ("customers do not differ in their hazard of leaving: one for all says the same", model,
                rate | {"s": 10_000.0})
    if s < 0 and beta < 0:
        return "some leave at once, the others hardly ever: two groups, not one distribution", "MBGNBD", rate
    if s < 0 or beta > 0:
        return RUN_OFF["a->0"], "NBD", rate
    said = RUN_OFF.get(where_to(running), SEEN["flat"])
    return said, model if rate or model == "NBD" else "ParetoNBD", rate


def written(model: str, keywords: Keywords) -> str:
    """Return the call that makes a model, such as ``cv.MBGNBD(b=10_000)``."""
    def digits(v: float | str | None) -> str:
        return f"{int(v):_}" if isinstance(v, float) and v == int(v) else repr(v)
    return f"cv.{model}({', '.join(f'{k}={digits(v)}' for k, v in keywords.items() if v)})"


def used(role: str) -> str:
    return "in a lifetime value spend=" if role == "margin" else f"in a forecast {role}="


def advice(status: str, model: str, role: str, keywords: Keywords, running: Mapping[str, float]) -> str:
    """Return plain words for a status; they end with the call to make."""
    if (status, role) in WITHOUT:
        names = [f"{name}=" for name in keywords if name not in {"rate_covariates", "dropout_covariates", "penalty"}]
        return f"{SEEN[status]}. " + WITHOUT[status, role].format(f"cv.{model}", ", ".join(names))
    if status in ("not_moved", "iteration_limit"):
        call = f"{written(model, keywords)}.fit(base, max_passes=1000)"
        return f"{SEEN[status]}. Call {call}; {used(role)}{call}"
    coefficients = [name for name in running if ":" in name]
    if coefficients and status != "one_pattern":
        call = written(model, {**keywords, "penalty": 1.0})
        return (f"{', '.join(map(plain, coefficients))}: these covariates cannot be told apart, or one of them "
                f"separates the customers fully. Leave one out, or shrink all: {call}; {used(role)}{call}")
    where = "" if status == "one_pattern" else where_to(running)
    seen = SEEN[status] if status == "unsettled" else RUN_OFF.get(where, SEEN[status])
    if model in ("GGompertzNBD", "ParetoNBD", "NBD"):
        meant, smaller, fixed = nested(model, running) if where else (seen, "NBD", {"r": 10_000.0})
        keywords = keywords if smaller == model else {"unit": keywords["unit"]}
        call = written(smaller, {**keywords, **fixed})
        return f"{where.replace('->', ' -> ')}{': ' if where else ''}{meant}. Call {call}; in a forecast {role}={call}"
    fixed = held(running, role) if where else {}
    call = written(model, {**keywords, **FREED[role], **(fixed or ALIKE[role])})
    return f"{where.replace('->', ' -> ')}{': ' if where else ''}{seen}. Hold it: {call}; {used(role)}{call}"


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
COUNTED_RUN_OFF = {
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
COUNTED_ALIKE: dict[str, Keywords] = {"opportunities": {"alpha": 10_000.0, "gamma": 10_000.0},
                                      "contracts": {"alpha": 10_000.0}}
GIVE = "Give all parameters, as known from other customers: {}."


def counted_held(running: Mapping[str, float], role: str) -> dict[str, float | str | None]:
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


def counted_advice(status: str, model: str, role: str, keywords: Keywords, running: Mapping[str, float]) -> str:
    """Return plain words for a status; they end with the call to make."""
    seen = SEEN_OF[role].get(status, SEEN.get(status, ""))
    if status in ("no_repeats", "no_information"):
        names = ", ".join(f"{name}=" for name in keywords if name != "unit")
        return f"{seen}. " + GIVE.format(f"cv.{model}({names})")
    if status in ("not_moved", "iteration_limit"):
        return f"{seen}. Call {written(model, keywords)}.fit(..., max_passes=1000)"
    where = "" if status == "one_pattern" else where_to(running)
    ends = [where_to({k: v for k, v in running.items() if k in pair}) for pair in PAIRS[role]]
    words = [COUNTED_RUN_OFF[role].get(end) for end in ends]
    if where and status != "unsettled":
        seen = "; ".join(word for word in words if word) or seen
    fixed = (counted_held(running, role) if where else {}) or COUNTED_ALIKE[role]
    call = written(model, {**keywords, **fixed})
    return f"{where.replace('->', ' -> ')}{': ' if where else ''}{seen}. Hold it: {call}"
