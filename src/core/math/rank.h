/* rank.h -- ranks of a column. */
#ifndef CUSTVAL_RANK_H
#define CUSTVAL_RANK_H

#include "types.h"

/* Rank 1 for the largest value; NaN is not allowed. Equal values share the smallest rank, the
 * number of different larger values + 1, or the mean of their places. */
enum { CV_TIES_MIN, CV_TIES_DENSE, CV_TIES_AVERAGE };

/* Takes cv_rank_scratch() bytes; returns 1 if tick asked to stop. */
size_t cv_rank_scratch(size_t n);
int cv_rank(const double *value, size_t n, int ties, void *scratch, double *rank, cv_tick tick,
            void *context);

#endif
