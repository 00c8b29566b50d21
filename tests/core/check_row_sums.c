/* check_row_sums.c -- the hot loops: elementary functions against long double, sums by hand. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum { LANES = 8 };
#define STAMP(name) checked_##name
#include "math/simd_math.inc.h"
#include "likelihood/row_sums.inc.h"

static double
ulps(double got, long double want)
{
    return (double)(fabsl((long double)got - want) / (fabsl(want) * (long double)DBL_EPSILON));
}

static void
check_elementary(void)
{
    double worst_log = 0, worst_exp = 0, worst_expm1 = 0, worst_log1p = 0, y = 1e-300;
    for (int i = 0; i < 200000; i++, y *= 1.0069)
        if (y < 1e300) worst_log = fmax(worst_log, ulps(checked_vlog(y), logl((long double)y)));
    for (int i = 0; i < 200000; i++) {
        double near = 1 + (i - 100000) * 3e-6, part = i / 200000.0, small = exp(-i / 5000.0);
        if (i != 100000)
            worst_log = fmax(worst_log, ulps(checked_vlog(near), logl((long double)near)));
        for (int sign = -1; sign <= 1; sign += 2) {
            double far = sign * 700 * part * part, short_of = sign * 3 * small;
            worst_exp = fmax(worst_exp, ulps(checked_vexp(far), expl((long double)far)));
            if (i)
                worst_expm1 =
                    fmax(worst_expm1, ulps(checked_vexpm1(far), expm1l((long double)far)));
            worst_expm1 =
                fmax(worst_expm1, ulps(checked_vexpm1(short_of), expm1l((long double)short_of)));
        }
        if (i)
            worst_log1p = fmax(worst_log1p, ulps(checked_vlog1p(part), log1pl((long double)part)));
        worst_log1p = fmax(worst_log1p, ulps(checked_vlog1p(small), log1pl((long double)small)));
    }
    CHECK(worst_log < 1);
    CHECK(worst_exp < 1);
    CHECK(worst_expm1 < 1);
    CHECK(worst_log1p < 2);
    CHECK(checked_vlog(1) == 0 && checked_vexp(0) == 1 && checked_vlog1p(0) == 0 &&
          checked_vexpm1(0) == 0);
}

/* Two loops of one group by hand: eight customers with x = 1, T = 10, t_x = 4. */
static void
check_sums(void)
{
    double t_x[LANES], T[LANES], w[LANES], sum[14][LANES] = {{0}};
    const double alpha_k_log_odds[] = {2, 1.5, -0.5};
    for (int l = 0; l < LANES; l++) t_x[l] = 4, T[l] = 10, w[l] = l;
    checked_dropout_sums(t_x, T, w, LANES, LANES, alpha_k_log_odds, sum);
    double L = log(12.0 / 6), d = -0.5 + 1.5 * L, inactive = 1 / (1 + exp(-d)),
           D = 1 / 12.0 - 1 / 6.0;
    for (int l = 0; l < LANES; l++) {
        CHECK_CLOSE(sum[0][l], l * log(12), 1e-15);
        CHECK_CLOSE(sum[3][l], l * log1p(exp(d)), 1e-15);
        CHECK_CLOSE(sum[5][l], l * inactive * L, 1e-15);
        CHECK_CLOSE(sum[12][l], l * inactive * (1 - inactive) * L * D, 1e-14);
    }
    checked_shifted_sums(t_x, T, w, LANES, LANES, alpha_k_log_odds, sum);
    CHECK_CLOSE(sum[1][1], 2 / 12.0, 1e-15);
}

void
check_row_sums(void)
{
    check_elementary();
    check_sums();
}
