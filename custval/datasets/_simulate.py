"""Simulate the firm of `crm`: latent customers first, then their orders, invoices and contacts.

Every draw is a raw 64-bit word of PCG64, whose stream NumPy guarantees, converted to a number here, and every
table has a stream of its own: a seed gives the same firm on any version.
Times are days since `START`; matrices have shape (customers, DAYS).
"""
from typing import Any

import numpy as np
from numpy.typing import NDArray

Table = dict[str, NDArray[Any]]

START, END = np.datetime64("2022-01-03"), np.datetime64("2025-11-14")        # a Monday, a Friday
DAYS = int((END - START).astype(int)) + 1
DAY = np.arange(DAYS)
MONTH = (START + DAY).astype("datetime64[M]").astype(int) % 12
#                   Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec
SEASON = np.array([.80, .55, 1.05, 1.0, 1.0, 1.1, .80, .75, 1.15, 1.2, 1.3, 1.3])[MONTH]
WORKING = DAY % 7 < 5

REGIONS = np.array(["华东", "华南", "华北", "Europe", "Americas"])
TYPES = np.array(["B2B", "distributor", "channel"])
PLACES = np.array([["东海", "长江", "太湖", "金陵", "钱塘"], ["岭南", "珠江", "南山", "白云", "海丰"],
                   ["燕山", "渤海", "太行", "永定", "黄河"],
                   ["Rhine", "Danube", "Alpine", "Baltic", "Iberia"],
                   ["Hudson", "Prairie", "Andes", "Pacific", "Lakeside"]])
TRADES = np.array([["机械", "化工", "水务", "食品", "能源"]] * 3
                  + [[" Machinery", " Chemicals", " Water", " Foods", " Energy"]] * 2)

#          product           yuan  unit cost  usual quantity  bought along with it
CATALOGUE = [("P-100 pump",     16800, 10400,  2, 1), ("S-1 seal kit",     315,  133, 40, 5),
             ("V-10 valve",      1260,   730, 15, 4), ("P-200 pump",     36400, 23600,  1, 6),
             ("S-2 seal kit",     490,   217, 30, 5), ("F-5 filter",       196,   77, 60, 2),
             ("C-1 controller",  9450,  5320,  2, 7), ("Service visit",   2800, 2170,  1, 5)]
PRODUCT = np.array([row[0] for row in CATALOGUE])
PRICE, UNIT_COST, USUAL, ALONG = np.array([row[1:] for row in CATALOGUE]).T

STAGES, PROBABILITY = np.array(["lead", "qualified", "proposal", "negotiation"]), np.array([.10, .25, .50, .75])
CHANNELS, CHANNEL_COST = np.array(["email", "phone", "visit", "fair"]), np.array([15, 100, 1200, 4500])


