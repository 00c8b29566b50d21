/* rows.h -- the rows of a fit, and what a model says of them: its family. */
#ifndef CUSTVAL_ROWS_H
#define CUSTVAL_ROWS_H

#include "types.h"

typedef struct {
    double x, weight;
    double log_totals; /* Gamma-Gamma: sum of w log(x m_x) */
    size_t end;        /* of its rows; they begin where the group before ends */
} cv_group;

/* The rows of a fit, sorted by x and in units of their own scale. */
typedef struct {
    const struct cv_family *family;
    cv_simd simd;
    int distinct; /* 1: equal rows are to be one, with their weights added */
    size_t n, groups;
    cv_group *group;
    double *t_x, *T;             /* Gamma-Gamma: T is x m_x; margins: mean and SS */
    double *weight;              /* may be NULL: 1 each */
    void *tables;                /* family->bytes(n) of them, filled by family->prepare */
    double scale, center;        /* (value of the data - center) / scale stands in the rows */
    double customers, repeats;   /* sums of w and w x */
    double log_gaps;             /* sum of w times the column of that name, in the scale */
    double *covariate;           /* one column after the other, standardised */
    const double *mean, *spread; /* of the covariates before */
    double penalty;              /* times half the square of each coefficient, a customer */
    cv_tick tick;
    void *context;
} cv_rows;

typedef struct {
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS][CV_PARAMETERS];
} cv_derivatives; /* upper triangle of the Hessian */

/* The columns of a history, and what is possible in them. */
typedef enum {
    CV_TIMES,   /* x, t_x, T and perhaps log_gaps: x whole, 0 <= t_x <= T in time */
    CV_COUNTS,  /* x, t_x, T whole, in opportunities: x <= t_x <= T */
    CV_TENURES, /* x, T: left (1) in period T, or still there (0) after T periods */
    CV_SPEND,   /* x, m_x in money; without a repeat (x = 0) no part in the fit */
    CV_MARGINS  /* n, mean, SS in money, of any sign; n = 0 likewise */
} cv_kind;

enum { CV_SEEDS = 9 };

/* What a model brings to its fit: one constant a model. */
typedef struct cv_family {
    const char *prefix;
    cv_kind kind;
    size_t columns, parameters;
    size_t given;            /* so many of the first parameters are never estimated: Erlang's k */
    int unit[CV_PARAMETERS]; /* power of the unit of the data in each parameter */
    int location[CV_PARAMETERS]; /* 1: a location, of any sign; else above 0, searched in its log */
    int wide[CV_PARAMETERS]; /* 1: theta is a third of its log, which may go three times as far */
    int odds[2][2]; /* pairs a, b of a Beta: far apart they are a chance near 0 or 1. 0, 0: none */
    size_t sample; /* above 5 times as many rows (2 where every start is tried) so many are searched
                      first, above 50 10 as many next; 0: never */
    int distinct;  /* a row costs so much that equal ones are made one before the search */
    int single_mode; /* where two searches agree on a sound top of many rows, it is the only one */
    const double (*seed)[CV_PARAMETERS]; /* CV_SEEDS starts, in the scale of the rows */
    /* Log-powers by which a free parameter goes with held ones; in `raised` with those only that
     * move it up, and not so far that sums lose their digits. May be NULL. */
    const int (*follows)[CV_PARAMETERS];
    const int (*raised)[CV_PARAMETERS];
    size_t (*bytes)(size_t n);     /* for tables of its own; may be NULL, and */
    int (*prepare)(cv_rows *rows); /* what fills them, whatever the weights; 1 when interrupted */
    const struct cv_family *base;  /* of a family with covariates: the one without; else NULL */
    size_t rates;                  /* so many covariates of the rate; those of dropout follow */
    /* Log-likelihood of all rows with derivatives; 1 when interrupted. */
    int (*likelihood)(const cv_rows *rows, const double *parameter, cv_derivatives *all);
} cv_family;

extern const cv_family cv_bgnbd_family, cv_mbgnbd_family, cv_bgcnbd_family, cv_mbgcnbd_family,
    cv_gg_family, cv_ggnbd_family, cv_pnbd_family, cv_nbd_family, cv_normal_margin_family,
    cv_bgbb_family, cv_sbg_family, cv_bdw_family;

/* merge_rows.c: rows with weights, merged and sorted within their groups; 1 when interrupted. */
int cv_rows_merge(cv_rows *rows);

/* Once per group: long work asks here whether to go on. */
static inline int
stop_at_group(const cv_rows *rows, size_t g)
{
    return g % 1024 == 0 && rows->tick != NULL && rows->tick(rows->context);
}

/* row_sums.c. Sums over the rows begin..end of one group, from row_sums.inc.h; 1 when interrupted.
 */
enum { CV_SHIFTED_SUMS = 3, CV_DROPOUT_SUMS = 14 };
int cv_shifted_sums(const cv_rows *rows, size_t begin, size_t end, double shift, double *sum);
int cv_dropout_sums(const cv_rows *rows, size_t begin, size_t end, double alpha, double k,
                    double log_odds, double *sum);

#endif
