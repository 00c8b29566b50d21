/* nbdfit.c -- log-likelihood of NBD over all rows, with its exact gradient and Hessian in r, alpha.
 *
 * A row is lpoch(r,x) + r log alpha - (r+x) log(alpha+T); its times are summed in row_sums.inc.h.
 */
#include <math.h>

#include "likelihood/rows.h"
#include "math/special.h"
#include "models/model_families.h"
#include "types.h"

enum { R, ALPHA };

static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    double sum[CV_SHIFTED_SUMS], log_alpha = log(p[ALPHA]);
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; begin = rows->group[g++].end) {
        const cv_group *group = &rows->group[g];
        double n = group->weight, x = group->x, k = p[R] + x;
        if (stop_at_group(rows, g)) return 1;
        if (cv_shifted_sums(rows, begin, group->end, p[ALPHA], sum)) return 1;
        all->value += n * (cv_lpoch(p[R], x) + p[R] * log_alpha) - k * sum[0];
        all->gradient[R] += n * (cv_dpoch(p[R], x) + log_alpha) - sum[0];
        all->gradient[ALPHA] += n * p[R] / p[ALPHA] - k * sum[1];
        all->hessian[R][R] += n * cv_tpoch(p[R], x);
        all->hessian[R][ALPHA] += n / p[ALPHA] - sum[1];
        all->hessian[ALPHA][ALPHA] += k * sum[2] - n * p[R] / (p[ALPHA] * p[ALPHA]);
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {0.5, 0.25}, {1, 1}, {0.1, 0.02}, {5, 5}, {0.2, 2}, {20, 1}, {0.02, 0.5}, {1, 0.01}, {50, 50}};

/* Only their ratio is a rate. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0, 1}, {1, 0}};

const cv_family cv_nbd_family = {.word = "nbd",
                                 .kind = CV_TIMES,
                                 .columns = 3,
                                 .parameters = 2,
                                 .unit = {0, 1},
                                 .sample = 10000,
                                 .seed = SEED,
                                 .follows = FOLLOWS,
                                 .likelihood = likelihood};
