/* covariates.h -- families with coefficients of covariates. */
#ifndef CUSTVAL_COVARIATES_H
#define CUSTVAL_COVARIATES_H

#include "fit/fit.h"
#include "likelihood/rows.h"

/* Return `base` extended by the coefficients of the data's covariates: parameters of any sign
 * behind its own four, which start at 0. `seed` becomes the seeds of the result and must outlive
 * it. */
cv_family cv_with_covariates(const cv_family *base, const cv_fit_data *data,
                             double seed[CV_SEEDS][CV_PARAMETERS]);

/* Set the weighted means and standard deviations of the covariates; a return of 0 says that one is
 * constant or not finite. */
int cv_standardise(const cv_fit_data *data, double *mean, double *spread);

/* Room for the family of a fit that has covariates. */
typedef struct {
    cv_family family;
    double seed[CV_SEEDS][CV_PARAMETERS], mean[CV_COVARIATES], spread[CV_COVARIATES];
} cv_fit_family;

/* Return the family of a fit: the model's own, or, with covariates, one built in *of. */
const cv_family *cv_fit_family_of(cv_model model, const cv_fit_data *data, cv_fit_family *of);

/* Return the number of coefficients of a family. */
static inline size_t
cv_coefficients(const cv_family *family)
{
    return family->base ? family->parameters - family->base->parameters : 0;
}

/* Return whether parameter i is a coefficient: these stand behind the model's own. */
static inline int
is_coefficient(const cv_rows *rows, size_t i)
{
    return i + cv_coefficients(rows->family) >= rows->family->parameters;
}

#endif
