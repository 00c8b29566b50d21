"""Advice for fits that did not converge: the finding, and the call that fits a model the data identify."""
from collections.abc import Mapping

from .._formatting import plain

Keywords = Mapping[str, float | str | None]

SEEN = {
    "no_repeats": "no customer bought twice (x = 0 for all): nothing can be estimated about repeat purchases",
    "no_information": "no customer was observed for any time (no rows, or T = 0 for all)",
    "one_pattern": "all customers have the same history: differences between customers cannot be estimated",
    "not_moved": "the likelihood is not finite or cannot be improved at the start: check for extreme values",
    "iteration_limit": "the search, or a second one from another start, reached max_passes before both agreed on one "
                       "optimum. Raise max_passes, or look for rows that are not customers (tests, resellers, bots)",
    "unsettled": "searches from several starts do not agree on one optimum: the data hardly identify the parameters",
    "boundary": "the likelihood increases toward the boundary of the parameters: a smaller model fits equally well",
    "flat": "the data do not identify the parameters: the likelihood is constant along one direction",
}
SEEN_OF = {
    "opportunities": {
        "no_repeats": "no customer used an opportunity (x = 0 for all): nothing can be estimated about purchases",
        "no_information": "no customer had an opportunity yet (no rows, or n = 0 for all)",
    },
    "contracts": {
        "no_repeats": "no customer churned: nothing can be estimated about churn",
        "no_information": "no contract has reached the end of a period (no rows, or tenure 0 for all)",
        "one_pattern": "all customers churned at the same time: differences between customers cannot be estimated",
    },
}
NO_DROPOUT = "the dropout estimate lies on its boundary; the NBD, without dropout, fits equally well"
TWO_GROUPS = "some customers drop out at once, the others never: two groups, not one beta distribution"
RUN_OFF = {
    "a->0": NO_DROPOUT,
    "r,alpha->inf; a->0": "customers neither drop out nor differ in purchase rate; one rate for all fits equally well",
    "a,b->0": TWO_GROUPS,
    "b->0": "nearly all customers drop out at the first opportunity; at most one repeat purchase is expected",
    "r->0": "a vanishing share of the customers makes all repeat purchases",
    "r,alpha->0": "a vanishing share of the customers makes all repeat purchases",
    "r,alpha->inf": "customers do not differ in purchase rate; one rate for all fits equally well",
    "a,b->inf": "customers do not differ in dropout probability; one probability for all fits equally well",
    "r,alpha,a,b->inf": "customers differ neither in purchase rate nor in dropout probability; one of each for all "
                        "fits equally well",
    "q,gamma->inf": "customers do not differ in mean spend; one gamma distribution for all purchases fits equally well",
    "nu->inf": "the variance of the margins is the same for all customers; one variance fits equally well",
    "kappa->inf": "customers do not differ in mean margin; one mean for all fits equally well",
    "sigma->0": "many customers have the same margin, or spend, at every purchase; a list price is not a distribution",
    "tau->0": "customers do not differ in mean spend; one log-normal distribution for all purchases fits equally well",
    "p->inf; gamma->0": "each customer spends the same amount at every purchase; the mean m_x is all there is to know",
}
COUNTED_RUN_OFF = {
    "opportunities": {
        "alpha,beta->inf": "customers do not differ in purchase probability; one probability for all fits equally well",
        "gamma,delta->inf": "customers do not differ in dropout probability; one probability for all fits equally well",
        "alpha,beta->0": "some customers use every opportunity, the others none: two groups, not one beta distribution",
        "gamma,delta->0": TWO_GROUPS,
        "alpha->0": "hardly any customer buys again",
        "beta->0": "active customers buy at every opportunity",
        "gamma->0": "the dropout estimate lies on its boundary; the beta-binomial, without dropout, fits equally well",
        "delta->0": "nearly all customers drop out at once",
    },
    "contracts": {
        "alpha,beta->inf": "customers do not differ in churn probability; one retention rate fits equally well",
        "alpha,beta->0": "some customers churn at once, the others never: two groups, not one beta distribution",
        "alpha->0": "hardly any customer churns",
        "beta->0": "nearly all customers churn at the end of the first period",
        "c->0": "customers who have renewed once hardly ever churn",
        "c->inf": "hardly any customer renews twice",
    },
}
FAR, NEAR = 10_000.0, 1e-4     # a parameter held here is as good as infinite; as 0
NO_LEAVERS, ALL_LEAVERS = {"a": 1e-6, "b": 1.0}, {"a": 1.0, "b": 1e-6}
ALIKE: dict[str, Keywords] = {             # customers who do not differ
    "purchases": {"r": FAR, **NO_LEAVERS}, "spend": {"p": FAR, "q": FAR, "tau": NEAR}, "contracts": {"alpha": FAR},
    "margin": {"sigma": 1.0, "kappa": FAR, "nu": FAR}, "opportunities": {"alpha": FAR, "gamma": FAR}}
