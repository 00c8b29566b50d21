/* influence.c -- what one customer does to a fit. */
#include "fit/fit.h"
#include "math/guards.h"
#include "types.h"

int
cv_influence(cv_model model, const cv_fit_data *data, const double *parameter,
             const double *covariance, cv_simd simd, void *workspace, double *displacement,
             double *shift, cv_tick tick, void *context)
{
    const size_t k = cv_model_parameters(model), columns = cv_model_columns(model);
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    for (size_t i = 0; i < data->n; i++) {
        cv_fit_data one = {.n = 1};
        if (stopped_at_customer(i, tick, context)) return 1;
        for (size_t c = 0; c < columns; c++) one.column[c] = data->column[c] + i;
        if (cv_likelihood(model, &one, parameter, simd, workspace, NULL, NULL, &value, gradient,
                          hessian) != CV_FIT_CONVERGED)
            return 1;
        displacement[i] = 0;
        for (size_t p = 0; p < k; p++) {
            shift[p * data->n + i] = 0;
            for (size_t q = 0; q < k; q++)
                shift[p * data->n + i] -= covariance[p * k + q] * gradient[q];
            displacement[i] -= gradient[p] * shift[p * data->n + i];
        }
    }
    return 0;
}
