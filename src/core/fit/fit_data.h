/* fit_data.h -- histories checked, scaled and sorted into the rows of a fit. */
#ifndef CUSTVAL_FIT_DATA_H
#define CUSTVAL_FIT_DATA_H

#include "fit/fit.h"
#include "likelihood/rows.h"

/* Return the weight of a row. */
static inline double
weight_of(const cv_fit_data *h, size_t i)
{
    return h->weight ? h->weight[i] : 1;
}

/* Return whether the rows are amounts of spend. */
static inline int
is_spend(const cv_family *family)
{
    return family->kind == CV_SPEND || family->kind == CV_SINGLE;
}

/* Return whether the columns are money. */
static inline int
is_money(const cv_family *family)
{
    return is_spend(family) || family->kind == CV_MARGINS;
}

/* Return the first fault of row i as a number that orders by reason, then by column; 0
 * (CV_FAULT_NONE) for a valid history. */
uint32_t cv_fault_of(const cv_family *family, const cv_fit_data *h, size_t i);

/* Return the bytes that n rows of a family take. */
size_t cv_rows_bytes(const cv_family *family, size_t n);

/* Point the columns of *rows, whose family is set, into a workspace with room for n rows. Returns
 * the first byte behind them. */
void *cv_rows_place(cv_rows *rows, size_t n, void *workspace);

/* Return BAD_DATA if a row is outside the domain of its kind, or NO_INFORMATION, NO_REPEATS or
 * ONE_PATTERN where that is all the rows say; else CONVERGED. */
cv_fit_status cv_fit_check(const cv_family *family, const cv_fit_data *data);

/* Set rows->scale, the median size of a history, and rows->center, that of margins. */
void cv_fit_place(cv_rows *rows, const cv_fit_data *data);

/* Copy every stride-th history that takes part, in units of rows->scale, sorted by x into groups;
 * merge equal ones where rows or family are distinct, weigh them and prepare the tables. Returns 1
 * when interrupted. */
int cv_rows_arrange(cv_rows *rows, const cv_fit_data *data, size_t stride);

/* Compute what depends on rows->weight: sums per group and over all. Returns 1 when interrupted. */
int cv_rows_weigh(cv_rows *rows);

#endif
