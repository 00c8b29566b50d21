"""Slow twin of the forecast: from rows (customer, day, amount, cost, marketing) by loops, calendar by datetime."""
import datetime
import math
import statistics
from fractions import Fraction
from itertools import pairwise

import mpmath

DAY = datetime.timedelta(days=1)


def quarter(day):
    return day.year * 4 + (day.month - 1) // 3


def first_day(number, months):
    """Return the first day of the numbered period of `months` months."""
    years, month = divmod(number * months, 12)
    return datetime.date(years, month + 1, 1)


def periods_ahead(end, periods, months):
    """Return [(label kind, first day, day after)] of the rest of the running period and the next ones."""
    running = (end.year * 12 + end.month - 1) // months
    edges = [end + DAY] + [first_day(running + k, months) for k in range(1, periods + 2)]
    spans = [("rest" if k == 0 else "next", a, b) for k, (a, b) in enumerate(pairwise(edges))]
    return [span for span in spans if span[1] < span[2]]


def histories(rows, end):
    """Return customer -> (x, t_x, T in days, m_x): a purchase is a day with net amount above 0."""
    out = {}
    for who in dict.fromkeys(row[0] for row in rows):
        net = {}
        for _, day, amount, *_ in (row for row in rows if row[0] == who):
            net[day] = net.get(day, Fraction(0)) + Fraction(amount)
        bought = sorted(day for day, money in net.items() if money > 0)
        x = len(bought) - 1
        if x < 0:
            out[who] = None
            continue
        repeats = [net[day] for day in bought[1:]]
        out[who] = (x, (bought[-1] - bought[0]).days, (end - bought[0]).days, float(sum(repeats) / x) if x else None)
    return out


def cells(rows, who, column):
    """Return quarter -> [part, money of purchases] of one customer."""
    net, part = {}, {}
    for _, day, *money in (row for row in rows if row[0] == who):
        net[day] = net.get(day, 0) + Fraction(money[0])
        part[quarter(day)] = part.get(quarter(day), 0) + Fraction(money[column])
    found = {q: [m, Fraction(0)] for q, m in part.items()}
    for day, money in net.items():
        if money > 0:
            found[quarter(day)][1] += money
    return [(float(m), float(w)) for m, w in found.values()]


def credible_rates(customers):
    """Return the rates of Bühlmann and Straub (1970); customers: lists of (part, whole)."""
    own, weight, spread, freedom = [], [], 0.0, 0
    for customer in customers:
        w = sum(whole for _, whole in customer)
        rate = sum(part for part, _ in customer) / w if w else None
        own.append(rate)
        weight.append(w)
        counted = [(part, whole) for part, whole in customer if whole > 0]
        if counted:                                     # X_i of the cells that have a rate
            of_cells = sum(part for part, _ in counted) / w
            spread += sum(whole * (part / whole - of_cells) ** 2 for part, whole in counted)
        freedom += max(len(counted) - 1, 0)
    known = [(x, w) for x, w in zip(own, weight, strict=True) if x is not None]
    total = sum(w for _, w in known)
    grand = sum(x * w for x, w in known) / total
    between = 0.0
    if freedom and len(known) > 1:
        within = spread / freedom
        top = sum(w * (x - grand) ** 2 for x, w in known) - (len(known) - 1) * within
        between = max(0.0, top / (total - sum(w * w for _, w in known) / total))
    z = [w * between / (w * between + within) if between else 0.0 for w in weight]
    mean = sum(zi * x for zi, x in zip(z, own, strict=True) if x is not None) / sum(z) if any(z) else grand
    return [mean if x is None else mean + zi * (x - mean) for zi, x in zip(z, own, strict=True)]


def a_year_before(end):
    after = end + DAY
    return after.replace(year=after.year - 1)


