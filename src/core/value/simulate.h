/* simulate.h -- customers drawn from a model: new ones, and what follows a history.
 *
 * Everything is drawn at (seed, row) or (seed, draw, row), see random.h.
 */
#ifndef CUSTVAL_SIMULATE_H
#define CUSTVAL_SIMULATE_H

#include "types.h"

struct cv_random;
struct cv_bound_covariates; /* fit.h */

typedef struct {
    double x, t_x, T, litt; /* litt: sum of the logs of the x gaps, where a model needs it */
} cv_customer;

/* What follows a history at T: events of a Poisson process, uniform in (T, T + span]. The first-th
 * of them is a purchase and then every every-th, until there are `purchases`, NaN where that cannot
 * be said. Who is gone has no span. */
typedef struct {
    double span, events, first, every, purchases;
} cv_course;

/* How one model draws; parameters in the paper's order, all positive and finite. */
typedef struct {
    const char *word;
    size_t parameters;
    int litt; /* whether its histories have one */
    /* The history of a new customer at age T. */
    cv_customer (*history)(struct cv_random *from, double T, const double *parameter);
    /* What comes in (T, T + t] after a history: is he alive, at what rates, what does he buy. NULL
     * for contracts. */
    cv_course (*future)(struct cv_random *from, double t, const cv_customer *h,
                        const double *parameter);
} cv_process;

extern const cv_process CV_PROCESSES[]; /* the last one has no word */

/* A world: its process, and `sets` sets of `size` parameters. Where covariates are known (else
 * NULL) a set ends with their coefficients and each customer has parameters of his own. */
typedef struct {
    const cv_process *process;
    const double *parameter;
    size_t size, sets;
    const struct cv_bound_covariates *known;
    uint64_t seed;
} cv_world;

/* Histories of n new customers of the first set; litt is NULL where the process has none. Of
 * contracts x is 1 for who cancelled by T, and t_x the period of that, or T. What is outside the
 * domain becomes NaN. 1 when interrupted. */
int cv_simulate(const cv_world *world, const double *T, size_t n, double *x, double *t_x,
                double *litt, cv_tick tick, void *context);

/* Futures of n customers, drawn `draws` times, draw d with set d % sets. */
typedef struct cv_futures {
    cv_world world;
    size_t draws;
    const double *x, *t_x, *T;
    size_t n;
    double t;
} cv_futures;

/* The course of customer i in draw d. */
cv_course cv_course_of(const cv_futures *futures, size_t i, size_t d);

/* purchases[i draws + d]; 1 when interrupted. */
int cv_simulate_futures(const cv_futures *futures, double *purchases, cv_tick tick, void *context);

/* Of each customer's draws, ascending, the low-th and the high-th (0 .. draws - 1), and the sum of
 * all customers by draw, those with NaN left out. `key`: room for one customer's draws. */
typedef struct cv_spread {
    size_t n, draws, low, high;
    uint64_t *key;
    double *lows, *highs, *totals;
} cv_spread;

/* Of purchases, or of whatever is drawn for customer i in draw d. 1 when interrupted. */
typedef double (*cv_drawing)(const void *of, size_t i, size_t d);
int cv_spread_of(cv_drawing drawn, const void *of, const cv_spread *spread, cv_tick tick,
                 void *context);
int cv_future_spread(const cv_futures *futures, const cv_spread *spread, cv_tick tick,
                     void *context);

/* An estimate: k <= CV_PARAMETERS numbers, the last `coefficients` of them of any sign, and their
 * covariance (k x k). */
typedef struct {
    const double *value, *covariance;
    size_t k, coefficients;
} cv_estimate;

/* `draws` sets of parameters, normal around the estimate in their logs (in themselves those of any
 * sign); one without variance stays. 1 when interrupted. */
int cv_draw_parameters(const cv_estimate *around, size_t draws, uint64_t seed, double *parameter,
                       cv_tick tick, void *context);

/* Mean spend of x > 0 purchases of new customers of a Gamma-Gamma world; NaN where x = 0. */
int cv_simulate_spend(const double *parameter, uint64_t seed, const double *x, size_t n,
                      double *m_x, cv_tick tick, void *context);

/* Mean and sum of squares about it of the margins of new customers with n purchases each, of the
 * world of normal_margin.h; 0 where there is nothing to sum. */
int cv_simulate_margins(const double *parameter, uint64_t seed, const double *n, size_t rows,
                        double *mean, double *SS, cv_tick tick, void *context);

#endif
