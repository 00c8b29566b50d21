/* clv.c -- future value by simulation: purchases per step of time, their money, its present value.
 *
 * Given their number, events are uniform over the time that a customer stays, so the number in a
 * step is binomial, of those that are left. The money of m purchases is one draw: Gamma(p m, nu) or
 * normal, after nu, or mean and variance, are drawn from their posterior; log-normal money is drawn
 * purchase by purchase. No approximation but that
 * of the draws themselves: the mean over draws is within 4.5 standard errors of the closed form for
 * every purchase and spend model (tests/valuation/test_clv_draws.py).
 */
#include <math.h>

#include "value/clv.h"
#include "math/guards.h"
#include "math/random.h"
#include "value/simulate.h"
#include "types.h"

enum { BETWEEN_TICKS = 1 << 13 }; /* orders */
enum { DRAWN = 4096 };            /* purchases of a step whose money is drawn one by one */

/* ---- Gamma-Gamma, gg.h: nu ~ Gamma(q + p x, rate gamma + x m_x) ---- */

enum { P, Q, GAMMA };

static int
gg_valid(const double *p)
{
    return cv_is_positive(p[P]) && cv_is_positive(p[Q]) && cv_is_positive(p[GAMMA]);
}

static cv_own_spend
gg_own(cv_random *from, const double *history, const double *p)
{
    double x = history[0], m_x = history[1], total = x > 0 ? x * m_x : 0;
    if (!cv_is_count(x) || (x > 0 && !cv_is_positive(m_x))) return (cv_own_spend){NAN, NAN};
    double log_nu = cv_draw_log_gamma(from, p[Q] + p[P] * x) - log(p[GAMMA] + total);
    return (cv_own_spend){p[P], log_nu};
}

static double
gg_money(cv_random *from, double purchases, const cv_own_spend *own)
{
    return exp(cv_draw_log_gamma(from, own->first * purchases) - own->second);
}

/* ---- log-normal spend, lognormal.h: a mean of the logs of the customer's own ---- */

enum { LOG_MEAN, WITHIN, BETWEEN };

static int
lognormal_valid(const double *p)
{
    return isfinite(p[LOG_MEAN]) && cv_is_positive(p[WITHIN]) && cv_is_positive(p[BETWEEN]);
}

static cv_own_spend
lognormal_own(cv_random *from, const double *history, const double *p)
{
    double n = history[0], log_mean = n > 0 ? history[1] : 0;
    if (!cv_is_count(n) || !isfinite(log_mean)) return (cv_own_spend){NAN, NAN};
    double ratio = n * (p[BETWEEN] / p[WITHIN]) * (p[BETWEEN] / p[WITHIN]);
    double center = n > 0 ? p[LOG_MEAN] + ratio / (1 + ratio) * (log_mean - p[LOG_MEAN])
                          : p[LOG_MEAN];
    double spread = p[BETWEEN] / sqrt(1 + ratio);
    return (cv_own_spend){center + spread * cv_draw_normal(from), p[WITHIN]};
}

/* Purchases one by one; beyond DRAWN of them the others have the mean of these. */
static double
lognormal_money(cv_random *from, double purchases, const cv_own_spend *own)
{
    const double drawn = fmin(purchases, DRAWN);
    double sum = 0;
    for (double i = 0; i < drawn; i++) sum += exp(own->first + own->second * cv_draw_normal(from));
    return sum * (purchases / drawn);
}

/* ---- signed margins, normal_margin.h: a mean and a standard deviation of the customer's own
 * ---- */

enum { MU, SIGMA, KAPPA, NU };

static int
margin_valid(const double *p)
{
    return isfinite(p[MU]) && cv_is_positive(p[SIGMA]) && cv_is_positive(p[KAPPA]) &&
           cv_is_positive(p[NU]);
}

