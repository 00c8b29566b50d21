/* fit.h -- maximum likelihood for every model: fit, likelihood, bootstrap, influence.
 *
 * The log-likelihood has exact derivatives, the search is a trust-region Newton method from several
 * starting points, and a point counts as a fit only if it passes the convergence check of
 * multistart.h; else the status names what is missing. Nothing is allocated: a function that needs
 * room has a companion that returns its size. Results do not depend on the instruction set, the
 * order of rows within rounding, or the unit of the data. A tick that returns anything but 0 ends
 * every function here within 0.1 s.
 */
#ifndef CUSTVAL_FIT_H
#define CUSTVAL_FIT_H

#include "types.h"

/* Models, with the columns of a history and the parameters in their order. */
typedef enum {
    CV_BGNBD,         /* BG/NBD: x, t_x, T; r, alpha, a, b */
    CV_MBGNBD,        /* MBG/NBD: as BG/NBD */
    CV_BGCNBD,        /* BG/CNBD-k: x, t_x, T, sum of log gaps; k (fixed), r, alpha, a, b */
    CV_MBGCNBD,       /* MBG/CNBD-k: as BG/CNBD-k */
    CV_GG,            /* Gamma-Gamma: x, m_x in money; p, q, gamma */
    CV_GGNBD,         /* GGompertz/NBD: x, t_x, T; r, alpha, b, s, beta */
    CV_PNBD,          /* Pareto/NBD: x, t_x, T; r, alpha, s, beta */
    CV_NBD,           /* NBD: x, t_x, T; r, alpha */
    CV_GG_SINGLE,     /* Gamma-Gamma: n, mean in money, mean of the logs; p, q, gamma */
    CV_LOGNORMAL,     /* log-normal: n, mean and SS of the logs of money; mu, sigma, tau */
    CV_NORMAL_MARGIN, /* normal margins: n, mean, SS in money; mu, sigma, kappa, nu */
    CV_BGBB,          /* BG/BB: x, t_x, n in opportunities; alpha, beta, gamma, delta */
    CV_SBG,           /* shifted beta-geometric: 1 if cancelled else 0, tenure; alpha, beta */
    CV_BDW,           /* beta-discrete-Weibull: as SBG; alpha, beta, c */
    CV_MODELS         /* the number of models */
} cv_model;

/* Return the prefix of a model's kernels, "bgnbd", which is also its name in Python; the number of
 * columns of its histories; the number of its parameters, without coefficients of covariates. */
const char *cv_model_prefix(cv_model model);
size_t cv_model_columns(cv_model model);
size_t cv_model_parameters(cv_model model);

/* Return 1 if the model can have covariates: BG/NBD, MBG/NBD and Pareto/NBD. */
int cv_takes_covariates(cv_model model);

enum { CV_COLUMNS = 4 };

/* The data of a fit: n histories, column by column. Weights (NULL: 1 each) count customers with
 * one history. Covariates, first those of the purchase rate, then those of dropout, add a parameter
 * each: a coefficient per unit of the column. The model's own parameters are then those of a
 * customer with average covariates, and penalty / 2 times the sum of the squares of the
 * coefficients per standard deviation is subtracted from the log-likelihood. */
typedef struct {
    size_t n;
    const double *column[CV_COLUMNS], *weight;
    size_t rates, dropouts;
    const double *covariate[CV_COVARIATES];
    double penalty;
} cv_fit_data;

/* The opportunities of a history in a fit of BG/BB, whose likelihood has a term for each. */
#define CV_MOST_OPPORTUNITIES 1e6

/* The reason why a row is not a valid history, in the order of the search. */
typedef enum {
    CV_FAULT_NONE,
    CV_FAULT_MISSING, /* NaN or infinite, where it is read */
    CV_FAULT_NEGATIVE,
    CV_FAULT_FRACTION,          /* no whole number; a tenure below 0 as well */
    CV_FAULT_UNCOUNTABLE,       /* above 2^53, or CV_MOST_OPPORTUNITIES */
    CV_FAULT_NO_FLAG,           /* neither 0 nor 1 */
    CV_FAULT_NOT_POSITIVE,      /* m_x although x > 0 */
    CV_FAULT_SPREAD_OF_ONE,     /* SS above 0 although n = 1 */
    CV_FAULT_LOGS_OF_NOTHING,   /* litt not 0 although x = 0 */
    CV_FAULT_LOGS_TOO_LARGE,    /* litt above that of x equal gaps */
    CV_FAULT_LOG_TOO_LARGE,     /* log_mean above the log of the mean */
    CV_FAULT_LOG_OF_ONE,        /* log_mean not the log of the mean although n = 1 */
    CV_FAULT_MORE_THAN_OFFERED, /* t_x above n */
    CV_FAULT_MORE_THAN_USED,    /* x above t_x */
    CV_FAULT_AFTER_END,         /* t_x above T */
    CV_FAULT_ZERO,              /* t_x although x > 0; a tenure although the customer left */
    CV_FAULT_ABOVE_ZERO,        /* t_x although x = 0 */
    CV_FAULT_TOO_LARGE,         /* for arithmetic */
    CV_FAULTS
} cv_fault;

/* The first reason that any row has, by reason and then by column (weights come after the columns
 * of the model), and the rows that have it: their number, and with room for n in `row` (or NULL)
 * their places. */
typedef struct {
    cv_fault reason;
    size_t column, rows;
} cv_invalid;
cv_invalid cv_invalid_histories(cv_model model, const cv_fit_data *data, int64_t *row);

