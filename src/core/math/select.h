/* select.h -- ranks and running sums of a column without sorting it.
 *
 * The order is descending, ranks count from 1; -0 equals 0; values are finite or NaN, and NaN
 * stands below all numbers. Use: cv_histogram, then one of the plans, then the cut of the same
 * name. Four passes over memory, of which two read the column.
 */
#ifndef CUSTVAL_SELECT_H
#define CUSTVAL_SELECT_H

#include "types.h"

enum { CV_BUCKETS = 65536 };

/* One entry per cut, arrays of k lent by the caller. `value` is that of the last customer above the
 * cut (+infinity for rank 0); of the `equal` customers with this very value `quota` are above. */
typedef struct {
    double *value;
    int64_t *quota, *equal;
} cv_cuts;

/* Keys lent by the caller, as many as a plan needs: 2 or more. */
typedef struct {
    uint64_t *key;
    size_t room;
} cv_keys;

/* A power of two by which to multiply amounts before they are compared with shares of this total:
 * 1 but for totals so small that a share of them would lose digits. */
double cv_lift_of(double total);

/* Counts the n values in CV_BUCKETS buckets, a bucket being the top 16 bits of the sort key.
 * `sum`, unless NULL, receives the amount per bucket. Returns the sum of all but NaN (0 when `sum`
 * is NULL). */
double cv_histogram(const double *value, size_t n, size_t *count, cv_money *sum);

/* Plans the cuts below the ranks rank[0] <= rank[1] ..., each from 0 to the number of customers
 * that are not NaN. Turns `count` into places. Returns the number of keys that the cut borrows. */
size_t cv_plan_ranks(size_t *count, const int64_t *rank, size_t k, cv_cuts cuts);

/* The same for the ranks at which the descending running sum first reaches share[j] of total > 0,
 * within 1e-12 of it; 0 < share[0] <= share[1] ... <= 1. `sum` as cv_histogram() filled it. */
size_t cv_plan_shares(size_t *count, const cv_money *sum, double total, const double *share,
                      size_t k, cv_cuts cuts);

/* Fill the cuts of a plan. `count` is as the plan left it, keys.room as it returned it. Values that
 * have changed since the plan make wrong cuts, and nothing worse. */
void cv_cut_ranks(const double *value, size_t n, size_t *count, cv_keys keys, size_t k,
                  cv_cuts cuts);
void cv_cut_shares(const double *value, size_t n, size_t *count, cv_keys keys, double total,
                   size_t k, cv_cuts cuts);

#endif
