/* expected.c -- expected purchases by day, from two rates a customer.
 *
 * The rates are constant between the days of a history, so each customer adds to the differences
 * between days in three places, and one pass over the days sums them up: O(n + days). Differences
 * nearly cancel, so each is a sum and its rounding error (Knuth's TwoSum).
 */
#include <math.h>

#include "clock/expected.h"
#include "math/guards.h"
#include "models/bg.h"
#include "models/cnbd.h"
#include "types.h"

int
cv_takes_clock(cv_model model)
{
    return model == CV_NBD || model == CV_BGNBD || model == CV_MBGNBD || model == CV_BGCNBD ||
           model == CV_MBGCNBD;
}

/* Purchases per unit of time by the two ways to a history, active at T and dropped out at t_x, and
 * the purchases that hidden stages after t_x make up, per unit of time. */
typedef struct {
    double active, inactive, hidden;
} rates;

static rates
rates_of_bg(const cv_beta_geometric *h)
{
    const cv_bg_ways ways = cv_bg_ways_of(h);
    const double k = h->r + h->x;
    return (rates){ways.active * k / (h->alpha + h->T), ways.inactive * k / (h->alpha + h->t_x), 0};
}

/* Stages / k count as purchases. */
static rates
rates_of_cnbd(const cv_condensed *h)
{
    const cv_cnbd_ways ways = cv_cnbd_ways_of(h);
    const double seen = h->r + h->k * h->x, hidden = ways.active * ways.stages / h->k;
    return (rates){ways.active * (seen + ways.stages) / (h->k * (h->alpha + h->T)),
                   ways.inactive * seen / (h->k * (h->alpha + h->t_x)),
                   hidden > 0 ? hidden / (h->T - h->t_x) : hidden};
}

/* Return the rates of a history; NaN outside the domain. */
static rates
rates_of(cv_model model, const double *p, double x, double t_x, double T)
{
    const rates none = {NAN, NAN, NAN};
    if (model == CV_BGCNBD || model == CV_MBGCNBD) {
        return rates_of_cnbd(
            &(cv_condensed){x, t_x, T, p[0], p[1], p[2], p[3], p[4], model == CV_MBGCNBD});
    }
    const int drops_out = model != CV_NBD;
    const cv_beta_geometric h = {x, t_x, T, p[0], p[1], drops_out ? p[2] : 1, drops_out ? p[3] : 1,
                                 model == CV_MBGNBD};
    if (!cv_bg_in_domain(&h)) return none;
    return drops_out ? rates_of_bg(&h) : (rates){(h.r + x) / (h.alpha + T), 0, 0};
}

/* A sum, and what it has lost to rounding. */
typedef struct {
    double sum, lost;
} precise;

static inline void
add(precise *to, double value)
{
    double sum = to->sum + value, part = sum - to->sum;
    to->lost += (to->sum - (sum - part)) + (value - part);
    to->sum = sum;
}

size_t
cv_clock_expected_workspace(size_t days)
{
    return (days + 1) * sizeof(precise) / sizeof(double);
}

/* Return whether first and last are days of the calendar, and of this history. */
static int
days_are_valid(const cv_calendar *calendar, double x, int64_t first, int64_t last)
{
    return first >= (int64_t)calendar->origin - 1 && first <= last && last <= calendar->end &&
           (x > 0 || last == first);
}

/* Add history i to the differences between days, its purchases or hidden stages; returns 0 where it
 * is outside the domain. */
static int
add_history(cv_model model, const double *parameter, const cv_clock_histories *of, size_t i,
            const cv_calendar *calendar, cv_clock_quantity what, precise *change)
{
    const int64_t first = of->first[i], last = of->last[i];
    const double weight = of->weight != NULL ? of->weight[i] : 1;
    if (!days_are_valid(calendar, of->x[i], first, last) || !cv_is_length(weight)) return 0;
    const rates rate = rates_of(model, parameter, of->x[i], of->t_x[i], of->T[i]);
    const double active = weight * rate.active, inactive = weight * rate.inactive;
    precise *after_first = change + (first + 1 - calendar->origin);
    precise *after_last = change + (last + 1 - calendar->origin);
    if (!cv_is_length(active) || !cv_is_length(inactive) || !cv_is_length(rate.hidden)) return 0;
    if (what == CV_CLOCK_HIDDEN) {
        add(after_last, weight * rate.hidden);
    } else {
        add(after_first, active);
        if (last > first) add(after_first, inactive);
        if (last > first) add(after_last, -inactive);
    }
    return 1;
}

static void
sum_up(const precise *change, const cv_calendar *calendar, double *expected)
{
    const int64_t observed = (int64_t)calendar->end - calendar->origin + 1;
    precise now = {0, 0};
    for (size_t d = 0; d < calendar->days; d++) {
        add(&now, change[d].sum);
        now.lost += change[d].lost;
        expected[d] = (int64_t)d < observed ? fmax(0, now.sum + now.lost) * calendar->day : 0;
    }
}

cv_clock_status
cv_clock_expected(cv_model model, const double *parameter, const cv_clock_histories *of,
                  const cv_calendar *calendar, cv_clock_quantity what, double *workspace,
                  double *expected, cv_tick tick, void *context)
{
    precise *change = (precise *)workspace;
    const int64_t observed = (int64_t)calendar->end - calendar->origin + 1;
    if (observed < 0 || (uint64_t)observed > calendar->days || !cv_is_positive(calendar->day))
        return CV_CLOCK_BAD_DATA;
    for (size_t d = 0; d <= calendar->days; d++) change[d] = (precise){0, 0};
    for (size_t i = 0; i < of->n; i++) {
        if (stopped_at_customer(i, tick, context)) return CV_CLOCK_INTERRUPTED;
        if (!isnan(of->T[i]) && !add_history(model, parameter, of, i, calendar, what, change))
            return CV_CLOCK_BAD_DATA;
    }
    sum_up(change, calendar, expected);
    return CV_CLOCK_DONE;
}
