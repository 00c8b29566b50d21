/* select.h -- ranks and running sums of a column without sorting it.
 *
 * Values stand in descending order, ranks count from 1; -0 equals 0; values are finite or NaN, and
 * NaN stands below all numbers.
 */
#ifndef CUSTVAL_SELECT_H
#define CUSTVAL_SELECT_H

#include "types.h"

enum { CV_BUCKETS = 65536 };

/* Per cut: the value of the last customer above it; of the `equal` customers with this very value
 * `quota` stand above. Rank 0 has the value +infinity. Arrays of k, lent by the caller. */
typedef struct {
    double *value;
    int64_t *quota, *equal;
} cv_cuts;

/* Customers per bucket of CV_BUCKETS, a bucket being the top 16 bits of the order-preserving key;
 * `sum`, unless NULL, the amount per bucket. Returns the sum of all (0 when `sum` is NULL). */
double cv_histogram(const double *value, size_t n, size_t *count, cv_money *sum);

/* Plan the cuts below the ranks 0 <= rank[0] <= rank[1] ... <= customers that are not NaN, or those
 * at which the descending running sum first reaches share[j] of `total` > 0, within 1e-12 of it
 * (0 < share[0] <= share[1] ... <= 1). Returns the number of keys to lend to the second step. */
size_t cv_plan_ranks(size_t *count, const int64_t *rank, size_t k, cv_cuts cuts);
size_t cv_plan_shares(size_t *count, const cv_money *sum, double total, const double *share,
                      size_t k, cv_cuts cuts);

/* Fill the cuts of a plan; `count` as the plan left it, `key` as many as it asked for. */
void cv_cut_ranks(const double *value, size_t n, size_t *count, uint64_t *key, size_t k,
                  cv_cuts cuts);
void cv_cut_shares(const double *value, size_t n, size_t *count, uint64_t *key, size_t k,
                   cv_cuts cuts);

#endif
