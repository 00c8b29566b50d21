/* pyramid_tile.inc.h -- tiers of a tile of customers; compiled once per instruction set
 * (math/simd_dispatch.inc.h). Counts of comparisons in doubles: exact.
 */

/* Four cuts a pass over the tile: they stay in registers. */
static void
STAMP(four_cuts)(const double *restrict value, size_t n, const double *cut, size_t k,
                 double *restrict below)
{
    const double c0 = cut[0], c1 = k > 1 ? cut[1] : -INFINITY;
    const double c2 = k > 2 ? cut[2] : -INFINITY, c3 = k > 3 ? cut[3] : -INFINITY;
    for (size_t i = 0; i < n; i++) {
        const double v = value[i];
        below[i] += (v < c0 ? 1.0 : 0.0) + (v < c1 ? 1.0 : 0.0) + (v < c2 ? 1.0 : 0.0) +
                    (v < c3 ? 1.0 : 0.0);
    }
}

/* The tiers of n <= TILE values: the number of cuts above each; NaN is above none and starts at
 * -1. */
static void
STAMP(tiers)(const double *restrict value, size_t n, const double *cut, size_t k,
             int8_t *restrict tier)
{
    double below[TILE]; /* not integers: 64 bits of those do not compare in the base set */
    for (size_t i = 0; i < n; i++) below[i] = value[i] == value[i] ? 0.0 : -1.0;
    for (size_t j = 0; j < k; j += 4) STAMP(four_cuts)(value, n, cut + j, k - j, below);
    for (size_t i = 0; i < n; i++) tier[i] = (int8_t)below[i];
}
