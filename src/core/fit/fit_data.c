/* fit_data.c -- histories checked, scaled and sorted by x.
 *
 * Counting sort: two passes over the data, no comparison of rows. Rows with x below 1023 form one
 * group per x, so that gamma functions of x are computed once per distinct x; the few above are a
 * group each. The scale is the median of up to 257 histories spread over the data: robust against
 * extreme ones, and it follows the unit, so that a fit in days and one in weeks run through the
 * same numbers. Checks look at every row and have no branch on data; NaN fails them all.
 *
 * Exact but for the division by the scale, one rounding per value, and the sums of weights.
 *
 * The columns are read several times, and somebody may write to them meanwhile: each row is checked
 * again where it is copied, and what the likelihood reads is the copy.
 */
#include <math.h>
#include <string.h>

#include "fit/fit_data.h"
#include "fit/covariates.h"
#include "fit/families.h"
#include "fit/fit.h"
#include "likelihood/rows.h"
#include "math/guards.h"
#include "types.h"

/* Rows with x up to TABLE - 2 are sorted by counting; the few above are a group each. */
enum { TABLE = 1024, SCALE_SAMPLE = 257 };

/* Return the index of x in the table; the last one for all large x. */
static size_t
counts(double x)
{
    return x >= 0 && x < TABLE - 1 ? (size_t)x : TABLE - 1;
}

/* Return T; m_x of spend; the mean of margins. */
static double
last(const cv_family *family, const cv_fit_data *h, size_t i)
{
    return h->column[family->kind == CV_TIMES || family->kind == CV_COUNTS ? 2 : 1][i];
}

/* Return whether a row takes part in the fit: weight 0 does not, nor money without a purchase. */
static int
is_used(const cv_family *family, const cv_fit_data *h, size_t i)
{
    return weight_of(h, i) > 0 && (!is_money(family) || h->column[0][i] > 0);
}

/* Return whether two rows are equal; with money whatever the count. */
static int
same(const cv_family *family, const cv_fit_data *h, size_t i, size_t k)
{
    for (size_t c = is_money(family) ? 1 : 0; c < family->columns; c++)
        if (h->column[c][i] != h->column[c][k]) return 0;
    return 1;
}

/* One pass, no early exit: the statuses are ranked after it. */
cv_fit_status
cv_fit_check(const cv_family *family, const cv_fit_data *h)
{
    size_t first = h->n;
    int repeats = 0, time = 0, patterns = 0, bad = 0;
    for (size_t i = 0; i < h->n; i++) {
        bad |= cv_fault_of(family, h, i) != CV_FAULT_NONE;
        if (!is_used(family, h, i)) continue;
        if (first == h->n) first = i;
        repeats |= h->column[0][i] > 0;
        time |= last(family, h, i) > 0;
        if (!patterns) patterns = !same(family, h, i, first);
    }
    if (bad) return CV_FIT_BAD_DATA;
    if (!time && !is_money(family)) return CV_FIT_NO_INFORMATION;
    if (!repeats) return CV_FIT_NO_REPEATS;
    return patterns ? CV_FIT_CONVERGED : CV_FIT_ONE_PATTERN;
}

/* Return the bytes of the columns of n rows. */
static size_t
column_bytes(const cv_family *family, size_t n)
{
    return n * ((3 + cv_coefficients(family)) * sizeof(double) + sizeof(cv_group));
}

size_t
cv_rows_bytes(const cv_family *family, size_t n)
{
    const cv_family *base = family->base ? family->base : family;
    size_t rows = family->base ? 1 : n; /* with covariates the base gets one row at a time */
    return column_bytes(family, n) + (base->bytes == NULL ? 0 : base->bytes(rows));
}

void *
cv_rows_place(cv_rows *rows, size_t n, void *workspace)
{
    rows->group = workspace;
    rows->t_x = (double *)(rows->group + n);
    rows->T = rows->t_x + n;
    rows->weight = rows->T + n;
    rows->covariate = rows->weight + n;
    rows->tables = (char *)workspace + column_bytes(rows->family, n);
    return (char *)workspace + cv_rows_bytes(rows->family, n);
}

/* Return the size of a history: T, m_x, or how far margins lie from their center. */
static double
size_of(const cv_rows *rows, const cv_fit_data *h, size_t i)
{
    double value = last(rows->family, h, i);
    if (rows->family->kind != CV_MARGINS) return value;
    return hypot(value - rows->center, sqrt(h->column[2][i] / h->column[0][i]));
}

/* Return the value whose median is the center. */
static double
mean_of(const cv_rows *rows, const cv_fit_data *h, size_t i)
{
    return last(rows->family, h, i);
}

/* Return the median of up to SCALE_SAMPLE values above `least`, sorted by insertion; `other` when
 * there are none. */
static double
median(double (*value)(const cv_rows *, const cv_fit_data *, size_t), const cv_rows *rows,
       const cv_fit_data *h, double least, double other)
{
    double sorted[SCALE_SAMPLE];
    size_t n = 0, stride = h->n / SCALE_SAMPLE + 1;
    for (size_t first = 0; n == 0 && first < stride; first++)
        for (size_t i = first; i < h->n; i += stride) {
            if (!is_used(rows->family, h, i)) continue;
            double v = value(rows, h, i);
            if (!(v > least)) continue;
            size_t at = n++;
            for (; at > 0 && sorted[at - 1] > v; at--) sorted[at] = sorted[at - 1];
            sorted[at] = v;
        }
    return n > 0 ? sorted[n / 2] : other;
}

