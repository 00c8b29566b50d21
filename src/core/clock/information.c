/* information.c -- derivatives in every period of a clock, from sums by the periods of histories.
 *
 * Let R(d) be the vector, over periods, of the time on the clock after day d until the end: all of
 * the periods after that of d, and the rest of its own. Then T = sum R(first) and t_x = sum
 * (R(first) - R(last)), so that derivatives in these two vectors are enough, and of each history
 * only the periods of its two days and what is left of them: sums by period, and by pair of
 * periods, are expanded at the end.
 *
 * Largest error against 50 digits, of the largest entry: 1e-15; 4e-13 where alpha is a hundredth of
 * the times, as sums for R(first) and R(last) nearly cancel where x = 0
 * (tests/models/test_clock_information.py).
 */
#include <math.h>

#include "clock/information.h"
#include "math/guards.h"
#include "models/bg.h"
#include "types.h"

enum { R, ALPHA, A, B, SCORE, SQUARE, SLOPES };

int
cv_has_clock_information(cv_model model)
{
    return model == CV_NBD || model == CV_BGNBD || model == CV_MBGNBD;
}

/* Derivatives of one history in the vectors R(first) and R(last): mixed ones with each parameter,
 * SCORE the first, SQUARE the second; cross in both. */
typedef struct {
    double first[SLOPES], last[SLOPES], cross;
} slopes;

/* With p and q the probabilities of the two ways to a history, active at T or not, v = p q, k = r +
 * x, A = 1/(alpha+T), B = 1/(alpha+t_x), D = B - A, L = log(B/A) and y = b + x - 1 + m:
 *     first  -k (q B + p A)                    second  k (q B^2 + p A^2) + v k^2 D^2
 *     last   k q B                             second  k B^2 (q + v k)
 *     cross  -k B (q B + v k D)
 *     r      -(q B + p A) - v k L D, B (q + v k L)     alpha  second of first, cross
 *     a      -v k D / a, v k B / a                     b      v k D / y, -v k B / y */
static slopes
slopes_of(const cv_beta_geometric *h, int drops_out)
{
    const cv_bg_ways ways = drops_out ? cv_bg_ways_of(h) : (cv_bg_ways){1, 0, 0};
    const double p = ways.active, q = ways.inactive, v = p * q, k = h->r + h->x;
    const double at_T = 1 / (h->alpha + h->T), at_x = 1 / (h->alpha + h->t_x);
    const double apart = (h->T - h->t_x) * at_T * at_x, stays = h->b + (h->x - 1 + h->m);
    const double rate = q * at_x + p * at_T;
    slopes s;
    s.first[SCORE] = -k * rate;
    s.last[SCORE] = k * q * at_x;
    s.first[SQUARE] = k * (q * at_x * at_x + p * at_T * at_T) + v * k * k * apart * apart;
    s.last[SQUARE] = k * at_x * at_x * (q + v * k);
    s.cross = -k * at_x * (q * at_x + v * k * apart);
    s.first[R] = -rate - v * ways.silence * apart;
    s.last[R] = at_x * (q + v * ways.silence);
    s.first[ALPHA] = s.first[SQUARE];
    s.last[ALPHA] = s.cross;
    s.first[A] = -v * k * apart / h->a;
    s.last[A] = v * k * at_x / h->a;
    s.first[B] = v > 0 ? v * k * apart / stays : 0;
    s.last[B] = v > 0 ? -v * k * at_x / stays : 0;
    return s;
}

/* Sums over the days of histories in one period: of slopes, of slopes times the rest of the period
 * after the day, and of SQUARE times the square of the rest. */
typedef struct {
    double whole[SLOPES], rest[SLOPES], rest_rest;
} period_sums;

/* Sums of cross over the histories with their first and last day in two periods, times the rest
 * after the first, after the last, and both. */
typedef struct {
    double whole, first, last, both;
} pair_sums;

/* Arrays in the caller's workspace; those by day begin with the day before origin. */
typedef struct {
    double *total; /* time on the clock in each period */
    double *rest;  /* time in the period of a day after it */
    period_sums *period;
    pair_sums *pair; /* periods x periods */
    double *column;  /* 2 x periods */
} sums;

size_t
cv_clock_information_workspace(size_t days, size_t periods)
{
    const size_t own = sizeof(period_sums) / sizeof(double);
    const size_t pair = sizeof(pair_sums) / sizeof(double);
    return periods * (3 + own + pair * periods) + days + 1;
}

static sums
lay_out(const cv_clock_days *days, double *workspace)
{
    const size_t K = days->periods;
    sums s = {.period = (period_sums *)workspace};
    s.pair = (pair_sums *)(s.period + K);
    s.total = (double *)(s.pair + K * K);
    s.column = s.total + K;
    s.rest = s.column + 2 * K;
    size_t all = cv_clock_information_workspace(days->days, K);
    for (size_t i = 0; i < all; i++) workspace[i] = 0;
    return s;
}

/* Set total and rest; returns 0 where days are outside their domain. */
static int
measure_periods(const cv_clock_days *days, const sums *s)
{
    const int64_t observed = (int64_t)days->end - days->origin + 1;
    int64_t next = (int64_t)days->periods - 1;
    if (observed < 0 || (uint64_t)observed > days->days) return 0;
    if (days->periods > CV_CLOCK_PERIODS) return 0;
    for (size_t d = days->days; d > 0; d--) {
        const int64_t k = days->period[d - 1];
        if (k < 0 || k > next || !cv_is_length(days->length[d - 1])) return 0;
        next = k;
        s->rest[d] = s->total[k];
        if ((int64_t)d <= observed) s->total[k] += days->length[d - 1];
    }
    s->rest[0] = days->days > 0 ? s->total[next] : 0;
    return 1;
}

