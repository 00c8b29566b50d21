/* posterior_draws.c -- whole columns of draws: histories, futures and their quantiles, parameters,
 * spend.
 *
 * Each row is drawn at its address (math/random.h), so a column has the same bits in any order,
 * block or number of threads. Quantiles of draws are selected, not sorted (math/select.c). Sets of
 * parameters are normal around the estimate through the Cholesky root of its covariance; in a
 * direction that the data hardly determine, their logs have a standard deviation of 1. Their
 * moments, and those of spend and margins, are within 4.5 standard errors of the models' or of the
 * fit's covariance (tests/models/test_simulation.py, tests/valuation/test_clv_draws.py).
 */
#include <math.h>

#include "fit/fit.h"
#include "fit/newton.h"
#include "math/guards.h"
#include "math/random.h"
#include "math/sort_keys.h"
#include "value/simulate.h"
#include "types.h"

enum { BETWEEN_TICKS = 1 << 15 }; /* draws; some 0.3 microseconds each */
static const double MOST_SD = 1;  /* of logs, beyond which a likelihood is no normal density */

/* Return 1 when the caller interrupts; *since counts the draws since the last check. */
static int
stopped_after(size_t draws, size_t *since, cv_tick tick, void *context)
{
    if ((*since += draws) < BETWEEN_TICKS) return 0;
    *since = 0;
    return tick != NULL && tick(context);
}

/* Return 1 when all are parameters: a draw outside its domain might never end. */
static int
all_positive(const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!cv_is_positive(value[i])) return 0;
    return 1;
}

/* Return the parameters of customer i in a set: the common ones, or by covariates their own, which
 * `own` then holds. NULL where they are invalid. */
static const double *
parameters_of(const cv_world *world, size_t set, size_t i, double *own)
{
    const double *found = world->parameter + set * world->size;
    if (world->covariates != NULL) {
        cv_own_of(world->covariates, found, i, own);
        found = own;
    }
    return all_positive(found, world->process->parameters) ? found : NULL;
}

int
cv_simulate(const cv_world *world, const double *T, size_t n, double *x, double *t_x, double *litt,
            cv_tick tick, void *context)
{
    double own[CV_PARAMETERS];
    size_t since = 0;
    for (size_t i = 0; i < n; i++) {
        if (stopped_after(1, &since, tick, context)) return 1;
        cv_random from = cv_random_at(world->seed, CV_FOR_HISTORIES, 0, i);
        const double *parameter = parameters_of(world, 0, i, own);
        cv_customer h = {NAN, NAN, NAN, NAN};
        const double age = T[i];
        if (parameter != NULL && cv_is_length(age))
            h = world->process->history(&from, age, parameter);
        x[i] = h.x;
        t_x[i] = h.t_x;
        if (litt != NULL) litt[i] = h.litt;
    }
    return 0;
}

static int
is_history(const cv_customer *h)
{
    return cv_is_count(h->x) && cv_is_length(h->T) && h->t_x >= 0 && h->t_x <= h->T &&
           (h->x > 0) == (h->t_x > 0);
}

cv_course
cv_course_of(const cv_futures *f, size_t i, size_t d)
{
    const cv_course unknown = {.purchases = NAN};
    cv_customer h = {f->x[i], f->t_x[i], f->T[i], 0};
    const double pace = f->pace != NULL ? f->pace[i] : 1, t = cv_horizon_of(f, d) * pace;
    if (!is_history(&h) || !cv_is_length(t) || !cv_is_positive(pace)) return unknown;
    double own[CV_PARAMETERS];
    const double *parameter = parameters_of(&f->world, d % f->world.sets, i, own);
    cv_random from = cv_random_at(f->world.seed, CV_FOR_FUTURE, (uint32_t)d, cv_row_of(f, i));
    if (parameter == NULL) return unknown;
    cv_course course = f->world.process->future(&from, t, &h, parameter);
    course.span /= pace;
    return course;
}

static double
purchases_of(const void *futures, size_t i, size_t d)
{
    return cv_course_of(futures, i, d).purchases;
}

int
cv_simulate_futures(const cv_futures *f, double *purchases, cv_tick tick, void *context)
{
    size_t since = 0;
    for (size_t i = 0; i < f->n; i++)
        for (size_t d = 0; d < f->draws; d++) {
            if (stopped_after(1, &since, tick, context)) return 1;
            purchases[i * f->draws + d] = purchases_of(f, i, d);
        }
    return 0;
}

