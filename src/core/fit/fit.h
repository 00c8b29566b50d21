/* fit.h -- maximum likelihood: the fit of each model. */
#ifndef CUSTVAL_FIT_H
#define CUSTVAL_FIT_H

#include "types.h"

/* Models, their columns and their parameters:
 *     BGNBD, MBGNBD   x, t_x, T   r, alpha, a, b
 *     BGCNBD, MBGCNBD x, t_x, T, litt (the sum of the logs of the gaps)   k (given), r, alpha, a, b
 *     BGBB            x, t_x, n in opportunities   alpha, beta, gamma, delta
 *     SBG, BDW        1 if left or 0, tenure   alpha, beta; alpha, beta, c
 *     GG              x, m_x      p, q, gamma
 *     GGNBD           x, t_x, T   r, alpha, b, s, beta
 *     PNBD            x, t_x, T   r, alpha, s, beta
 *     NBD             x, t_x, T   r, alpha
 *     NORMAL_MARGIN   n, mean, SS mu, sigma, kappa, nu
 */
typedef enum {
    CV_BGNBD,
    CV_MBGNBD,
    CV_BGCNBD,
    CV_MBGCNBD,
    CV_GG,
    CV_GGNBD,
    CV_PNBD,
    CV_NBD,
    CV_NORMAL_MARGIN,
    CV_BGBB,
    CV_SBG,
    CV_BDW,
    CV_MODELS
} cv_model;

const char *cv_model_prefix(cv_model model);
size_t cv_model_columns(cv_model model);
size_t cv_model_parameters(cv_model model);

/* What a model is fitted to. Weights (NULL: 1 each) count customers with one history. Covariates,
 * first those of the purchase rate, then those of dropout, add a parameter each: a coefficient a
 * unit of the column. The model's own are then those of a customer with average covariates, and
 * penalty / 2 times the sum of the squares of the coefficients a standard deviation is taken from
 * the log-likelihood. */
enum { CV_COLUMNS = 4 };
typedef struct {
    size_t n;
    const double *column[CV_COLUMNS], *weight;
    size_t rates, dropouts;
    const double *covariate[CV_COVARIATES];
    double penalty;
} cv_fit_data;

typedef enum {
    CV_FIT_CONVERGED,
    CV_FIT_NO_REPEATS,
    CV_FIT_NO_INFORMATION,
    CV_FIT_ONE_PATTERN,
    CV_FIT_BOUNDARY,
    CV_FIT_FLAT,
    CV_FIT_NOT_MOVED,
    CV_FIT_ITERATION_LIMIT,
    CV_FIT_BAD_DATA,   /* a row outside the domain */
    CV_FIT_INTERRUPTED /* the tick asked to stop */
} cv_fit_status;

typedef struct {
    double parameter[CV_PARAMETERS]; /* in the unit of the data */
    double covariance[CV_PARAMETERS * CV_PARAMETERS];
    double direction[CV_PARAMETERS]; /* of least curvature, in the logs of parameters */
    double boundary[CV_PARAMETERS];  /* -1: towards 0, 1: towards infinity, 0: neither */
    double mean[CV_COVARIATES];      /* of the covariates */
    double loglik, customers, gradient, smallest, condition;
    int passes;
} cv_fit_result;

/* Whether the model can have covariates. */
int cv_takes_covariates(cv_model model);

/* Customers whose covariates are known; `mean` is that of the data of the fit. */
typedef struct cv_bound_covariates {
    cv_model model;
    const cv_fit_data *data;
    const double *mean;
} cv_bound_covariates;

/* A customer's own four parameters, from those of one with average covariates and the coefficients
 * behind them; those of all, a column each. 1 when the tick asked to stop. */
void cv_own_of(const cv_bound_covariates *known, const double *parameter, size_t row, double *own);
int cv_own_parameters(const cv_bound_covariates *known, const double *parameter,
                      double *const own[], cv_tick tick, void *context);

/* Bytes that a fit borrows. */
size_t cv_fit_workspace(cv_model model, const cv_fit_data *data);

/* Maximum likelihood. fixed[i] is NaN where parameter i is free. `limit` bounds the passes of each
 * search. Matrices are k x k, row by row, with k parameters. */
cv_fit_status cv_fit(cv_model model, const cv_fit_data *data, const double *fixed, int limit,
                     cv_simd simd, void *workspace, cv_tick tick, void *context,
                     cv_fit_result *result);

/* Log-likelihood, gradient and Hessian (k x k, row by row) in the parameters themselves, those of a
 * customer whose covariates are 0, without penalty. */
cv_fit_status cv_likelihood(cv_model model, const cv_fit_data *data, const double *parameter,
                            cv_simd simd, void *workspace, cv_tick tick, void *context,
                            double *value, double *gradient, double *hessian);

/* The weighted bootstrap: replicates of a fit, each with Poisson weights of its own. */
typedef struct {
    const double *estimate; /* where each refit starts */
    uint32_t replicates;
    uint64_t seed;
    int limit; /* passes of one refit */
} cv_resampling;

size_t cv_bootstrap_workspace(cv_model model, const cv_fit_data *data);

/* replicates x k parameters, replicate by replicate; NaN where one has no sound optimum. */
cv_fit_status cv_bootstrap(cv_model model, const cv_fit_data *data, const double *fixed,
                           const cv_resampling *how, cv_simd simd, void *workspace, cv_tick tick,
                           void *context, double *parameter);

/* Per customer what leaving him out does to a fit, to first order: each parameter moves by
 * shift[p * n + i] = -(C g)_p, and the log-likelihood of all, doubled, falls by g'C g, with g the
 * gradient of his own and C the covariance (likelihood displacement: Cook, 1986, JRSS B 48). The
 * workspace is that of one row. Returns 1 when the tick asked to stop or a row is bad. */
int cv_influence(cv_model model, const cv_fit_data *data, const double *parameter,
                 const double *covariance, cv_simd simd, void *workspace, double *displacement,
                 double *shift, cv_tick tick, void *context);

#endif
