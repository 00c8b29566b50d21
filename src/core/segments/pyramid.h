/* pyramid.h -- tiers by selection, not by sorting; concentration.
 *
 * Customers stand in descending order of value, ranks count from 1, equal values by first
 * appearance; -0 equals 0; values are finite or NaN, and NaN stands below all numbers and in no
 * tier. Tiers are 0 on top, at most CV_MAX_TIERS.
 */
#ifndef CUSTVAL_PYRAMID_H
#define CUSTVAL_PYRAMID_H

#include "types.h"

enum { CV_MAX_TIERS = 127 };

/* tier = number of cuts above the value; who equals a cut is above it. NaN: tier -1. */
void cv_tiers(cv_simd simd, const double *value, size_t n, const double *cut, size_t k,
              int8_t *tier);

/* Of the customers equal to `cut` all but the first `quota` go one tier down, first being the
 * largest `tie` (finite), then the first to appear. `key`: `room` keys, the number of those equal;
 * without tie NULL and 0. */
void cv_divide(const double *value, const double *tie, size_t n, double cut, int64_t quota,
               uint64_t *key, size_t room, int8_t *tier);

/* cell = row * columns + column, the cells of a grid counted row by row; -1 when either is. */
void cv_cells(const int8_t *row, const int8_t *column, size_t n, int columns, int8_t *cell);

/* Who left his former tier (-1: had none) goes back to it, or as far back, as he lies within 0 <=
 * band < 1 of the falling cuts, as a share of each. */
void cv_keep_tiers(const double *value, const int8_t *former, size_t n, const double *cut, size_t k,
                   double band, int8_t *tier);

/* Customers and sum of `value` per tier 0..k-1, k <= CV_MAX_TIERS. */
void cv_tier_totals(const double *value, const int8_t *tier, size_t n, size_t k, int64_t *count,
                    double *sum);

/* Lorenz: top[i] = sum of the i largest of n ascending values, i = 0..n. */
void cv_lorenz(const double *ascending, size_t n, double *top);

/* Share of the total held by the share p in [0, 1] of customers with the largest values, linear
 * between customers; NaN unless the total is positive and finite. */
double cv_share_of_top(const double *top, size_t n, double p);

/* Smallest number of customers that hold `share` of a positive total, within 1e-12 of it. */
size_t cv_count_reaching(const double *top, size_t n, double share);

/* Gini = sum of (2 i - n - 1) x_i / (n sum of x_i), x ascending, i = 1..n; above 1 is possible with
 * negative values; NaN unless the total is positive and all sums finite. */
double cv_gini(const double *ascending, size_t n);

#endif