/* Return the rank-th smallest, from 0, of n numbers by their keys. */
static double
smallest(uint64_t *key, size_t n, size_t rank)
{
    size_t m = n, needed = n - rank;
    return value_of(cv_select_key(key, &m, &needed));
}

int
cv_spread_of(cv_drawing drawn, const void *of, const cv_spread *spread, cv_tick tick, void *context)
{
    const size_t draws = spread->draws;
    size_t since = 0;
    for (size_t d = 0; d < draws; d++) spread->totals[d] = 0;
    for (size_t i = 0; i < spread->n; i++) {
        double first = drawn(of, i, 0), sum = 0, least = first;
        spread->lows[i] = spread->highs[i] = NAN;
        if (isnan(first)) continue;
        for (size_t d = 0; d < draws; d++) {
            if (stopped_after(1, &since, tick, context)) return 1;
            double value = d == 0 ? first : drawn(of, i, d);
            spread->totals[d] += value;
            sum += value;
            least = fmin(least, value);
            spread->key[d] = key_of(value);
        }
        if (isnan(sum)) continue;
        spread->lows[i] = smallest(spread->key, draws, spread->low);
        size_t above = spread->lows[i] == least ? spread->low : 0; /* nothing lies below */
        spread->highs[i] = smallest(spread->key, draws, spread->high - above);
    }
    return 0;
}

int
cv_future_spread(const cv_futures *f, const cv_spread *spread, cv_tick tick, void *context)
{
    return cv_spread_of(purchases_of, f, spread, tick, context);
}

/* Return the derivative of parameter i by what is drawn: its log, or a coefficient itself. */
static double
scale_of(const cv_estimate *around, size_t i)
{
    return i + around->coefficients < around->k ? around->value[i] : 1;
}

/* Set root to the Cholesky root of a covariance, a lower triangle; what has no variance beside the
 * ones before it has a column of zeros. */
static void
root_of(const double *covariance, size_t k, double *root)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            double rest = covariance[i * k + j];
            for (size_t e = 0; e < j; e++) rest -= root[i * k + e] * root[j * k + e];
            if (i == j)
                root[i * k + i] = rest > 0 ? sqrt(rest) : 0;
            else
                root[i * k + j] = root[j * k + j] > 0 ? rest / root[j * k + j] : 0;
        }
}

/* Return component i of root times a vector. */
static double
component(const double *root, const double *vector, size_t k, size_t i)
{
    double sum = 0;
    for (size_t j = 0; j <= i; j++) sum += root[i * k + j] * vector[j];
    return sum;
}

int
cv_draw_lognormals(const double *covariance, size_t k, size_t draws, uint64_t seed, double *root,
                   double *factor, cv_tick tick, void *context)
{
    size_t since = 0;
    root_of(covariance, k, root);
    for (size_t d = 0; d < draws; d++) {
        if (stopped_after(k, &since, tick, context)) return 1;
        cv_random from = cv_random_at(seed, CV_FOR_PARAMETERS, 1, d);
        double *own = factor + d * k;
        for (size_t i = 0; i < k; i++) own[i] = cv_draw_normal(&from);
        for (size_t i = k; i-- > 0;) own[i] = exp(component(root, own, k, i));
    }
    return 0;
}

/* Bring standard deviations of logs along a direction down to MOST_SD. covariance: k x k, of which
 * the first p are logs. The others, coefficients, keep theirs: T C T', T symmetric in the logs. */
static void
temper(double *covariance, size_t k, size_t p)
{
    double logs[CV_PARAMETERS * CV_PARAMETERS], value[CV_PARAMETERS];
    double vector[CV_PARAMETERS * CV_PARAMETERS], row[CV_PARAMETERS], largest = 0;
    for (size_t i = 0; i < p * p; i++) logs[i] = covariance[i / p * k + i % p];
    cv_eigen(p, logs, value, vector);
    for (size_t e = 0; e < p; e++) largest = fmax(largest, value[e]);
    if (!(largest > MOST_SD * MOST_SD)) return;
    for (size_t i = 0; i < p * p; i++) {
        logs[i] = 0;
        for (size_t e = 0; e < p; e++)
            logs[i] += vector[i / p * p + e] * vector[i % p * p + e] * MOST_SD /
                       fmax(MOST_SD, sqrt(fmax(value[e], 0)));
    }
    for (int side = 0; side < 2; side++)
        for (size_t j = 0; j < k; j++) {
            double *at = covariance + (side ? j * k : j);
            const size_t step = side ? 1 : k;
            for (size_t i = 0; i < p; i++) row[i] = at[i * step];
            for (size_t i = 0; i < p; i++) {
                at[i * step] = 0;
                for (size_t m = 0; m < p; m++) at[i * step] += logs[i * p + m] * row[m];
            }
        }
}

