/* fit_data.h -- histories checked, scaled and sorted into rows. */
#ifndef CUSTVAL_FIT_DATA_H
#define CUSTVAL_FIT_DATA_H

#include "fit/fit.h"
#include "likelihood/rows.h"

/* Places for n rows in the workspace; returns where the workspace goes on. */
size_t cv_rows_bytes(const cv_family *family, size_t n);
void *cv_rows_place(cv_rows *rows, size_t n, void *workspace);
cv_fit_status cv_fit_check(const cv_family *family, const cv_fit_data *data);
void cv_fit_place(cv_rows *rows, const cv_fit_data *data); /* their scale and center */
/* Every stride-th history in units of rows->scale, sorted by x; 1 when interrupted. */
int cv_rows_arrange(cv_rows *rows, const cv_fit_data *data, size_t stride);
/* What depends on rows->weight: sums of groups and of all; 1 when interrupted. */
int cv_rows_weigh(cv_rows *rows);

#endif
