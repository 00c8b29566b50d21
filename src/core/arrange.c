/* arrange.c -- histories checked, scaled and sorted by x, so that what depends on x only is
 * computed once per distinct x.
 */
#include "custval.h"
#include "inline.h"

#include <string.h>

/* Rows with x up to TABLE - 2 are sorted by counting; the few above are a group each. */
enum { TABLE = 1024, SCALE_SAMPLE = 257 };

static size_t
counts(double x)
{
    return x < TABLE - 1 ? (size_t)x : TABLE - 1;
}

static double
weight_of(const cv_fit_data *h, size_t i)
{
    return h->weight ? h->weight[i] : 1;
}

/* No spend without a repeat purchase. */
static int
is_used(cv_model model, const cv_fit_data *h, size_t i)
{
    return weight_of(h, i) > 0 && (model != CV_GG || h->x[i] > 0);
}

static int
in_domain(cv_model model, const cv_fit_data *h, size_t i)
{
    double x = h->x[i], T = h->T[i], weight = weight_of(h, i);
    if (!(x >= 0 && x <= 0x1p53 && x == (double)(int64_t)x)) return 0;
    if (!(weight >= 0 && weight < HUGE_VAL)) return 0;
    if (model == CV_GG) return x == 0 || (T > 0 && x * T < HUGE_VAL);
    double t_x = h->t_x[i];
    return (t_x >= 0) & (t_x <= T) & (T < HUGE_VAL) &
           ((x > 0) == (t_x > 0)); /* no branch on data */
}

static int
same(cv_model model, const cv_fit_data *h, size_t i, size_t k)
{
    if (model == CV_GG) return h->T[i] == h->T[k];
    return h->x[i] == h->x[k] && h->t_x[i] == h->t_x[k] && h->T[i] == h->T[k];
}

cv_fit_status
cv_fit_check(cv_model model, const cv_fit_data *h)
{
    size_t first = h->n;
    int repeats = 0, time = 0, patterns = 0, bad = 0;
    for (size_t i = 0; i < h->n; i++) {
        bad |= !in_domain(model, h, i);
        if (!is_used(model, h, i)) continue;
        if (first == h->n) first = i;
        repeats |= h->x[i] > 0;
        time |= h->T[i] > 0;
        if (!patterns) patterns = !same(model, h, i, first);
    }
    if (bad) return CV_FIT_BAD_DATA;
    if (!time && model != CV_GG) return CV_FIT_NO_INFORMATION;
    if (!repeats) return CV_FIT_NO_REPEATS;
    return patterns ? CV_FIT_CONVERGED : CV_FIT_ONE_PATTERN;
}

size_t
cv_rows_bytes(size_t n)
{
    return n * (3 * sizeof(double) + sizeof(cv_group));
}

void *
cv_rows_place(cv_rows *rows, size_t n, void *workspace)
{
    rows->group = workspace;
    rows->t_x = (double *)(rows->group + n);
    rows->T = rows->t_x + n;
    rows->weight = rows->T + n;
    return rows->weight + n;
}

/* The median of up to SCALE_SAMPLE values above 0, by insertion: robust, and it follows the unit.
 */
double
cv_fit_scale(cv_model model, const cv_fit_data *h)
{
    double sorted[SCALE_SAMPLE];
    size_t n = 0, stride = h->n / SCALE_SAMPLE + 1;
    for (size_t first = 0; n == 0 && first < stride; first++)
        for (size_t i = first; i < h->n; i += stride) {
            if (!is_used(model, h, i) || !(h->T[i] > 0)) continue;
            size_t at = n++;
            for (; at > 0 && sorted[at - 1] > h->T[i]; at--) sorted[at] = sorted[at - 1];
            sorted[at] = h->T[i];
        }
    return sorted[n / 2];
}

/* The first row of each x, and a group for each x below the last of the table. */
static void
count_rows(cv_rows *rows, const cv_fit_data *h, size_t stride, size_t *begin)
{
    memset(begin, 0, TABLE * sizeof *begin);
    for (size_t i = 0; i < h->n; i += stride)
        if (is_used(rows->model, h, i)) begin[counts(h->x[i])]++;
    rows->n = rows->groups = 0;
    for (size_t x = 0; x < TABLE; x++) {
        size_t n = begin[x];
        begin[x] = rows->n;
        rows->n += n;
        if (n > 0 && x < TABLE - 1)
            rows->group[rows->groups++] = (cv_group){(double)x, 0, 0, rows->n};
    }
}

static void
place_row(cv_rows *rows, const cv_fit_data *h, size_t i, size_t at)
{
    if (rows->model == CV_GG) {
        rows->t_x[at] = 0;
        rows->T[at] = h->x[i] * (h->T[i] / rows->scale);
    } else {
        rows->t_x[at] = h->t_x[i] / rows->scale;
        rows->T[at] = h->T[i] / rows->scale;
    }
    if (rows->weight) rows->weight[at] = h->weight[i];
}

static int
finish_groups(cv_rows *rows)
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
        if (rows->model != CV_GG) continue;
        double sum[CV_SHIFTED_SUMS];
        if (stop_at_group(rows, g) || cv_shifted_sums(rows, begin, group->end, 0, sum)) return 1;
        group->log_totals = sum[0];
    }
    return 0;
}

int
cv_rows_arrange(cv_rows *rows, const cv_fit_data *h, size_t stride)
{
    size_t next[TABLE];
    if (h->weight == NULL) rows->weight = NULL;
    count_rows(rows, h, stride, next);
    size_t large = next[TABLE - 1], tabled = rows->groups;
    rows->groups += rows->n - large;
    for (size_t i = 0; i < h->n; i += stride) {
        if (stopped(i, rows->tick, rows->context)) return 1;
        if (!is_used(rows->model, h, i)) continue;
        size_t at = next[counts(h->x[i])]++;
        place_row(rows, h, i, at);
        if (at >= large) rows->group[tabled + (at - large)] = (cv_group){h->x[i], 0, 0, at + 1};
    }
    return finish_groups(rows);
}