/* A day of a history: its period, and the rest of that. */
typedef struct {
    size_t period;
    double rest;
} place;

static place
place_of(const cv_clock_days *days, const sums *s, int64_t day)
{
    const size_t d = (size_t)(day + 1 - days->origin);
    return (place){(size_t)days->period[d > 0 ? d - 1 : 0], s->rest[d]};
}

static void
add_at(place day, double weight, const double *slope, const sums *s)
{
    period_sums *to = &s->period[day.period];
    for (size_t j = 0; j < SLOPES; j++) {
        to->whole[j] += weight * slope[j];
        to->rest[j] += weight * slope[j] * day.rest;
    }
    to->rest_rest += weight * slope[SQUARE] * day.rest * day.rest;
}

static void
add_pair(place first, place last, double cross, const cv_clock_days *days, const sums *s)
{
    pair_sums *to = &s->pair[first.period * days->periods + last.period];
    to->whole += cross;
    to->first += cross * first.rest;
    to->last += cross * last.rest;
    to->both += cross * first.rest * last.rest;
}

/* Add history i; returns 0 where it is outside the domain. */
static int
add_history(cv_model model, const double *p, const cv_clock_histories *of, size_t i,
            const cv_clock_days *days, const sums *s)
{
    const int drops_out = model != CV_NBD;
    const double weight = of->weight != NULL ? of->weight[i] : 1;
    const int64_t first = of->first[i], last = of->last[i];
    const double a = drops_out ? p[A] : 1, b = drops_out ? p[B] : 1;
    const cv_beta_geometric h = {
        of->x[i], of->t_x[i], of->T[i], p[R], p[ALPHA], a, b, model == CV_MBGNBD};
    if (!cv_bg_in_domain(&h) || !cv_is_length(weight) || days->days == 0) return 0;
    if (first < (int64_t)days->origin - 1 || first > last || last > days->end) return 0;
    if ((h.x > 0) != (last > first)) return 0;
    const slopes slope = slopes_of(&h, drops_out);
    const place from = place_of(days, s, first), to = place_of(days, s, last);
    add_at(from, weight, slope.first, s);
    add_at(to, weight, slope.last, s);
    add_pair(from, to, weight * slope.cross, days, s);
    return 1;
}

/* Set out[k] to the sum over histories of slope j times R, entry k. */
static void
expand_linear(const sums *s, size_t K, size_t j, double *out)
{
    double before = 0;
    for (size_t k = 0; k < K; k++) {
        out[k] = s->total[k] * before + s->period[k].rest[j];
        before += s->period[k].whole[j];
    }
}

/* Set second to the sum of SQUARE times R R', for both days. */
static void
expand_squares(const sums *s, size_t K, double *second)
{
    double before = 0;
    for (size_t k = 0; k < K; k++) {
        const double row = s->total[k] * before + s->period[k].rest[SQUARE];
        second[k * K + k] = s->total[k] * s->total[k] * before + s->period[k].rest_rest;
        for (size_t l = k + 1; l < K; l++)
            second[k * K + l] = second[l * K + k] = s->total[l] * row;
        before += s->period[k].whole[SQUARE];
    }
}

/* Add cross times R(first) R(last)' and its transpose. */
static void
expand_pairs(const sums *s, size_t K, double *second)
{
    double *whole = s->column, *last = s->column + K; /* of all periods before k */
    for (size_t k = 0; k < K; k++) {
        const pair_sums *pair = s->pair + k * K;
        double corner = 0, first = 0;
        for (size_t l = 0; l < K; l++) {
            double entry = s->total[k] * (s->total[l] * corner + last[l]) + s->total[l] * first;
            entry += pair[l].both;
            second[k * K + l] += entry;
            second[l * K + k] += entry;
            corner += whole[l];
            first += pair[l].first;
            whole[l] += pair[l].whole;
            last[l] += pair[l].last;
        }
    }
}

cv_clock_status
cv_clock_information(cv_model model, const double *parameter, const cv_clock_histories *of,
                     const cv_clock_days *days, double *workspace,
                     const cv_clock_derivatives *derivatives, cv_tick tick, void *context)
{
    const size_t K = days->periods, parameters = cv_model_parameters(model);
    const sums s = lay_out(days, workspace);
    if (!measure_periods(days, &s)) return CV_CLOCK_BAD_DATA;
    for (size_t i = 0; i < of->n; i++) {
        if (stopped_at_customer(i, tick, context)) return CV_CLOCK_INTERRUPTED;
        if (!isnan(of->T[i]) && !add_history(model, parameter, of, i, days, &s))
            return CV_CLOCK_BAD_DATA;
    }
    for (size_t j = 0; j < parameters; j++)
        expand_linear(&s, K, j, derivatives->mixed + j * K);
    expand_linear(&s, K, SCORE, derivatives->expected);
    expand_squares(&s, K, derivatives->second);
    expand_pairs(&s, K, derivatives->second);
    for (size_t k = 0; k < K; k++) {
        derivatives->second[k * K + k] += derivatives->expected[k];
        derivatives->expected[k] = -derivatives->expected[k];
    }
    return CV_CLOCK_DONE;
}