/* What a fit ended with; only the first is a fit to rely on. */
typedef enum {
    CV_FIT_CONVERGED,       /* The optimum passes the convergence check. */
    CV_FIT_NO_REPEATS,      /* No customer has a repeat purchase (contracts: nobody cancelled). */
    CV_FIT_NO_INFORMATION,  /* There are no rows, or no customer was observed for any time. */
    CV_FIT_ONE_PATTERN,     /* All histories are the same: heterogeneity cannot be estimated. */
    CV_FIT_BOUNDARY,        /* A parameter, or a probability, runs towards 0. */
    CV_FIT_FLAT,            /* Along some direction the likelihood does not change. */
    CV_FIT_NOT_MOVED,       /* The start is not finite, or no step from it improves. */
    CV_FIT_ITERATION_LIMIT, /* Passes ran out, or no two searches agree on the optimum. */
    CV_FIT_BAD_DATA,        /* A row is outside the domain, or a covariate is constant. */
    CV_FIT_INTERRUPTED      /* The tick stopped the work. */
} cv_fit_status;

/* The outcome of a search, sound or not. Parameters in the unit of the data. */
typedef struct {
    double parameter[CV_PARAMETERS];
    double covariance[CV_PARAMETERS * CV_PARAMETERS]; /* k x k; 0 for fixed parameters */
    double direction[CV_PARAMETERS];                  /* unit vector of least curvature, in logs */
    double boundary[CV_PARAMETERS]; /* -1: runs towards 0, 1: towards infinity, 0: neither */
    double mean[CV_COVARIATES];     /* of the covariates */
    double loglik;                  /* without the penalty, in nats */
    double customers;               /* sum of the weights */
    double gradient;  /* largest component of the mean log-likelihood's gradient, in logs */
    double smallest;  /* least eigenvalue of its negative Hessian */
    double condition; /* largest eigenvalue over the least; infinity unless all are positive */
    int passes;       /* of the last search over all rows */
} cv_fit_result;

/* Return the bytes of workspace that cv_fit and cv_likelihood borrow. */
size_t cv_fit_workspace(cv_model model, const cv_fit_data *data);

/* Fit a model. fixed[i] is NaN where parameter i is free, else its value; `limit` bounds the passes
 * of each search. Matrices are k x k, row by row, k parameters with coefficients. The caller clears
 * *result; it stays clear if the status is BAD_DATA, INTERRUPTED, NO_REPEATS, NO_INFORMATION or,
 * with all parameters free, ONE_PATTERN. */
cv_fit_status cv_fit(cv_model model, const cv_fit_data *data, const double *fixed, int limit,
                     cv_simd simd, void *workspace, cv_tick tick, void *context,
                     cv_fit_result *result);

/* Set the log-likelihood, its gradient (k) and its Hessian (k x k) in the parameters themselves,
 * those of a customer whose covariates are 0, without penalty. Returns CONVERGED, BAD_DATA or
 * INTERRUPTED; values are NaN outside the domain of the parameters. */
cv_fit_status cv_likelihood(cv_model model, const cv_fit_data *data, const double *parameter,
                            cv_simd simd, void *workspace, cv_tick tick, void *context,
                            double *value, double *gradient, double *hessian);

/* ---- covariates.c ---- */

/* Customers with their covariates; `mean` is that of the data of the fit. */
typedef struct cv_bound_covariates {
    cv_model model;
    const cv_fit_data *data;
    const double *mean;
} cv_bound_covariates;

/* Set own[0..3] to the parameters of the customer in a row, from those of a customer with average
 * covariates and the coefficients behind them. */
void cv_own_of(const cv_bound_covariates *known, const double *parameter, size_t row, double *own);

/* Do the same for all customers, own[p] being a column of n. Returns 1 when interrupted. */
int cv_own_parameters(const cv_bound_covariates *known, const double *parameter,
                      double *const own[], cv_tick tick, void *context);

/* ---- bootstrap.c ---- */

/* The weighted bootstrap: replicates of a fit, each with Poisson weights of its own. */
typedef struct {
    const double *estimate; /* start of each refit */
    uint32_t replicates;
    uint64_t seed;
    int limit; /* passes of one refit */
} cv_resampling;

/* Return the bytes of workspace that cv_bootstrap borrows. */
size_t cv_bootstrap_workspace(cv_model model, const cv_fit_data *data);

/* Set replicates x k parameters, replicate by replicate; NaN where one has no sound optimum. The
 * same seed gives the same bits, and replicate b does not depend on how many there are. Returns
 * CONVERGED, BAD_DATA or INTERRUPTED. */
cv_fit_status cv_bootstrap(cv_model model, const cv_fit_data *data, const double *fixed,
                           const cv_resampling *how, cv_simd simd, void *workspace, cv_tick tick,
                           void *context, double *parameter);

/* Set for each customer i what removing them does to a fit, to first order: parameter p moves by
 * shift[p * n + i] = -(C g)_p, and twice the log-likelihood of all falls by displacement[i] = g'C
 * g, g being the gradient of their row and C the covariance: likelihood displacement, Cook (1986),
 * JRSS B 48. The workspace is that of one row. Returns 1 when interrupted or a row is bad. */
int cv_influence(cv_model model, const cv_fit_data *data, const double *parameter,
                 const double *covariance, cv_simd simd, void *workspace, double *displacement,
                 double *shift, cv_tick tick, void *context);

#endif