FREED: dict[str, Keywords] = {"spend": {"gamma": None}}       # estimated again beside parameters held fixed
PAIRS = {"opportunities": (("alpha", "beta"), ("gamma", "delta")), "contracts": (("alpha", "beta"), ("c", ""))}
SETTINGS = {"rate_covariates", "dropout_covariates", "penalty", "first", "smearing"}      # no parameters
OTHERWISE = "Give all parameters, as known from other customers: {0}({1})"
WITHOUT = {
    ("no_repeats", "purchases"): "Rank customers by points, cv.Scorecard.builtin('consumer').score(base.attributes()), "
                                 "or give all parameters, as known from other customers: {0}({1}).",
    ("no_repeats", "spend"): OTHERWISE + "; cv.forecast(base, value='purchases') needs none.",
    ("no_repeats", "margin"): OTHERWISE + ".",
    ("no_information", "purchases"): "Pass the last day of observation: cv.CustomerBase(orders, ..., end=).",
    **{(status, role): OTHERWISE + "." for status in ("no_repeats", "no_information") for role in PAIRS},
}


def runners(gone: Mapping[str, float], direction: Mapping[str, float]) -> dict[str, float]:
    """Return the parameters that run off, each with a number above 0 (to infinity) or below (to 0)."""
    most = max((abs(v) for v in direction.values()), default=0.0)
    return {k: v for k, v in gone.items() if v} or {k: v for k, v in direction.items() if abs(v) > most / 3}


def limits(running: Mapping[str, float]) -> str:
    """Return the limits, such as "a,b->inf" or "r,alpha->inf; a->0"."""
    sides = {"inf": [k for k, v in running.items() if v > 0], "0": [k for k, v in running.items() if v < 0]}
    return "; ".join(f"{','.join(names)}->{side}" for side, names in sides.items() if names)


def held(running: Mapping[str, float], role: str) -> dict[str, float]:
    """Return the values at which to fix parameters that run off: so far out that more makes no difference."""
    def far(*names: str) -> float:
        return next((running[k] for k in names if running.get(k)), 0.0)
    if role in PAIRS:
        return _held_pairs(running, role)
    if role == "margin":
        ends = {"kappa": (0.01, FAR), "nu": (2.0, FAR), "sigma": (1.0, 1.0)}
        return {name: values[running[name] > 0] for name, values in ends.items() if running.get(name)}
    if role == "spend":
        out = {"p": FAR if far("p") > 0 else 0.01} if far("p") else {}
        out |= {name: NEAR for name in ("sigma", "tau") if far(name) < 0}
        spread = far("q") if far("p") else far("q", "gamma")
        return out | ({"q": FAR if spread > 0 else 2.0} if spread else {})
    out = {"r": FAR if far("r", "alpha") > 0 else 0.001} if far("r", "alpha") else {}
    a, b = far("a"), far("b")
    if a * b > 0:
        return out | {"b": FAR if b > 0 else 0.001}
    return out | (NO_LEAVERS if a < b else ALL_LEAVERS if a > b else {})


def _held_pairs(running: Mapping[str, float], role: str) -> dict[str, float]:
    """Return the same for models of counted periods, whose parameters come in pairs."""
    out: dict[str, float] = {}
    for a, b in PAIRS[role]:
        gone = running.get(a, 0.0), running.get(b, 0.0)
        if a == "c" and gone[0]:
            out[a] = 1.0
        elif gone[0] * gone[1] > 0:
            out[a] = FAR if gone[0] > 0 else 0.001
        elif gone[0] < gone[1]:
            out |= {a: 1e-6, b: 1.0, "c": 1.0}         # nearly nobody: no data about a change with tenure
        elif gone[0] > gone[1]:
            out |= {a: 1.0, b: 1e-6, "c": 1.0}
    return out


def nested(model: str, running: Mapping[str, float]) -> tuple[str, str, dict[str, float]]:
    """Return the finding for models with a death rate: words, the model to use, the parameters to fix."""
    b, s, beta = (running.get(name, 0.0) for name in ("b", "s", "beta"))
    own: dict[str, float] = {"r": FAR if running.get("r", running.get("alpha", 0.0)) > 0 else 0.001}
    rate = own if "r" in running or "alpha" in running else {}
    if b < 0:
        return "the dropout hazard does not change with age; Pareto/NBD fits equally well", "ParetoNBD", rate
    if b > 0 or (model == "GGompertzNBD" and s == 0 and beta > 0):
        return "no customer drops out before a certain age, if at all; ageing is too sudden to fit", "ParetoNBD", rate
    if s > 0:
        return ("customers do not differ in their dropout hazard; one hazard for all fits equally well", model,
                rate | {"s": FAR})
    if beta < 0 and s <= 0:
        return TWO_GROUPS.replace("beta", "gamma"), "MBGNBD", rate
    if s < 0 or beta > 0:
        return NO_DROPOUT, "NBD", rate
    smaller = model if rate or model == "NBD" else "ParetoNBD" if model == "GGompertzNBD" else "NBD"
    return RUN_OFF.get(limits(running), SEEN["flat"]), smaller, rate


