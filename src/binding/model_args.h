/* model_args.h -- what a fit is asked for, taken from Python's arguments. */
#ifndef CUSTVAL_MODEL_ARGS_H
#define CUSTVAL_MODEL_ARGS_H

#include "binding.h"

/* model, columns, weights, parameters, and the covariates of rate and dropout */
typedef struct {
    PyObject *column[CV_COLUMNS], *covariate[CV_COVARIATES], *weights, *parameters, *workspace;
    PyObject *mean;
    cv_model model;
    cv_simd simd;
    cv_fit_data data;
    cv_bound_covariates known;
} cv_asked;

/* The bytes that some work borrows. */
typedef size_t (*cv_workspace_of)(cv_model model, const cv_fit_data *data);

/* A model, its columns and weights or None. */
int cv_take_rows(PyObject *const *args, cv_asked *a);

/* args[0..3], and unless it is NULL the tuple (rates, dropouts) of covariates, each a tuple of
 * columns. All return -1 with an error set; drop what was taken in any case. */
int cv_take_histories(PyObject *module, PyObject *const *args, PyObject *covariates,
                      cv_workspace_of workspace, cv_asked *a);
void cv_drop_histories(cv_asked *a);

int cv_find_model(PyObject *name, cv_model *model);

/* What is known of n customers: a tuple (rates, dropouts, means) of two tuples of columns, and the
 * means of the fit. */
int cv_take_known(PyObject *model, size_t n, PyObject *known, cv_asked *a);

PyObject *cv_new_doubles(const double *values, size_t n);

#endif
