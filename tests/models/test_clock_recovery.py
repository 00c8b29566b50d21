"""The assumed world: customers who buy on a known clock, estimated in turn with their model, and 95 % intervals."""
import numpy as np
import pytest

from custval import _core

THETA = np.array([.8, 8.0, .8, 3.0])            # r, alpha in weeks, a, b
SETTINGS = np.array([.85, .1, 0, 0, .25, 0])    # ar, level_sd, slope_sd, slope_ar, season_sd, noise_sd
DAYS, AHEAD, DAY = 720, 12, 1 / 7
PERIOD = np.arange(DAYS) // 30
K = PERIOD[-1] + 1
PLACE = np.arange(K + AHEAD) % 12
CUSTOMERS, WORLDS, PASSES = 4000, 20, 8


def log_intensity(g):
    """Draw level + season of the periods observed and ahead."""
    ar, level_sd, *_, season_sd, _ = SETTINGS
    season, level = g.normal(0, season_sd, 12), [g.normal(0, level_sd)]
    for _ in range(K + AHEAD - 1):
        level.append(ar * level[-1] + g.normal(0, level_sd * np.sqrt(1 - ar**2)))
    return np.array(level) + (season - season.mean())[PLACE]


def bought(model, u, g, k=1):
    """Return the first days of customers, and the days of up to 400 repeat purchases and whether they are made."""
    r, alpha, a, b = THETA
    clock = np.concatenate([[0], np.cumsum(np.exp(u[PERIOD]) * DAY)])
    first = g.integers(0, DAYS - 60, CUSTOMERS)
    rate, p = g.gamma(r, k / alpha, CUSTOMERS), g.beta(a, b, CUSTOMERS)
    most = g.geometric(p) - model.startswith("m") if model != "nbd" else np.full(CUSTOMERS, 10**6)
    time = clock[first + 1][:, None] + np.cumsum(g.gamma(k, 1, (CUSTOMERS, 400)) / rate[:, None], 1)
    return first, np.searchsorted(clock, time) - 1, (time < clock[-1]) & (np.arange(1, 401) <= most[:, None])


def histories(model, u, g):
    """Return x, first and last day of customers, and the purchases of each period, by the model's own story."""
    first, day, made = bought(model, u, g)
    last = np.where(made, day, first[:, None]).max(1)
    return made.sum(1), first.astype(np.int32), last.astype(np.int32), np.bincount(PERIOD[day[made]], minlength=K)


def estimated(model, x, first, last, purchases):
    """Return parameters, log intensity, its path, columns, lengths and weights of the periods, after some passes."""
    u = np.zeros(K)
    for _ in range(PASSES):
        lengths = np.exp(u[PERIOD]) * DAY
        clock = np.concatenate([[0], np.cumsum(lengths)])
        columns = x.astype(float), clock[last + 1] - clock[first + 1], clock[-1] - clock[first + 1]
        theta = _core.fit(model, columns, None, np.full(2 if model == "nbd" else 4, np.nan), 100).parameters
        days = _core.clock_expected(model, columns, None, theta, first, last, DAYS - 1, 0, DAYS, DAY)
        expected = np.bincount(PERIOD, days)
        share, y, now = expected / expected.sum(), np.log(purchases / expected), u
        path = _core.clock_structure(y - share @ y, 1 / purchases, PLACE, 12, SETTINGS)
        u = path.mean[:K] - np.log(share @ np.exp(path.mean[:K]))
    assert abs(u - now).max() < 2e-3
    return theta, now, path, columns, lengths, share


def joint_covariance(model, theta, columns, first, last, lengths):
    """Return the covariance of log parameters and log intensities: by the likelihood and the prior of the clock."""
    size, none = len(theta), np.zeros(0)
    _, mixed, second = _core.clock_information(
        model, columns, None, theta, first, last, DAYS - 1, 0, PERIOD, lengths)
    hessian = np.zeros((size + K, size + K))
    own = _core.likelihood(model, columns, None, theta)[2].reshape(size, size)
    hessian[:size, :size] = own * np.outer(theta, theta)
    hessian[:size, size:] = mixed.reshape(size, K) * theta[:, None]
    hessian[size:, :size] = hessian[:size, size:].T
    prior = _core.clock_structure(none, none, PLACE[:K], 12, SETTINGS).covariance.reshape(K, K)
    hessian[size:, size:] = second.reshape(K, K) - np.linalg.inv(prior)
    return np.linalg.inv(-hessian)


