/* pyramid.h -- tiers by selection, not by sorting; cells of a grid; concentration.
 *
 * The order is descending by value, ranks count from 1, equal values by first appearance; -0 equals
 * 0; values are finite or NaN, and NaN stands below all numbers and in no tier. Tiers are 0 on top;
 * -1 means no tier. Cuts are those of math/select.h, descending.
 */
#ifndef CUSTVAL_PYRAMID_H
#define CUSTVAL_PYRAMID_H

#include "types.h"

enum { CV_MAX_TIERS = 127 };

/* Set the tier of each of n values: the number of the k < CV_MAX_TIERS cuts above it; a value equal
 * to a cut is above that cut. NaN: -1. */
void cv_tiers(cv_simd simd, const double *value, size_t n, const double *cut, size_t k,
              int8_t *tier);

/* Split the customers whose value equals `cut`: all but `quota` of them move one tier down. The
 * quota goes to the largest `tie` (finite), then to the first to appear. `key` is workspace for as
 * many keys, `room`, as customers equal the cut; without `tie` NULL and 0. */
void cv_split_ties(const double *value, const double *tie, size_t n, double cut, int64_t quota,
                   uint64_t *key, size_t room, int8_t *tier);

/* Move customers back toward their former tier (-1: they had none): a cut of another tier counts
 * as crossed only beyond a band about it, the share `band` of the cut, 0 <= band < 1. `cut`
 * descends; an infinite cut has no band. */
void cv_keep_tiers(const double *value, const int8_t *former, size_t n, const double *cut, size_t k,
                   double band, int8_t *tier);

/* Customers, and the sum of their values, per tier 0..k-1, k <= CV_MAX_TIERS. */
void cv_tier_totals(const double *value, const int8_t *tier, size_t n, size_t k, int64_t *count,
                    double *sum);

/* The cells of a grid counted row by row, row * columns + column; -1 when either is -1. There are
 * at most CV_MAX_TIERS of them. */
void cv_cells(const int8_t *row, const int8_t *column, size_t n, int columns, int8_t *cell);

/* Lorenz's curve from the top: top[i] = the sum of the i largest of n ascending values, i =
 * 0..n. */
void cv_lorenz(const double *ascending, size_t n, double *top);

/* Return the share of the total held by the share p in [0, 1] of customers with the largest values,
 * linear between customers; NaN unless the total is positive and finite. */
double cv_share_of_top(const double *top, size_t n, double p);

/* Return the smallest number of customers that hold `share` of a positive total, within 1e-12 of
 * it. */
size_t cv_count_reaching(const double *top, size_t n, double share);

/* Return Gini's coefficient of n ascending values, sum of (2 i - n - 1) x_i / (n sum of x_i), i =
 * 1..n. Above 1 is possible with negative values; NaN unless the total is positive and all sums are
 * finite. */
double cv_gini(const double *ascending, size_t n);

#endif