int
cv_draw_parameters(const cv_estimate *around, size_t draws, uint64_t seed, double *parameter,
                   cv_tick tick, void *context)
{
    double of_drawn[CV_PARAMETERS * CV_PARAMETERS], root[CV_PARAMETERS * CV_PARAMETERS] = {0};
    double normal[CV_PARAMETERS];
    size_t since = 0, k = around->k;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            of_drawn[i * k + j] =
                around->covariance[i * k + j] / (scale_of(around, i) * scale_of(around, j));
    temper(of_drawn, k, k - around->coefficients);
    root_of(of_drawn, k, root);
    for (size_t d = 0; d < draws; d++) {
        if (stopped_after(1, &since, tick, context)) return 1;
        cv_random from = cv_random_at(seed, CV_FOR_PARAMETERS, 0, d);
        for (size_t i = 0; i < k; i++) normal[i] = cv_draw_normal(&from);
        for (size_t i = 0; i < k; i++) {
            double off = component(root, normal, k, i);
            parameter[d * k + i] =
                i + around->coefficients < k ? around->value[i] * exp(off) : around->value[i] + off;
        }
    }
    return 0;
}

int
cv_simulate_spend(const double *parameter, uint64_t seed, const double *x, size_t n, double *m_x,
                  cv_tick tick, void *context)
{
    enum { P, Q, GAMMA };
    int valid = all_positive(parameter, 3);
    size_t since = 0;
    for (size_t i = 0; i < n; i++) {
        if (stopped_after(1, &since, tick, context)) return 1;
        const double bought = x[i];
        m_x[i] = NAN;
        if (!valid || !cv_is_count(bought) || bought == 0) continue;
        cv_random from = cv_random_at(seed, CV_FOR_SPEND, 0, i);
        double rate = cv_draw_log_gamma(&from, parameter[Q]) - log(parameter[GAMMA]);
        m_x[i] = exp(cv_draw_log_gamma(&from, parameter[P] * bought) - rate) / bought;
    }
    return 0;
}

int
cv_simulate_margins(const double *parameter, uint64_t seed, const double *n, size_t rows,
                    double *mean, double *SS, cv_tick tick, void *context)
{
    enum { MU, SIGMA, KAPPA, NU };
    const double *p = parameter;
    int valid = isfinite(p[MU]) && all_positive(p + SIGMA, 3);
    size_t since = 0;
    for (size_t i = 0; i < rows; i++) {
        if (stopped_after(1, &since, tick, context)) return 1;
        const double count = n[i];
        mean[i] = SS[i] = valid && cv_is_count(count) ? 0 : NAN;
        if (!valid || !cv_is_count(count) || count == 0) continue;
        cv_random from = cv_random_at(seed, CV_FOR_SPEND, 0, i);
        double spread = p[SIGMA] * exp((log(p[NU] / 2) - cv_draw_log_gamma(&from, p[NU] / 2)) / 2);
        double own = p[MU] + spread / sqrt(p[KAPPA]) * cv_draw_normal(&from);
        mean[i] = own + spread / sqrt(count) * cv_draw_normal(&from);
        if (count > 1) SS[i] = 2 * spread * spread * exp(cv_draw_log_gamma(&from, (count - 1) / 2));
    }
    return 0;
}

int
cv_simulate_logs(const double *parameter, uint64_t seed, const double *n, size_t rows,
                 double *mean, double *SS, cv_tick tick, void *context)
{
    enum { MU, SIGMA, TAU };
    const double *p = parameter;
    int valid = isfinite(p[MU]) && all_positive(p + SIGMA, 2);
    size_t since = 0;
    for (size_t i = 0; i < rows; i++) {
        if (stopped_after(1, &since, tick, context)) return 1;
        const double count = n[i];
        mean[i] = SS[i] = valid && cv_is_count(count) ? 0 : NAN;
        if (!valid || !cv_is_count(count) || count == 0) continue;
        cv_random from = cv_random_at(seed, CV_FOR_SPEND, 0, i);
        double own = p[MU] + p[TAU] * cv_draw_normal(&from);
        mean[i] = own + p[SIGMA] / sqrt(count) * cv_draw_normal(&from);
        if (count > 1)
            SS[i] = 2 * p[SIGMA] * p[SIGMA] * exp(cv_draw_log_gamma(&from, (count - 1) / 2));
    }
    return 0;
}