def written(model: str, keywords: Keywords) -> str:
    """Return the call that makes a model, such as ``cv.MBGNBD(b=10_000)``."""
    def digits(v: float | str | None) -> str:
        return f"{int(v):_}" if isinstance(v, float) and v == int(v) else repr(v)
    told = {k: v for k, v in keywords.items() if v is False or (v and v is not True)}
    return f"cv.{model}({', '.join(f'{k}={digits(v)}' for k, v in told.items())})"


def advice(status: str, model: str, role: str, keywords: Keywords, running: Mapping[str, float]) -> str:
    """Return the finding behind a status; it ends with the call to make."""
    finding = SEEN_OF.get(role, {}).get(status, SEEN[status])
    if (status, role) in WITHOUT:
        names = [f"{name}=" for name in keywords if name not in SETTINGS
                 and (name != "unit" or role == "purchases")]
        return f"{finding}. " + WITHOUT[status, role].format(f"cv.{model}", ", ".join(names))
    if status in ("not_moved", "iteration_limit"):
        data = "..." if role in PAIRS else "base"
        return f"{finding}. Call {_used(role, f'{written(model, keywords)}.fit({data}, max_passes=1000)')}"
    coefficients = [name for name in running if ":" in name]
    if coefficients and status != "one_pattern":
        call = written(model, {**keywords, "penalty": 1.0})
        return (f"{', '.join(map(plain, coefficients))}: these covariates are collinear, or one of them separates the "
                f"customers completely. Remove one, or shrink all coefficients: {_used(role, call)}")
    where = "" if status == "one_pattern" else limits(running)
    before = f"{where.replace('->', ' -> ')}: " if where else ""
    if model in ("GGompertzNBD", "ParetoNBD", "NBD"):
        return before + _smaller(status, model, keywords, running if where else {})
    if status != "unsettled":
        finding = meaning(role, running if where else {}) or finding
    far: Keywords = (held(running, role) if where else {}) or ALIKE[role]
    fixed: Keywords = {name: value for name, value in far.items() if name in keywords}
    if fixed.get("a") == NO_LEAVERS["a"]:
        return before + _without_dropout(finding, model, keywords, fixed)
    call = written(model, {**keywords, **FREED.get(role, {}), **fixed})
    return f"{before}{finding}. Fix the parameter{'s' * (len(fixed) > 1)}: {_used(role, call)}"


def meaning(role: str, running: Mapping[str, float]) -> str:
    """Return what it means that these parameters run off, "" if that is not known."""
    if role not in PAIRS:
        return RUN_OFF.get(limits(running), "")
    ends = [limits({k: v for k, v in running.items() if k in pair}) for pair in PAIRS[role]]
    return "; ".join(filter(None, (COUNTED_RUN_OFF[role].get(end) for end in ends)))


def _smaller(status: str, model: str, keywords: Keywords, running: Mapping[str, float]) -> str:
    """Return the finding and the call for models with a death rate, which have other models as their limits."""
    finding, smaller, fixed = nested(model, running) if running else (SEEN[status], "NBD", {"r": FAR})
    if smaller == "NBD" and model != "NBD":
        return _without_dropout(finding, model, keywords, fixed)
    call = written(smaller, {**(keywords if smaller == model else {"unit": keywords["unit"]}), **fixed})
    return f"{finding}. Use {_used('purchases', call)}"


def _without_dropout(finding: str, model: str, keywords: Keywords, fixed: Keywords) -> str:
    """Return the finding and the models to compare where dropout cannot be told; the NBD has none."""
    unit: Keywords = {"unit": keywords["unit"]}
    nbd, regular = written("NBD", {**unit, "r": fixed.get("r")}), written("MBGCNBD", unit)
    compared = f"Compare cv.MBGCNBD, which allows regular purchases: cv.compare(base, [{nbd}, {regular}]). "
    return f"{finding}. {'' if 'CNBD' in model else compared}Use {_used('purchases', nbd)}"


def _used(role: str, call: str) -> str:
    """Return a call, and where its model goes."""
    if role in PAIRS:
        return call
    return f"{call}; {'in a lifetime value spend' if role == 'margin' else f'in a forecast {role}'}={call}"