class Draws:
    """Uniform, normal and exponential numbers from the raw words of PCG64."""

    def __init__(self, seed: int, stream: int) -> None:
        self._words = np.random.PCG64(np.random.SeedSequence([seed, stream]))

    def uniform(self, *shape: int) -> NDArray[np.float64]:
        words = self._words.random_raw(int(np.prod(shape)))
        return ((words >> np.uint64(11)).astype(np.float64) + 0.5).reshape(shape) * 2.0**-53

    def exponential(self, n: int) -> NDArray[np.float64]:
        return -np.log(self.uniform(n))

    def normal(self, n: int) -> NDArray[np.float64]:
        return np.sqrt(2 * self.exponential(n)) * np.cos(2 * np.pi * self.uniform(n))       # Box and Muller

    def one_of(self, weights: list[float], n: int) -> NDArray[np.intp]:
        return np.searchsorted(np.cumsum(weights)[:-1], self.uniform(n), side="right")

    def events(self, per_day: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return customer and day of every event, at most one a day, in order of time."""
        day, customer = np.nonzero((self.uniform(*per_day.shape) < per_day).T)
        return customer, day


def _dates(days: NDArray[Any]) -> NDArray[np.datetime64]:
    dates: NDArray[np.datetime64] = START + np.floor(days).astype(np.int64)
    return dates


def known(days: NDArray[Any]) -> NDArray[np.datetime64]:
    """Return dates, NaT after `END`, which are not known yet."""
    dates = _dates(np.minimum(days, DAYS))
    dates[days >= DAYS] = np.datetime64("NaT")
    return dates


def _while_customer(who: Table, per_year: NDArray[Any], begin: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probability of an event on each working day from `begin` until the customer churns."""
    left = who["left"][:, None]
    return ((begin[:, None] <= DAY) & (left > DAY) & WORKING) * (per_year[:, None] / 261)


def customers(seed: int, n: int) -> Table:
    """Draw the latent traits of customers: size, order rate, growth a year, discount, first and last day."""
    draw = Draws(seed, 0)
    region = draw.one_of([.35, .20, .15, .20, .10], n)
    serial = np.empty(n, np.int64)
    for k in range(len(REGIONS)):
        serial[region == k] = np.arange(1, (region == k).sum() + 1)
    size = draw.normal(n)
    met = np.floor(DAYS * (1.55 * draw.uniform(n) - .65))                    # day of the first contact
    begin = np.where(met < 0, 120 * draw.uniform(n), met + 10 + 60 * draw.exponential(n))
    begin = np.minimum(np.floor(begin), DAYS - 5 - np.floor(40 * draw.uniform(n)))
    spoilt = draw.uniform(n) < .09                                           # gets prices below cost
    return {
        "customer": np.array([f"{'ABCDE'[k]}-{s:03d}" for k, s in zip(region, serial, strict=True)]),
        "region": region, "type": draw.one_of([.6, .25, .15], n), "size": size, "met": met, "begin": begin,
        "left": begin + 365.25 * 6 * draw.exponential(n),
        "rate": np.clip(5 * np.exp(.35 * size + .5 * draw.normal(n)), .6, 24),
        "growth": np.clip(.03 + .22 * draw.normal(n), -.5, .5),
        "volume": np.exp(1.3 * size + .5 * draw.normal(n) - 1.1),
        "discount": np.where(spoilt, .34 + .2 * draw.uniform(n), .16 * draw.uniform(n)),
        "care": np.clip(6 * np.exp(.2 * size + .7 * draw.normal(n)), 1, 40),   # contacts a year
        "slow": np.where(draw.uniform(n) < .12, 70., 8.),                    # days of delay in paying
    }


def orders(seed: int, who: Table) -> Table:
    """Draw orders of one to three lines, more in season, and returned goods."""
    draw = Draws(seed, 1)
    years = (DAY - DAYS / 2) / 365.25
    per_day = _while_customer(who, who["rate"], who["begin"])
    per_day *= SEASON * np.exp(who["growth"][:, None] / 2 * years)
    per_day[np.arange(len(per_day)), who["begin"].astype(int)] = 1           # every customer has an order
    customer, day = draw.events(per_day)
    n = len(day)
    minute = np.floor(480 + 600 * draw.uniform(n)).astype(np.int64)          # 08:00 to 18:00
    by_time = np.lexsort((minute, day))
    customer, day, minute = customer[by_time], day[by_time], minute[by_time]
    line = np.repeat(np.arange(n), 1 + draw.one_of([.5, .35, .15], n))
    place = np.arange(len(line)) - np.searchsorted(line, line)               # 0, 1, 2 within the order
    product = np.floor(len(PRODUCT) * draw.uniform(n) ** 1.4).astype(int)[line]
    product = np.where(place > 0, ALONG[product], product)
    product = np.where(place > 1, ALONG[product], product)
    buyer, when = customer[line], day[line]
    trend = np.exp(who["growth"][buyer] / 2 * years[when])
    quantity = np.ceil(USUAL[product] * who["volume"][buyer] * trend * np.exp(.45 * draw.normal(len(line))))
    price = PRICE[product] * 1.02 ** years[when] * (1 - who["discount"][buyer])
    unit_cost = UNIT_COST[product] * 1.03 ** years[when]
    time = _dates(when).astype("datetime64[m]") + minute[line]

    back = np.flatnonzero(draw.uniform(len(line)) < .035)  # returned, completely or in part
    later = when[back] + 3 + np.floor(40 * draw.uniform(len(back))).astype(int)
    returned = np.ceil(quantity[back] * draw.uniform(len(back)))
    back, later, returned = back[later < DAYS], later[later < DAYS], returned[later < DAYS]
    row = np.concatenate([np.arange(len(line)), back])
    units = np.concatenate([quantity, -returned])
    times = np.concatenate([time, _dates(later).astype("datetime64[m]") + minute[line][back]])
    turn = np.lexsort((row, times))
    row, units = row[turn], units[turn]
    return {"order": np.array([f"O-{k + 1:05d}" for k in line[row]]),
            "customer": who["customer"][buyer[row]], "time": times[turn].astype("datetime64[us]"),
            "product": PRODUCT[product[row]], "quantity": units.astype(np.int64),
            "amount": np.round(units * price[row], 2), "cost": np.round(units * unit_cost[row], 2)}


def receivables(seed: int, who: Table, order: Table) -> Table:
    """Draw an invoice for every order: due in 30 or 60 days, paid late by some, never by a few."""
    draw = Draws(seed, 2)
    sold = np.flatnonzero(order["amount"] > 0)
    _, first, number = np.unique(order["order"][sold], return_index=True, return_inverse=True)
    amount = np.round(np.bincount(number, order["amount"][sold]), 2)
    names = np.argsort(who["customer"])
    customer = names[np.searchsorted(who["customer"], order["customer"][sold][first], sorter=names)]
    issued = (order["time"][sold][first].astype("datetime64[D]") - START).astype(np.int64)
    due = issued + np.where(who["type"][customer] == 0, 30, 60)
    paid = due - 6 + who["slow"][customer] * draw.exponential(len(due))
    paid = np.maximum(np.where(draw.uniform(len(due)) < .006, np.inf, paid), issued)
    return {"customer": who["customer"][customer], "issued": _dates(issued), "due": _dates(due),
            "amount": amount, "paid": known(paid)}


def opportunities(seed: int, who: Table) -> Table:
    """Draw opportunities with their stage and probability at creation; closed ones were won or lost."""
    draw = Draws(seed, 3)
    customer, created = draw.events(_while_customer(who, .25 * who["rate"], who["begin"]))
    n = len(created)
    span = 20 + 130 * draw.uniform(n)
    closes, luck = created + span, draw.uniform(n)
    amount = np.round(60000 * who["volume"][customer] * np.exp(.5 * draw.normal(n)), -2)
    stage = draw.one_of([.25] * 4, n)
    won = np.where(closes < DAYS, luck < PROBABILITY[stage], np.nan)
    return {"customer": who["customer"][customer], "created": _dates(created), "closed": known(closes),
            "stage": STAGES[stage], "probability": PROBABILITY[stage], "amount": amount, "won": won}


def suggestions(seed: int, who: Table) -> Table:
    """Draw suggestions of customers, a third of them of high value."""
    draw = Draws(seed, 4)
    customer, day = draw.events(_while_customer(who, .5 * np.exp(.4 * who["size"]), who["begin"]))
    return {"customer": who["customer"][customer], "time": _dates(day),
            "level": np.where(draw.uniform(len(day)) < .35, "high", "general")}


def contacts(seed: int, who: Table) -> Table:
    """Draw contacts by mail, phone, visit and trade fair with their cost, also before the first order."""
    draw = Draws(seed, 5)
    customer, day = draw.events(_while_customer(who, who["care"], np.maximum(who["met"], who["begin"] - 90)))
    channel = draw.one_of([.35, .3, .3, .05], len(day))
    cost = np.round(CHANNEL_COST[channel] * (.6 + .8 * draw.uniform(len(day))), 2)
    return {"customer": who["customer"][customer], "time": _dates(day),
            "channel": CHANNELS[channel], "cost": cost}


def profile(seed: int, who: Table) -> Table:
    """Draw the notes of the sales force about each customer."""
    draw = Draws(seed, 6)
    size, n = who["size"], len(who["size"])
    region, trade = who["region"], draw.one_of([.2] * 5, n)
    places = PLACES[region, draw.one_of([.2] * 5, n)]
    stays = who["left"] >= DAYS
    happy = np.clip(np.round(64 + 45 * who["growth"] + 10 * stays + 9 * draw.normal(n)), 5, 100)
    yearly = 38000 * who["rate"] * who["volume"] * stays
    return {"customer": who["customer"], "name": np.char.add(places, TRADES[region, trade]),
            "type": TYPES[who["type"]], "region": REGIONS[region], "first_contact": _dates(who["met"]),
            "capital": np.round(2e6 * np.exp(1.3 * size + .5 * draw.normal(n)), -4) + 1e4,
            "employees": np.ceil(60 * np.exp(1.1 * size + .4 * draw.normal(n))).astype(np.int64),
            "market_share": np.round(np.minimum(.04 * np.exp(.8 * size + .5 * draw.normal(n)), .6), 3),
            "capacity": np.round(4000 * np.exp(size + .4 * draw.normal(n)), -2).astype(np.int64),
            "users": np.ceil(12 * np.exp(.9 * size + .5 * draw.normal(n))).astype(np.int64),
            "satisfaction": np.where(draw.uniform(n) < .06, np.nan, happy),
            "would_refer": happy + 8 * draw.normal(n) > 74,
            "planned_2y": np.round(2 * yearly * np.exp(who["growth"] + .3 * draw.normal(n)), -3)}
