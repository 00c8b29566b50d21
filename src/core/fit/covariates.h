/* covariates.h -- families with coefficients of covariates. */
#ifndef CUSTVAL_COVARIATES_H
#define CUSTVAL_COVARIATES_H

#include "fit/fit.h"
#include "likelihood/rows.h"

/* A family whose further parameters are coefficients of covariates. */
cv_family cv_with_covariates(const cv_family *base, const cv_fit_data *data,
                             double seed[CV_SEEDS][CV_PARAMETERS]);
/* Means and spreads of the covariates, weighted; 0 where one is constant or not finite. */
int cv_standardise(const cv_fit_data *data, double *mean, double *spread);

/* The family of a fit, with the coefficients of its covariates. */
typedef struct {
    cv_family family;
    double seed[CV_SEEDS][CV_PARAMETERS], mean[CV_COVARIATES], spread[CV_COVARIATES];
} cv_fit_family;

const cv_family *cv_fit_family_of(cv_model model, const cv_fit_data *data, cv_fit_family *of);

static inline size_t
cv_coefficients(const cv_family *family)
{
    return family->base ? family->parameters - family->base->parameters : 0;
}

static inline int
is_coefficient(const cv_rows *rows, size_t i)
{
    return i + cv_coefficients(rows->family) >= rows->family->parameters;
}

#endif