static cv_own_spend
margin_own(cv_random *from, const double *history, const double *p)
{
    double n = history[0], mean = n > 0 ? history[1] : 0, SS = n > 0 ? history[2] : 0;
    if (!cv_is_count(n) || !isfinite(mean) || !cv_is_length(SS)) return (cv_own_spend){NAN, NAN};
    double kappa = p[KAPPA] + n, gap = mean - p[MU];
    double deviation = SS + n / kappa * p[KAPPA] * gap * gap;
    double rate = (p[NU] * p[SIGMA] * p[SIGMA] + deviation) / 2;
    double spread = exp((log(rate) - cv_draw_log_gamma(from, (p[NU] + n) / 2)) / 2);
    double center = (p[KAPPA] * p[MU] + n * mean) / kappa;
    return (cv_own_spend){center + spread / sqrt(kappa) * cv_draw_normal(from), spread};
}

static double
margin_money(cv_random *from, double purchases, const cv_own_spend *own)
{
    return purchases * own->first + sqrt(purchases) * own->second * cv_draw_normal(from);
}

const cv_spending CV_SPENDINGS[] = {
    {"gg", 3, 2, gg_valid, gg_own, gg_money},
    {"normal_margin", 4, 3, margin_valid, margin_own, margin_money},
    {"lognormal", 3, 2, lognormal_valid, lognormal_own, lognormal_money},
    {NULL, 0, 0, NULL, NULL, NULL},
};

/* Return the purchases among the first `events` events of a course. */
static double
purchases_by(const cv_course *course, double events)
{
    if (events < course->first) return 0;
    return fmin(floor((events - course->first) / course->every) + 1, course->purchases);
}

/* A course, as it is walked step by step. */
typedef struct {
    cv_course course;
    const double *edge;
    double seen, bought, at; /* events, purchases and time so far */
} cv_walk;

/* Draw the purchases of the next step, which ends at edge[j + 1]. */
static double
purchases_in(cv_random *from, cv_walk *w, size_t j)
{
    if (w->bought >= w->course.purchases) return 0;
    double until = fmin(w->edge[j + 1], w->course.span),
           share = (until - w->at) / (w->course.span - w->at);
    w->seen += cv_draw_binomial(from, w->course.events - w->seen, share);
    double before = w->bought;
    w->bought = purchases_by(&w->course, w->seen);
    w->at = until;
    return w->bought - before;
}

/* Draw the money of some purchases, 1 or more; without a spend model it is their number. */
static double
money_of(cv_random *from, const cv_values *v, double purchases, const cv_own_spend *own)
{
    return v->spending == NULL ? purchases : v->spending->money(from, purchases, own);
}

/* Draw the money of a course, step by step, times the factors. */
static double
discounted_money(cv_random *from, const cv_values *v, cv_walk *w, const cv_own_spend *own)
{
    double sum = 0;
    for (size_t j = 0; j < v->steps && w->bought < w->course.purchases; j++) {
        double bought = purchases_in(from, w, j);
        if (bought > 0) sum += v->factor[j] * money_of(from, v, bought, own);
    }
    return sum;
}

/* Draw the spend parameters of customer i in draw d; NaN for an invalid history. */
static cv_own_spend
own_spend_of(cv_random *from, const cv_values *v, size_t i, size_t d)
{
    if (v->spending == NULL) return (cv_own_spend){0, 0};
    const double *parameter = v->parameter + d % v->sets * v->spending->parameters;
    double history[CV_MONEY_COLUMNS];
    if (!v->spending->valid(parameter)) return (cv_own_spend){NAN, NAN};
    for (size_t c = 0; c < v->spending->columns; c++) history[c] = v->history[c][i];
    return v->spending->own(from, history, parameter);
}

/* Return customer i in draw d at the beginning of their course. */
static cv_walk
walk_of(const cv_values *v, size_t i, size_t d)
{
    return (cv_walk){.course = cv_course_of(v->futures, i, d), .edge = v->edge + d * v->stride};
}

static cv_random
money_at(const cv_values *v, size_t i, size_t d)
{
    const cv_futures *f = v->futures;
    return cv_random_at(f->world.seed, CV_FOR_MONEY, (uint32_t)d, cv_row_of(f, i));
}

