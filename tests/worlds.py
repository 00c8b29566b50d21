"""Model parameters, ages and histories of several tests, by kernel prefix."""

HISTORIES = [(2, 30.43, 38.86), (0, 0, 38.86), (26, 30.86, 31), (5, 30, 39)]
SEASONS = [(2, 4, 6), (0, 0, 6), (6, 6, 6)]
WORLDS = {                                                  # prefix -> parameters, age, histories
    "bgnbd": ([0.243, 4.414, 0.793, 2.426], 39, HISTORIES),
    "mbgnbd": ([0.525, 6.183, 0.891, 1.614], 39, HISTORIES),
    "bgcnbd": ([3, 0.5, 2, 0.8, 2.5], 39, HISTORIES),
    "mbgcnbd": ([2, 0.5, 2, 0.8, 2.5], 39, HISTORIES),
    "pnbd": ([0.55, 10.6, 0.6, 11.7], 39, HISTORIES),
    "ggnbd": ([0.55, 10.6, 0.02, 0.6, 0.3], 39, HISTORIES),
    "bgbb": ([1.2, 0.75, 0.66, 2.78], 30, SEASONS),
}


def within(sample, mean, errors=4.5):
    """Return whether the mean of a sample is within `errors` standard errors of `mean`."""
    return abs(sample.mean() - mean) <= errors * sample.std() / len(sample) ** 0.5
