"""Parameter recovery: the share of 95 % intervals that cover the truth, for cohorts simulated from each model.

Customer equity likewise: the share of 90 % intervals that cover the money of the following year.

python tests/recovery.py [cohorts customers]
"""
import sys

import numpy as np

import custval as cv


def has_covariates(truth):
    return bool(getattr(truth, "rate_covariates", ()))


def known(kind, **of_all):
    """Return a model with covariates u, centred at 0, and v, 1 for half of the customers and 0 for the others."""
    truth = kind(rate_covariates=["u", "v"], dropout_covariates=["v"])
    truth.params_ = dict(zip(truth.names, (*of_all.values(), 0.4, -0.3, 0.7), strict=True))
    truth.means_ = dict(zip(truth.names[-3:], (0.0, 0.5, 0.5), strict=True))
    truth.status_ = "converged"
    return truth


TRUTHS = [
    cv.NBD(r=0.6, alpha=6),
    cv.BGNBD(r=0.5, alpha=6, a=0.8, b=2.5),
    cv.MBGNBD(r=0.6, alpha=6, a=0.9, b=2.5),
    cv.BGCNBD(k=2, r=0.6, alpha=3, a=0.8, b=2.5),
    cv.MBGCNBD(k=3, r=0.6, alpha=2, a=0.9, b=2.5),
    cv.ParetoNBD(r=0.9, alpha=5, s=0.9, beta=12),
    cv.GGompertzNBD(r=0.9, alpha=5, b=0.08, s=1.5, beta=8),
    cv.GammaGamma(p=6, q=4, gamma=15),
    cv.BGBB(alpha=1.2, beta=0.8, gamma=0.7, delta=2.8),
    cv.ShiftedBetaGeometric(alpha=0.7, beta=3),
    cv.BetaDiscreteWeibull(alpha=0.6, beta=1.8, c=1.4),
    cv.NormalMargin(mu=-3, sigma=10, kappa=2, nu=6),
    cv.LogNormalSpend(mu=3, sigma=0.6, tau=0.4),
    known(cv.BGNBD, r=0.8, alpha=6, a=1.2, b=2.5),
    known(cv.MBGNBD, r=0.8, alpha=6, a=1.2, b=2.5),
    known(cv.ParetoNBD, r=0.9, alpha=5, s=0.9, beta=12),
]


def world(truth, n, seed):
    """Return the arguments of `fit` for n customers, observed for 26 to 52 units of time."""
    if truth.prefix == "gg":
        x = np.random.default_rng(seed).poisson(2, n)
        return x, truth.simulate(x, seed=seed)
    if truth.prefix in ("normal_margin", "lognormal"):
        return tuple(truth.simulate(np.random.default_rng(seed).poisson(4, n), seed=seed).values())
    if has_covariates(truth):
        u = np.random.default_rng(seed).normal(size=n)
        frame = {"u": u - u.mean(), "v": np.arange(n) % 2.0}
        return (frame | truth.given(frame).simulate(n, np.linspace(26, 52, n), seed=seed),)
    if truth.role in ("opportunities", "contracts"):
        return tuple(truth.simulate(n, 12, seed=seed).values())
    return tuple(truth.simulate(n, np.linspace(26, 52, n), seed=seed).values())


def coverage(truth, cohorts, n):
    """Return, by parameter, the share of converged fits whose interval covers the truth, and their number."""
    true = getattr(truth, "params_", None) or {name: getattr(truth, name) for name in truth.names if name != "k"}
    held, fits = dict.fromkeys(true, 0), 0
    for seed in range(cohorts):
        free = type(truth)(**truth.get_params() | dict.fromkeys(set(true) & set(type(truth).names)))
        model = free.fit(*world(truth, n, seed))
        if model.status_ != "converged":
            continue
        fits += 1
        table = model.summary()
        for name, low, high in zip(table["parameter"], table["low"], table["high"], strict=True):
            if name in held:
                held[name] += low <= true[name] <= high
    return {name: count / fits for name, count in held.items()}, fits


EQUITIES = [
    cv.CLV(purchases=cv.BGNBD(r=0.5, alpha=6, a=0.8, b=2.5, unit="W"), spend=cv.GammaGamma(p=6, q=4, gamma=15)),
    cv.CLV(purchases=cv.ParetoNBD(r=0.9, alpha=5, s=0.9, beta=12, unit="W"), spend=cv.GammaGamma(p=6, q=4, gamma=15)),
    cv.CLV(purchases=cv.MBGNBD(r=0.6, alpha=6, a=0.9, b=2.5, unit="W"),
           spend=cv.NormalMargin(mu=3, sigma=10, kappa=2, nu=6)),
]


def equity_coverage(truth, cohorts, n):
    """Return the shares of totals and of customers that lie in their intervals, and the number of cohorts fitted."""
    totals, customers = [], []
    for seed in range(cohorts):
        seen = truth.purchases.simulate(n, np.linspace(26, 52, n), seed=seed)
        orders = seen["x"] + 1
        seen |= truth.spend.simulate(orders, seed=seed) if truth.spend.role == "margin" else {
            "m_x": truth.spend.simulate(seen["x"], seed=seed)}
        came = truth.interval(seen, draws=1, seed=seed + 10_000)
        clv = cv.CLV(purchases=type(truth.purchases)(unit="W"), spend=type(truth.spend)()).fit(seen)
        if {clv.purchases_.status_, clv.spend_.status_} != {"converged"}:
            continue
        found = clv.interval(seen, draws=200, seed=seed)
        totals.append(found.total.low <= came.total.low <= found.total.high)
        customers.append(((found.low <= came.low) & (came.low <= found.high)).mean())
    return np.mean(totals), np.mean(customers), len(totals)


if __name__ == "__main__":
    cohorts, n = map(int, sys.argv[1:3] or (200, 5000))
    for truth in TRUTHS:
        shares, fits = coverage(truth, cohorts, n)
        print(f"{type(truth).__name__}{' with covariates' * has_covariates(truth)}: {fits} of {cohorts} converged; "
              + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))
    for truth in EQUITIES:
        total, each, fits = equity_coverage(truth, cohorts, n)
        print(f"equity of {type(truth.purchases).__name__}, {type(truth.spend).__name__}: {fits} of {cohorts} fitted; "
              f"total {total:.1%}, each {each:.1%} in 90 % intervals")