/* Draw the value of customer i in draw d; NaN where history or parameters are invalid. */
static double
value_of_customer(const void *values, size_t i, size_t d)
{
    const cv_values *v = values;
    cv_walk walk = walk_of(v, i, d);
    if (isnan(walk.course.purchases)) return NAN;
    cv_random from = money_at(v, i, d);
    cv_own_spend own = own_spend_of(&from, v, i, d);
    if (isnan(own.first)) return NAN;
    double money = discounted_money(&from, v, &walk, &own);
    return money * v->per_money[i] - (walk.course.span > 0 ? v->cost[i] : 0);
}

/* Add customer i in draw d to the totals of the steps. */
static void
add_customer(const cv_values *v, size_t i, size_t d, double *total)
{
    cv_walk walk = walk_of(v, i, d);
    if (isnan(walk.course.purchases)) return;
    cv_random from = money_at(v, i, d);
    cv_own_spend own = own_spend_of(&from, v, i, d);
    if (isnan(own.first)) return;
    for (size_t j = 0; j < v->steps; j++) {
        if (!(walk.course.span > 0)) return;
        double bought = purchases_in(&from, &walk, j);
        double money = bought > 0 ? money_of(&from, v, bought, &own) : 0;
        total[j] += money * v->per_money[i] - v->cost[i] * v->factor[j];
    }
}

int
cv_value_totals(const cv_values *v, double *totals, cv_tick tick, void *context)
{
    const cv_futures *f = v->futures;
    size_t since = 0;
    for (size_t k = 0; k < f->draws * v->steps; k++) totals[k] = 0;
    for (size_t i = 0; i < f->n; i++)
        for (size_t d = 0; d < f->draws; d++) {
            if (++since >= BETWEEN_TICKS && tick != NULL) {
                since = 0;
                if (tick(context)) return 1;
            }
            add_customer(v, i, d, totals + d * v->steps);
        }
    return 0;
}

int
cv_value_spread(const cv_values *values, const cv_spread *spread, cv_tick tick, void *context)
{
    return cv_spread_of(value_of_customer, values, spread, tick, context);
}

/* Draw the ages of x + 1 orders; gaps are t_x times a Dirichlet(k, ..., k). */
static void
order_ages(cv_random *from, size_t x, double t_x, double k, double *age)
{
    age[0] = 0;
    for (size_t j = 1; j <= x; j++) age[j] = age[j - 1] + exp(cv_draw_log_gamma(from, k));
    for (size_t j = 1; j < x; j++) age[j] *= t_x / age[x];
    if (x > 0) age[x] = t_x;
}

size_t
cv_orders_of(const cv_buyers *of)
{
    double orders = 0;
    for (size_t i = 0; i < of->n; i++)
        orders += cv_is_count(of->x[i]) && cv_is_length(of->t_x[i]) ? of->x[i] + 1 : INFINITY;
    return orders < 0x1p48 && cv_is_positive(of->k) ? (size_t)orders : SIZE_MAX;
}

int
cv_simulate_orders(const cv_buyers *of, double *age, double *money, cv_tick tick, void *context)
{
    const double none[CV_MONEY_COLUMNS] = {0};
    int valid = of->spending->valid(of->parameter);
    size_t since = 0;
    for (size_t i = 0; i < of->n; i++) {
        size_t x = (size_t)of->x[i];
        cv_random from = cv_random_at(of->seed, CV_FOR_ORDERS, 0, i);
        order_ages(&from, x, of->t_x[i], of->k, age);
        cv_own_spend own = {NAN, NAN};
        if (valid) own = of->spending->own(&from, none, of->parameter);
        for (size_t j = 0; j <= x; j++)
            money[j] = valid ? of->spending->money(&from, 1, &own) : NAN;
        age += x + 1;
        money += x + 1;
        if ((since += x + 1) < BETWEEN_TICKS) continue;
        since = 0;
        if (tick != NULL && tick(context)) return 1;
    }
    return 0;
}
