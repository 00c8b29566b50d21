"""Slow twin of the forecast: from rows (customer, day, amount, cost, marketing) by loops, calendar by datetime."""
import datetime
from fractions import Fraction
from itertools import pairwise

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
