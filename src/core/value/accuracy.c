/* accuracy.c -- predictions against what happened, and the dependence of two columns, by ranks.
 *
 * Equal values share their mean rank (math/rank.c), so nothing depends on the order of the rows: of
 * a tie at a cut the share above it counts, and customers tied with the last of the top fifth are
 * as good as that one. Rank correlation: Spearman (1904), The proof and measurement of association
 * between two things; explained: Fisher's adjusted eta squared. *
 * Largest error, 200 samples of 5..2,000 pairs with ties against 60 digits: mae and rmse 2e-15
 * relative; gini and rank correlation 3e-16; explained 6e-15; top_20_capture none.
 */
#include <math.h>
#include <string.h>

#include "value/accuracy.h"
#include "math/guards.h"
#include "math/rank.h"
#include "types.h"

/* The ranks of a column: the first of the places of equal values, and their mean. */
typedef struct {
    double *first, *mean;
} places;

static places
places_in(void *scratch, size_t n, size_t column)
{
    double *start = scratch;
    return (places){start + 2 * n * column, start + 2 * n * column + n};
}

/* Near expected, by log1p of the relative difference. */
double
cv_poisson_deviance(double actual, double expected)
{
    if (!cv_is_length(actual) || !cv_is_positive(expected)) return domain_error();
    const double over = actual - expected;
    if (actual == 0) return 2 * expected;
    const int near = fabs(over) < actual / 2;
    const double log_ratio = near ? -log1p(-over / actual) : log(actual / expected);
    return 2 * fmax(actual * log_ratio - over, 0);
}

size_t
cv_accuracy_scratch(size_t n)
{
    return 4 * n * sizeof(double) + cv_rank_scratch(n);
}

/* The places of both columns; 1 when interrupted. */
static int
rank_both(const double *const column[2], size_t n, void *scratch, places of[2], cv_tick tick,
          void *context)
{
    void *rest = (double *)scratch + 4 * n;
    for (size_t c = 0; c < 2; c++) {
        of[c] = places_in(scratch, n, c);
        if (cv_rank(column[c], n, CV_TIES_MIN, rest, of[c].first, tick, context) ||
            cv_rank(column[c], n, CV_TIES_AVERAGE, rest, of[c].mean, tick, context))
            return 1;
    }
    return 0;
}

/* How much of customer i is among the first k: 1, 0, or the share of a tie at the cut. */
static double
among_first(places of, size_t i, double k)
{
    double equal = 2 * (of.mean[i] - of.first[i]) + 1;
    return fmax(0, fmin(1, (k - (of.first[i] - 1)) / equal));
}

/* Sets gini and top_20_capture. */
static void
add_orders(places predicted, places own, const double *actual, size_t n, cv_accuracy *accuracy)
{
    double k = ceil(0.2 * (double)n), ordered = 0, best = 0, captured = 0, tied = 0, wanted = 0;
    for (size_t i = 0; i < n; i++) {
        double mine = among_first(own, i, k), theirs = among_first(predicted, i, k);
        ordered += ((double)n + 1 - 2 * predicted.mean[i]) * actual[i];
        best += ((double)n + 1 - 2 * own.mean[i]) * actual[i];
        if (mine == 1) captured += theirs;
        if (mine == 0 || mine == 1) continue;
        tied += theirs;
        wanted = k - (own.first[i] - 1);
    }
    accuracy->gini = best > 0 ? ordered / best : NAN;
    accuracy->top_20_capture = (captured + fmin(tied, wanted)) / k;
}

int
cv_measure_accuracy(const double *predicted, const double *actual, size_t n, void *scratch,
                    cv_accuracy *accuracy, cv_decile decile[CV_DECILES], cv_tick tick,
                    void *context)
{
    places of[2];
    double off = 0, square = 0;
    if (rank_both((const double *const[]){predicted, actual}, n, scratch, of, tick, context))
        return 1;
    memset(decile, 0, CV_DECILES * sizeof *decile);
    for (size_t i = 0; i < n; i++) {
        double error = predicted[i] - actual[i];
        off += fabs(error);
        square += error * error;
        cv_decile *at = &decile[(size_t)((of[0].mean[i] - 0.5) * CV_DECILES / (double)n)];
        at->customers++;
        at->predicted += predicted[i];
        at->actual += actual[i];
    }
    *accuracy = (cv_accuracy){.mae = off / (double)n, .rmse = sqrt(square / (double)n)};
    for (size_t k = 0; k < CV_DECILES; k++) {
        accuracy->predicted += decile[k].predicted;
        accuracy->actual += decile[k].actual;
    }
    add_orders(of[0], of[1], actual, n, accuracy);
    return 0;
}

/* The correlation of mean ranks. */
static double
correlation(const double *a, const double *b, size_t n)
{
    double center = ((double)n + 1) / 2, ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        double u = a[i] - center, v = b[i] - center;
        ab += u * v;
        aa += u * u;
        bb += v * v;
    }
    return aa > 0 && bb > 0 ? ab / (sqrt(aa) * sqrt(bb)) : NAN;
}

/* Sets groups and explained. A group is named by the first place of its members; `sum` and `count`
 * are workspace of n. */
static void
add_explained(const double *first, const double *y, size_t n, double *sum, double *count,
              cv_dependence *dependence)
{
    double mean = 0, whole = 0, between = 0;
    memset(sum, 0, n * sizeof *sum);
    memset(count, 0, n * sizeof *count);
    for (size_t i = 0; i < n; i++) mean += log(y[i]) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double off = log(y[i]) - mean;
        size_t g = (size_t)first[i] - 1;
        whole += off * off;
        sum[g] += off;
        count[g]++;
    }
    for (size_t g = 0; g < n; g++) {
        if (count[g] == 0) continue;
        between += sum[g] * sum[g] / count[g];
        dependence->groups++;
    }
    double free = (double)n - dependence->groups;
    dependence->explained =
        whole > 0 && free > 0 ? 1 - (1 - between / whole) * ((double)n - 1) / free : NAN;
}

int
cv_measure_dependence(const double *x, const double *y, size_t n, void *scratch,
                      cv_dependence *dependence, cv_tick tick, void *context)
{
    places of[2];
    if (rank_both((const double *const[]){x, y}, n, scratch, of, tick, context)) return 1;
    *dependence = (cv_dependence){.rank_correlation = correlation(of[0].mean, of[1].mean, n)};
    add_explained(of[0].first, y, n, of[1].first, of[1].mean, dependence);
    return 0;
}
