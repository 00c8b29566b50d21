/* check_value_curve.c -- two customers at three dates, and trends that can be counted by hand. */
#include <math.h>
#include <stdlib.h>

#include "check.h"

static void
check_sums(void)
{
    static const int32_t tick[] = {1, 5, 12, 40, 15, 29}, edge[] = {0, 10, 20, 30};
    static const int32_t since[] = {1, 15};
    static const double value[] = {8, 1, 2, 64, 0.5, 4};
    static const int64_t begin[] = {0, 4}, end[] = {4, 6};
    static const double each[] = {9, NAN, 2, 0.5, 0, 4}, all[] = {9, NAN, 11, 0.5, 11, 4.5};
    static const double two[] = {11, 0.5, 2, 4.5};
    const double *const want[] = {all, each, two};
    const cv_customers customers = {2, begin, end};
    for (size_t window = 0; window < 3; window++) {
        const cv_dates dates = {3, window, edge};
        double got[6];
        void *workspace = malloc(cv_curve_bytes(&dates));
        if (workspace == NULL) return;
        CHECK(!cv_curve(tick, value, &customers, since, &dates, workspace, got, NULL, NULL));
        for (size_t i = 0; i < (window == 2 ? 4 : 6); i++) CHECK_CLOSE(got[i], want[window][i], 0);
        free(workspace);
    }
}

/* From 10 for 1 to 20 for 1.2: volume 11, price 3; and all of it a new customer's tenure. */
static void
check_parts(void)
{
    static const int32_t tick[] = {0, 10, 15}, product[] = {7, 7, 7}, first[] = {0, 15};
    static const int32_t edge[] = {0, 10, 10, 20};
    static const double amount[] = {10, 24, 5}, units[] = {10, 20, 5};
    static const int64_t begin[] = {0, 2}, end[] = {2, 3};
    double out[7][2];
    uint64_t word[4];
    const cv_sales log = {tick, product, amount, units, NULL};
    const cv_customers customers = {2, begin, end};
    CHECK(!cv_decompose(&log, &customers, first, NULL, edge, word,
                        &(cv_effects){out[0], out[1], out[2], out[3], out[4], out[5], out[6]}, NULL,
                        NULL));
    CHECK(out[0][0] == 10 && out[1][0] == 24 && out[2][0] == 0 && out[4][0] == 0 && out[6][0] == 0);
    CHECK_CLOSE(out[3][0], 11, 1e-15);
    CHECK_CLOSE(out[5][0], 3, 1e-15);
    CHECK(out[0][1] == 0 && out[1][1] == 5 && out[2][1] == 5 && out[3][1] == 0);
}

void
check_value_curve(void)
{
    enum { DATES = 4 };
    static const double curve[DATES][2] = {{1, NAN}, {2, 3}, {4, 3}, {8, 0}};
    double points[2], slope[2], S[2], p[2], mean[2], variation[2];
    void *workspace = malloc(cv_trend_bytes(DATES));
    check_sums();
    check_parts();
    if (workspace == NULL) return;
    CHECK(!cv_trend(cv_simd_best(), curve[0], 2, DATES, workspace,
                    (cv_trends){points, slope, S, p, mean, variation}, NULL, NULL));
    CHECK(points[0] == 4 && S[0] == 6 && mean[0] == 3.75);
    CHECK_CLOSE(slope[0], (2 + 7. / 3) / 2, 1e-15); /* 1 3/2 2 7/3 3 4 */
    CHECK_CLOSE(p[0], 2. / 24, 1e-15);
    CHECK(points[1] == 3 && S[1] == -2 && slope[1] == -1.5);
    CHECK_CLOSE(variation[1], sqrt(3) / 2, 1e-15);
    CHECK(cv_direction(4, 6, 0.083, 2, 4, 0.1) == CV_RISING);
    CHECK(cv_direction(3, -3, 0, 2, 4, 0.1) == CV_SHORT);
    CHECK(cv_direction(9, 2, 0.5, 1.1, 4, 0.1) == CV_VOLATILE);
    CHECK(cv_direction(9, 2, 0.5, 1, 4, 0.1) == CV_FLAT);
    free(workspace);
}
