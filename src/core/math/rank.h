/* rank.h -- ranks of a column, 1 for the largest value. */
#ifndef CUSTVAL_RANK_H
#define CUSTVAL_RANK_H

#include "types.h"

/* The rank that equal values share. */
typedef enum {
    CV_TIES_MIN,    /* The smallest of their places: 1, 2, 2, 4. */
    CV_TIES_DENSE,  /* The number of different larger values + 1: 1, 2, 2, 3. */
    CV_TIES_AVERAGE /* The mean of their places: 1, 2.5, 2.5, 4. */
} cv_ties;

/* Ranks of n values without NaN, -0 equal to 0; `ties` is a cv_ties, `scratch` cv_rank_scratch(n)
 * bytes. Time is linear in n. Returns 1 when interrupted. */
size_t cv_rank_scratch(size_t n);
int cv_rank(const double *value, size_t n, int ties, void *scratch, double *rank, cv_tick tick,
            void *context);

#endif