def errors(model, seed):
    """Return errors over standard errors: of parameters and intensities, and ahead.

    A clock that runs faster throughout is a smaller alpha, so that log alpha and log m are compared but for their
    mean.
    """
    g = np.random.default_rng(seed)
    true = log_intensity(g)
    x, first, last, purchases = histories(model, true, g)
    theta, u, path, columns, lengths, share = estimated(model, x, first, last, purchases)
    size, n = len(theta), K + AHEAD
    contrast, ahead = np.eye(size + K), np.eye(n) - np.pad(share, (0, AHEAD))
    contrast[1, size:] -= share
    contrast[size:, size:] -= share
    covariance = contrast @ joint_covariance(model, theta, columns, first, last, lengths) @ contrast.T
    error = contrast @ (np.concatenate([np.log(theta), u]) - np.concatenate([np.log(THETA[:size]), true[:K]]))
    error_ahead = (ahead @ (path.mean - true))[K:]
    spread = ahead @ path.covariance.reshape(n, n) @ ahead.T
    return error / np.sqrt(np.diag(covariance)), error_ahead / np.sqrt(np.diag(spread))[K:]


@pytest.mark.parametrize("model", ["mbgnbd", "bgnbd", "nbd"])
def test_intervals_of_parameters_and_clock_hold_what_they_promise(model):
    now, ahead = (np.array(part) for part in zip(*(errors(model, seed) for seed in range(WORLDS)), strict=True))
    own = now[:, :2 if model == "nbd" else 4]
    assert .9 <= (abs(now) < 1.96).mean() <= .99
    assert .9 <= (abs(ahead) < 1.96).mean() <= .99
    assert (abs(own) < 1.96).mean() >= .9
    assert abs(own.mean(0)).max() < 3 / np.sqrt(WORLDS)


def condensed(k, u, g):
    """Return a ledger of days with a purchase, the customers of its rows, and where each begins and ends."""
    first, day, made = bought("mbgcnbd", u, g, k)
    rows = np.unique(np.column_stack([
        np.append(np.arange(CUSTOMERS), np.nonzero(made)[0]), np.append(first, day[made])]), axis=0)
    customer, tick = rows.T
    begin = np.searchsorted(customer, np.arange(CUSTOMERS))
    return customer, tick.astype(np.int32), begin, np.append(begin[1:], len(tick))


def condensed_errors(k, seed):
    """Return errors of log parameters and of log intensities over standard errors, MBG/CNBD-k, k known.

    A pass divides the step of the EM algorithm by the share of the stages counted that does not move with the clock.
    """
    g = np.random.default_rng(seed)
    true = log_intensity(g)
    customer, tick, begin, end = condensed(k, true, g)
    first, last, x, u = tick[begin], tick[end - 1], end - begin - 1., np.zeros(K)
    purchases = np.bincount(PERIOD[np.delete(tick, begin)], minlength=K)
    for _ in range(PASSES):
        lengths = np.exp(u[PERIOD]) * DAY
        clock = np.concatenate([[0], np.cumsum(lengths)])
        gap = np.diff(clock[tick + 1], prepend=0)
        gap[begin] = 1
        litt = np.bincount(customer, np.log(gap))
        columns = x, clock[last + 1] - clock[first + 1], clock[-1] - clock[first + 1], litt
        fit = _core.fit("mbgcnbd", columns, None, np.append(k, np.full(4, np.nan)), 100)
        expected, hidden = (
            np.bincount(PERIOD, by_day("mbgcnbd", columns, None, fit.parameters, first, last, DAYS - 1, 0, DAYS, DAY))
            for by_day in (_core.clock_expected, _core.clock_hidden))
        share, square = _core.gap_shares(tick, np.ones(len(tick)), begin, end, 0, PERIOD, lengths)
        passed = (purchases + (k - 1) * share) / k + np.exp(u) * hidden
        fixed = ((purchases + (k - 1) * square) / k) / passed
        y, now, part = u + (np.log(passed / expected) - u) / fixed, u, expected / expected.sum()
        path = _core.clock_structure(y - part @ y, 1 / purchases, PLACE, 12, SETTINGS)
        u = path.mean[:K] - np.log(part @ np.exp(path.mean[:K]))
    assert abs(u - now).max() < 2e-3
    contrast = np.eye(K + AHEAD) - np.pad(part, (0, AHEAD))
    spread = contrast @ path.covariance.reshape(K + AHEAD, -1) @ contrast.T
    theta = np.log(fit.parameters[1:] / THETA)
    theta[1] += np.log(k) + part @ (true[:K] - u)
    own = np.sqrt(np.diag(fit.covariance.reshape(5, 5))[1:]) / fit.parameters[1:]
    return theta / own, contrast @ (path.mean - true) / np.sqrt(np.diag(spread))


@pytest.mark.parametrize("k", [2, 4])
def test_regular_buyers_leave_no_trend_in_the_clock(k):
    """After a first purchase none follows soon, as hidden stages say; intervals are those of purchases alone."""
    own, errors = (np.array(part) for part in zip(*(condensed_errors(k, seed) for seed in range(12)), strict=True))
    assert abs(own.mean(0)).max() < 3 / np.sqrt(12)
    assert abs(errors[:, :K].mean(0)).max() < 1
    assert .9 <= (abs(errors[:, K:]) < 1.96).mean() <= .99
    assert .95 <= (abs(errors[:, :K]) < 1.96).mean()