void
cv_fit_place(cv_rows *rows, const cv_fit_data *h)
{
    cv_kind kind = rows->family->kind;
    rows->center = kind == CV_MARGINS ? median(mean_of, rows, h, -INFINITY, 0) : 0;
    rows->scale = kind == CV_COUNTS || kind == CV_TENURES ? 1 : median(size_of, rows, h, 0, 1);
}

/* Count rows per x: set the first row of each, and a group for each x below the last of the
 * table. */
static void
count_rows(cv_rows *rows, const cv_fit_data *h, size_t stride, size_t *begin)
{
    memset(begin, 0, TABLE * sizeof *begin);
    for (size_t i = 0; i < h->n; i += stride)
        if (is_used(rows->family, h, i)) begin[counts(h->column[0][i])]++;
    rows->n = rows->groups = 0;
    for (size_t x = 0; x < TABLE; x++) {
        size_t n = begin[x];
        begin[x] = rows->n;
        rows->n += n;
        if (n > 0 && x < TABLE - 1)
            rows->group[rows->groups++] = (cv_group){.x = (double)x, .end = rows->n};
    }
}

/* Return whether the likelihood may read row `at`: its loops end. */
static int
is_sound(const cv_rows *rows, double x, size_t at)
{
    const cv_kind kind = rows->family->kind;
    const double t_x = rows->t_x[at], T = rows->T[at];
    int sound = cv_is_count(x) && (T >= 0 || kind == CV_MARGINS);
    if (kind == CV_TIMES || kind == CV_COUNTS) sound &= t_x >= 0 && t_x <= T;
    if (kind == CV_SINGLE) sound &= cv_is_length(t_x);
    if (kind == CV_COUNTS) sound &= cv_is_count(t_x) && x <= t_x && T <= CV_MOST_OPPORTUNITIES;
    for (size_t j = 0; j < cv_coefficients(rows->family); j++)
        sound &= isfinite(rows->covariate[j * rows->n + at]) != 0;
    return sound;
}

/* Return t_x of a row: in time, or the mean of margins; of single purchases log(mean) - log_mean.
 */
static double
second_of(const cv_rows *rows, const cv_fit_data *h, size_t i)
{
    if (rows->family->kind == CV_SINGLE)
        return fmax(log(h->column[1][i]) - h->column[2][i], 0);
    return rows->family->columns < 3 ? 0 : (h->column[1][i] - rows->center) / rows->scale;
}

/* Copy row i, scaled, to row `at`; return whether it is sound. */
static int
place_row(cv_rows *rows, const cv_fit_data *h, size_t i, size_t at)
{
    double x = h->column[0][i], weight = weight_of(h, i), scale = rows->scale;
    cv_kind kind = rows->family->kind;
    rows->t_x[at] = second_of(rows, h, i);
    rows->T[at] = kind == CV_MARGINS
                      ? h->column[2][i] / scale / scale
                      : last(rows->family, h, i) / scale * (is_spend(rows->family) ? x : 1);
    if (rows->weight) rows->weight[at] = weight;
    for (size_t j = 0; j < cv_coefficients(rows->family); j++)
        rows->covariate[j * rows->n + at] = (h->covariate[j][i] - rows->mean[j]) / rows->spread[j];
    if (rows->family->columns > 3)
        rows->log_gaps += weight * (h->column[3][i] - x * log(rows->scale));
    return is_sound(rows, x, at);
}

int
cv_rows_weigh(cv_rows *rows)
{
    size_t begin = 0;
    rows->customers = rows->repeats = 0;
    for (size_t g = 0; g < rows->groups; begin = rows->group[g++].end) {
        cv_group *group = &rows->group[g];
        group->weight = rows->weight ? 0 : (double)(group->end - begin);
        for (size_t i = begin; rows->weight && i < group->end; i++)
            group->weight += rows->weight[i];
        rows->customers += group->weight;
        rows->repeats += group->weight * group->x;
        if (!is_spend(rows->family)) continue;
        double sum[CV_SHIFTED_SUMS];
        if (stop_at_group(rows, g) || cv_shifted_sums(rows, begin, group->end, 0, sum)) return 1;
        group->log_totals = sum[0];
        group->unevenness = 0;
        for (size_t i = begin; rows->family->kind == CV_SINGLE && i < group->end; i++)
            group->unevenness += rows->t_x[i] * (rows->weight ? rows->weight[i] : 1);
    }
    return 0;
}

/* Place the rows that were counted; those of large x follow the others, each a group. */
static int
place_rows(cv_rows *rows, const cv_fit_data *h, size_t stride, size_t *next)
{
    size_t large = next[TABLE - 1], tabled = rows->groups, placed = 0;
    rows->groups += rows->n - large;
    for (size_t i = 0; i < h->n; i += stride) {
        if (stopped(i, rows->tick, rows->context)) return 1;
        if (!is_used(rows->family, h, i)) continue;
        const double x = h->column[0][i];
        const size_t at = next[counts(x)]++;
        if (at >= rows->n || !place_row(rows, h, i, at)) return CV_CHANGED;
        if (at >= large) rows->group[tabled + (at - large)] = (cv_group){.x = x, .end = at + 1};
        placed++;
    }
    return placed == rows->n ? 0 : CV_CHANGED;
}

int
cv_rows_arrange(cv_rows *rows, const cv_fit_data *h, size_t stride)
{
    size_t next[TABLE];
    rows->log_gaps = 0;
    int merge = rows->distinct || rows->family->distinct;
    if (h->weight == NULL && !merge) rows->weight = NULL;
    count_rows(rows, h, stride, next);
    const int status = place_rows(rows, h, stride, next);
    if (status) return status;
    if (merge && cv_rows_merge(rows)) return 1;
    if (cv_rows_weigh(rows)) return 1;
    return rows->family->prepare != NULL && rows->family->prepare(rows);
}
