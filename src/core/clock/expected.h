/* expected.h -- the purchases that a model expects on each calendar day of a clock with m = 1.
 *
 * Time of a model runs on a clock that all customers share: m(t) units pass in a unit of calendar
 * time, and x, t_x, T are measured on it. A history of x repeat purchases from day `first` to day
 * `last`, observed until day `end`, adds on each day of
 *     (first, last]  P(active) (r + x) / (alpha + T) + P(inactive) (r + x) / (alpha + t_x)
 *     (last, end]    P(active) (r + x) / (alpha + T)
 * This is the score: with N purchases on days of intensity m, of which it expects E in total, the
 * log-likelihood has the derivative N - m E in log m. NBD, and BG/NBD where x = 0: P(active) = 1.
 */
#ifndef CUSTVAL_EXPECTED_H
#define CUSTVAL_EXPECTED_H

#include "clock/structure.h"
#include "fit/fit.h"
#include "types.h"

/* n histories on the clock, with the days of first and last purchase. A row whose T is NaN is left
 * out. weight: customers with this history; NULL: 1 each. */
typedef struct {
    size_t n;
    const double *x, *t_x, *T, *weight;
    const int32_t *first, *last;
} cv_clock_histories;

/* The calendar: `days` days from `origin`, observed until `end`; a day is `day` units of the
 * model's time where m = 1. All days after a first purchase, to end, lie in it. */
typedef struct {
    int32_t origin, end;
    size_t days;
    double day;
} cv_calendar;

/* Return 1 if customers leave at purchases or never: NBD, (M)BG/NBD, (M)BG/CNBD-k. Others have no
 * clock, and no function here takes them. */
int cv_takes_clock(cv_model model);

/* What a day is to get. Condensed models pass k stages a purchase, most of them hidden, and stages /
 * k count as purchases: r + k x, and of active customers the stages since t_x on top, take the
 * place of r + x, and the score / k is (N + (k - 1) G) / k + m V - m E. G sums, over the gaps
 * between purchases, the share of the gap's time on these days (cv_gap_shares). V is E[stages since
 * t_x] / k of active customers, spread over (last, end]; 0 for other models. */
typedef enum {
    CV_CLOCK_PURCHASES, /* E */
    CV_CLOCK_HIDDEN     /* V */
} cv_clock_quantity;

/* Return the doubles that cv_clock_expected borrows. */
size_t cv_clock_expected_workspace(size_t days);

/* Set expected[d] for each day. Sums are compensated: the order of rows does not matter beyond
 * rounding of the result. CV_CLOCK_BAD_DATA: a history, weight, day or parameter outside its
 * domain, or a history without a repeat purchase whose last day is not its first. Repeat purchases
 * on the day of the first one (times finer than days) add nothing to (first, last]. */
cv_clock_status cv_clock_expected(cv_model model, const double *parameter,
                                  const cv_clock_histories *of, const cv_calendar *calendar,
                                  cv_clock_quantity what, double *workspace, double *expected,
                                  cv_tick tick, void *context);

#endif
