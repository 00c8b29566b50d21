/* rows.h -- what the files of a fit share: families of models, their rows, the problem that is
 * searched. Never leaves the room.
 */
#ifndef CUSTVAL_ROWS_H
#define CUSTVAL_ROWS_H

#include "custval.h"

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
    const char *word;
    cv_kind kind;
    size_t columns, parameters;
    size_t given;             /* so many of the first parameters are never estimated: Erlang's k */
    int unit[CV_PARAMETERS];  /* power of the unit of the data in each parameter */
    int place[CV_PARAMETERS]; /* 1: a location, of any sign; else above 0, searched in its log */
    int wide[CV_PARAMETERS];  /* 1: theta is a third of its log, which may go three times as far */
    int odds[2][2]; /* pairs a, b of a Beta: far apart they are a chance near 0 or 1. 0, 0: none */
    size_t sample; /* above 5 times as many rows (2 where every start is tried) so many are searched
                      first, above 50 10 as many next; 0: never */
    int distinct;  /* a row costs so much that equal ones are made one before the search */
    int single_top; /* where two searches agree on a sound top of many rows, it is the only one */
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

/* covariates.c. A family whose further parameters are coefficients of covariates. */
cv_family cv_with_covariates(const cv_family *base, const cv_fit_data *data,
                             double seed[CV_SEEDS][CV_PARAMETERS]);
/* Means and spreads of the covariates, weighted; 0 where one is constant or not finite. */
int cv_standardise(const cv_fit_data *data, double *mean, double *spread);

extern const cv_family cv_bgnbd_family, cv_mbgnbd_family, cv_bgcnbd_family, cv_mbgcnbd_family,
    cv_gg_family, cv_ggnbd_family, cv_pnbd_family, cv_nbd_family, cv_normal_margin_family,
    cv_bgbb_family, cv_sbg_family, cv_bdw_family;

/* fit.c */
const cv_family *cv_family_of(cv_model model);

/* The family of a fit, with the coefficients of its covariates. */
typedef struct {
    cv_family family;
    double seed[CV_SEEDS][CV_PARAMETERS], mean[CV_COVARIATES], spread[CV_COVARIATES];
} cv_opened;

const cv_family *cv_open_model(cv_model model, const cv_fit_data *data, cv_opened *of);

/* fit_data.c. Places for n rows in the workspace; returns where the workspace goes on. */
size_t cv_rows_bytes(const cv_family *family, size_t n);
void *cv_rows_place(cv_rows *rows, size_t n, void *workspace);
cv_fit_status cv_fit_check(const cv_family *family, const cv_fit_data *data);
void cv_fit_place(cv_rows *rows, const cv_fit_data *data); /* their scale and center */
/* Every stride-th history in units of rows->scale, sorted by x; 1 when interrupted. */
int cv_rows_arrange(cv_rows *rows, const cv_fit_data *data, size_t stride);
/* What depends on rows->weight: sums of groups and of all; 1 when interrupted. */
int cv_rows_weigh(cv_rows *rows);
/* merge_rows.c: rows with weights, merged and sorted within their groups; 1 when interrupted. */
int cv_rows_merge(cv_rows *rows);

/* Once per group: long work asks here whether to go on. */
static inline int
stop_at_group(const cv_rows *rows, size_t g)
{
    return g % 1024 == 0 && rows->tick != NULL && rows->tick(rows->context);
}

/* row_sums.c. Sums over the rows begin..end of one group, from row_sums.inc.h; 1 when interrupted. */
enum { CV_SHIFTED_SUMS = 3, CV_DROPOUT_SUMS = 14 };
int cv_shifted_sums(const cv_rows *rows, size_t begin, size_t end, double shift, double *sum);
int cv_dropout_sums(const cv_rows *rows, size_t begin, size_t end, double alpha, double k,
                    double log_odds, double *sum);

/* bg_fit.c. What depends on counts only, of n customers:
 * lpoch(r, bought) + r log alpha + lpoch(b, coins) - lpoch(a+b, coins), bought being purchases, or
 * stages of them, and coins tossed; r, alpha, a, b are parameters `at` and on. */
void cv_add_counts(double n, double bought, double coins, const double *p, size_t at,
                   cv_derivatives *all);

/* multistart.c. What the certificate (M1) asks of a point: */
#define CV_EDGE 12.0       /* of abs(theta) from its origin: logs of parameters in the scale */
#define CV_CURVATURE 1e-10 /* least eigenvalue of a mean log-likelihood that is not flat */
#define CV_CONDITION 1e10
#define CV_GRADIENT 1e-6
#define CV_ROUNDING 1e-12 /* of a mean log-likelihood */

/* One set of rows, with the parameters that are free on it. */
typedef struct {
    const cv_rows *rows;
    size_t d, free[CV_PARAMETERS];
    double parameter[CV_PARAMETERS]; /* in the scale of the rows; the fixed ones stay */
    double origin[CV_PARAMETERS];    /* of the free ones: 0, or beside a fixed one */
} cv_problem;

cv_problem cv_problem_of(const cv_rows *rows, const double *fixed);
/* The i-th free parameter, in the unit of the data, at a point of a search; and back. */
double cv_parameter_at(const cv_problem *problem, const cv_search *at, size_t i);
double cv_theta_of(const cv_problem *problem, size_t i, double parameter);
cv_search_end cv_search_on(cv_problem *problem, int limit, cv_search *search);
size_t cv_least_curved(const cv_problem *problem, const cv_search *at, double *smallest,
                       double *condition);
double cv_largest(size_t d, const double *v);
int cv_is_sound(const cv_problem *problem, const cv_search *at, double slack);
/* The best point of level[0], the whole, by way of its samples, the smallest last. */
int cv_refine(cv_problem *level, size_t levels, int limit, cv_search *best, int *agreed);

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

/* What one unit of a parameter in the scale of the rows is in the unit of the data. */
static inline double
unit_of(const cv_rows *rows, size_t i)
{
    if (is_coefficient(rows, i)) return 1 / rows->spread[i - rows->family->base->parameters];
    int power = rows->family->unit[i];
    return power == 1 ? rows->scale : power == -1 ? 1 / rows->scale : 1;
}

/* What one unit of theta is in the log of a parameter, or in a place. */
static inline double
stretch_of(const cv_rows *rows, size_t i)
{
    return rows->family->wide[i] ? 3 : 1;
}

static inline double
center_of(const cv_rows *rows, size_t i)
{
    return rows->family->place[i] && !is_coefficient(rows, i) ? rows->center : 0;
}

#endif