def forecast(rows, end, periods, months, purchases, spend):
    """Return customer -> list of {kind, purchases, amount, cost, marketing, margin}; None without a purchase."""
    known, ahead = histories(rows, end), periods_ahead(end, periods, months)
    net, costs = (dict(zip(known, credible_rates([cells(rows, who, k) for who in known]), strict=True)) for k in (0, 1))
    since = max(a_year_before(end), min(row[1] for row in rows))
    out = {}
    for who, history in known.items():
        out[who] = history and []
        if history is None:
            continue
        x, t_x, T, m_x = history
        each = spend.expected_spend(x, m_x) if x else spend.expected_spend(0, 1.0)
        alive = float(purchases.p_alive(x, t_x / 7, T / 7))
        a_day = sum(row[4] for row in rows if row[0] == who and row[1] >= since) / ((end - since).days + 1)
        for kind, begin, after in ahead:
            until = [purchases.expected_purchases((day - end - DAY).days / 7, x, t_x / 7, T / 7)
                     for day in (begin, after)]
            count = float(until[1] - until[0])
            one = {"kind": kind, "purchases": count, "amount": count * each * float(net[who]),
                   "cost": count * each * float(costs[who]), "marketing": (after - begin).days * a_day * alive}
            out[who].append(one | {"margin": one["amount"] - one["cost"] - one["marketing"]})
    return out


def regressors(days, end, ahead, expected):
    """Return the nine columns of the adjustment of a customer who bought on these days, numbers from an origin."""
    bought = sorted(day for day in days if day <= end)
    gaps = [b - a for a, b in pairwise(bought)]
    x, T, recency = len(gaps), end - bought[0], end - bought[-1]
    recent = sum(end + 1 - day <= ahead for day in bought)
    newest = sum(end + 1 - day <= max(3, ahead / 4) for day in bought)
    own = x * min(ahead, T) / max(T, 1)
    gap = statistics.median(gaps) if gaps else 0

    def limited(value, most=3):
        return max(-most, min(most, value))
    return [math.log1p(x), recency / max(T, 1), limited(math.log((recent + .5) / (own + .5))),
            limited(math.log((newest + .25) / (recent / 4 + .25))),
            limited(math.log((recency + 1) / (gap + 1))) if gaps else 0.0,
            limited(statistics.stdev(gaps) / (gap + 1) - 1, 2) if x > 1 else 0.0, float(x > 1),
            limited(math.log((T + 7) / ahead)), math.log(max(expected, 1e-3))]


def poisson_regression(rows, expected, actual, ridge, digits=50):
    """Return the coefficients of log (actual / expected), by Newton's method in many digits."""
    with mpmath.workdps(digits):
        rows = [[mpmath.mpf(v) for v in row] for row in rows]
        n, k = len(rows), len(rows[0])
        mean = [sum(row[j] for row in rows) / n for j in range(k)]
        sd = [mpmath.sqrt(sum((row[j] - mean[j]) ** 2 for row in rows) / n) for j in range(k)]
        z = [[mpmath.mpf(1)] + [(row[j] - mean[j]) / sd[j] if sd[j] else mpmath.mpf(0) for j in range(k)]
             for row in rows]
        b = mpmath.matrix([mpmath.log(mpmath.mpf(sum(actual)) / mpmath.fsum(expected))] + [0] * k)
        prior = [0] + [ridge] * k
        for _ in range(60):
            mu = [e * mpmath.exp(mpmath.fdot(row, b)) for e, row in zip(expected, z, strict=True)]
            slope = mpmath.matrix([mpmath.fsum((y - m) * row[j] for y, m, row in zip(actual, mu, z, strict=True))
                                   - prior[j] * b[j] for j in range(k + 1)])
            curve = mpmath.matrix(k + 1)
            for i in range(k + 1):
                for j in range(k + 1):
                    curve[i, j] = mpmath.fsum(m * row[i] * row[j] for m, row in zip(mu, z, strict=True))
                curve[i, i] += prior[i]
            step = mpmath.lu_solve(curve, slope)
            largest = max(abs(v) for v in step)
            b += step * min(1, 2 / largest)
            if largest < mpmath.mpf(10) ** (10 - digits):
                break
        slopes = [b[j + 1] / sd[j] if sd[j] else mpmath.mpf(0) for j in range(k)]
        return [float(v) for v in [b[0] - mpmath.fdot(slopes, mean), *slopes]]
