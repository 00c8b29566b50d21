/* rows.h -- the rows of a fit, and what a model contributes to its fit: its family.
 *
 * Rows are histories in units of their own scale, sorted by x into groups, so that what depends on
 * x alone is computed once per group. A likelihood adds value, gradient and Hessian of all rows in
 * one pass. Invariants of cv_rows: groups ascend in x without repetition, group g holds the rows
 * from group[g - 1].end (0 for the first) to group[g].end, and the last ends at n.
 */
#ifndef CUSTVAL_ROWS_H
#define CUSTVAL_ROWS_H

#include "types.h"

/* Rows with one x. */
typedef struct {
    double x;
    double weight;     /* sum of the weights of its rows */
    double log_totals; /* Gamma-Gamma: sum of w log(x m_x); else 0 */
    double unevenness; /* of single purchases: sum of w (log(mean) - log_mean); else 0 */
    size_t end;        /* index after its last row */
} cv_group;

/* The rows of a fit; see the invariants above. */
typedef struct {
    const struct cv_family *family;
    cv_simd simd;
    int distinct; /* 1: merge equal rows and add their weights */
    size_t n, groups;
    cv_group *group;
    double *t_x, *T; /* Gamma-Gamma: T is x m_x, and of single purchases t_x is log(mean) -
                        log_mean; margins: mean and SS */
    double *weight;              /* NULL: 1 each */
    void *tables;                /* family->bytes(n) bytes, filled by family->prepare */
    double scale, center;        /* a row holds (value of the data - center) / scale */
    double customers, repeats;   /* sums of w and w x */
    double log_gaps;             /* sum of w times the column of log gaps, in the scale */
    double *covariate;           /* standardised; column j begins at j n */
    const double *mean, *spread; /* of the covariates as given */
    double penalty;              /* per customer, times half the square of each coefficient */
    cv_tick tick;                /* NULL, or polled: anything but 0 stops the work */
    void *context;
} cv_rows;

/* A log-likelihood with its derivatives in the parameters; of the Hessian the upper triangle. */
typedef struct {
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS][CV_PARAMETERS];
} cv_derivatives;

/* The columns of a history, and their domain. */
typedef enum {
    CV_TIMES,   /* x whole, 0 <= t_x <= T in time; a fourth column may hold the log gaps */
    CV_COUNTS,  /* x, t_x, T whole, counted in opportunities: x <= t_x <= T */
    CV_TENURES, /* x, T: cancelled in period T (1), or still there after T periods (0) */
    CV_SPEND,   /* x, m_x in money, m_x > 0; rows with x = 0 take no part in the fit */
    CV_SINGLE,  /* n, mean as CV_SPEND; log_mean, the mean of the logs, <= log(mean) */
    CV_MARGINS  /* n, mean, SS of any sign, in money or in its logs; n = 0 takes no part */
} cv_kind;

enum { CV_SEEDS = 9 }; /* starting points of a family */

/* What a model contributes to its fit; one constant per model, in its _fit.c or its own file. */
typedef struct cv_family {
    const char *prefix; /* of its kernels, and its name in Python: "bgnbd" */
    cv_kind kind;
    size_t columns, parameters;
    size_t given;            /* this many leading parameters are always fixed: the k of Erlang-k */
    int unit[CV_PARAMETERS]; /* power of the data's unit in each parameter: -1, 0 or 1 */
    int location[CV_PARAMETERS]; /* 1: of any sign, searched as it is; 0: positive, in its log */
    int wide[CV_PARAMETERS];     /* 1: searched in a third of its log, thrice as far */
    /* Index pairs a, b of Beta parameters: where these lie far apart, the fit reports a probability
     * near 0 or 1. {0, 0}: none. */
    int odds[2][2];
    /* Rows of the sample that is searched first where there are more than 5 times as many (2 times
     * without single_mode); above 50 times as many, one of 10 samples is searched next. 0: none. */
    size_t sample;
    int distinct;    /* 1: a row is expensive, so equal ones are merged before the search */
    int single_mode; /* 1: with many rows two searches that agree on a sound optimum suffice */
    const double (*seed)[CV_PARAMETERS]; /* CV_SEEDS starting points, in the scale of the rows */
    /* [i][k]: the power of a fixed parameter k in the origin of a free one i; in `raised` only
     * where it moves i up, and by no more than half of CV_EDGE. NULL: none. */
    const int (*follows)[CV_PARAMETERS];
    const int (*raised)[CV_PARAMETERS];
    size_t (*bytes)(size_t n);     /* size of its tables for n rows; NULL: none */
    int (*prepare)(cv_rows *rows); /* fills them, independent of weights; 1 when interrupted */
    const struct cv_family *base;  /* with covariates: the family without them; else NULL */
    size_t rates;                  /* number of covariates of the rate, before those of dropout */
    /* Adds the log-likelihood of all rows and its derivatives to *all, which the caller has set to
     * 0; NaN in value outside the domain of the parameters. Returns 1 when interrupted. */
    int (*likelihood)(const cv_rows *rows, const double *parameter, cv_derivatives *all);
} cv_family;

extern const cv_family cv_bgnbd_family, cv_mbgnbd_family, cv_bgcnbd_family, cv_mbgcnbd_family,
    cv_gg_family, cv_gg_single_family, cv_lognormal_family, cv_ggnbd_family, cv_pnbd_family, cv_nbd_family, cv_normal_margin_family,
    cv_bgbb_family, cv_sbg_family, cv_bdw_family;

/* Sort the rows of each group by (t_x, T), merge equal ones and add their weights, in place. Needs
 * weights. Returns 1 when interrupted: the rows are then permuted, and their weights incomplete. */
int cv_rows_merge(cv_rows *rows);

/* Return 1 when the caller asks to stop; polled once in 1024 groups. */
static inline int
stop_at_group(const cv_rows *rows, size_t g)
{
    return g % 1024 == 0 && rows->tick != NULL && rows->tick(rows->context);
}

enum { CV_SHIFTED_SUMS = 3, CV_DROPOUT_SUMS = 14 };

/* Set sum[0..2] to the weighted sums of log(shift + T), 1 / (shift + T) and its square over the
 * rows begin..end; shift + T > 0 and normal. Returns 1 when interrupted. */
int cv_shifted_sums(const cv_rows *rows, size_t begin, size_t end, double shift, double *sum);

/* Set sum[0..13] to the weighted sums of a BG/NBD likelihood over the rows begin..end, which share
 * k = r + x and the log odds of dropout; their order is that of row_sums.inc.h. alpha > 0. Returns
 * 1 when interrupted. */
int cv_dropout_sums(const cv_rows *rows, size_t begin, size_t end, double alpha, double k,
                    double log_odds, double *sum);

#endif
