/* trend_test.inc.h -- pairs of dates compared, eight curves at a time; compiled once per
 * instruction set (math/simd_dispatch.inc.h).
 *
 * Counts are whole numbers in doubles or 64 bits: exact. A comparison with NaN, a missing value, is
 * false, so it counts neither way.
 */

/* Of each curve: pairs that rise and that fall. */
static void
STAMP(compare)(const double (*restrict curve)[LANES], size_t dates, int64_t *restrict up,
               int64_t *restrict down)
{
    for (size_t j = 1; j < dates; j++)
        for (size_t i = 0; i < j; i++)
            for (int l = 0; l < LANES; l++) {
                up[l] += curve[j][l] > curve[i][l];
                down[l] += curve[j][l] < curve[i][l];
            }
}

/* Of each curve: the sum of t (t - 1) (2 t + 5) over groups of t equal values. */
static void
STAMP(count_ties)(const double (*restrict curve)[LANES], size_t dates, double *restrict tied)
{
    for (size_t j = 0; j < dates; j++) {
        double equal[LANES] = {0};
        for (size_t i = 0; i < dates; i++)
            for (int l = 0; l < LANES; l++) equal[l] += curve[j][l] == curve[i][l] ? 1.0 : 0.0;
        for (int l = 0; l < LANES; l++)
            tied[l] += equal[l] > 0 ? (equal[l] - 1) * (2 * equal[l] + 5) : 0;
    }
}

/* Of each curve: how many values, and how many of them are 0. */
static void
STAMP(count_values)(const double (*restrict curve)[LANES], size_t dates, double *restrict points,
                    double *restrict zeros)
{
    for (size_t j = 0; j < dates; j++)
        for (int l = 0; l < LANES; l++) {
            points[l] += curve[j][l] == curve[j][l] ? 1.0 : 0.0;
            zeros[l] += curve[j][l] == 0 ? 1.0 : 0.0;
        }
}

/* Of each curve: the sum of its values. */
static void
STAMP(add_up)(const double (*restrict curve)[LANES], size_t dates, double *restrict sum)
{
    for (size_t j = 0; j < dates; j++)
        for (int l = 0; l < LANES; l++) sum[l] += curve[j][l] == curve[j][l] ? curve[j][l] : 0;
}

/* Of each curve: the sum of squares about its mean. */
static void
STAMP(add_squares)(const double (*restrict curve)[LANES], size_t dates, const double *restrict mean,
                   double *restrict SS)
{
    for (size_t j = 0; j < dates; j++)
        for (int l = 0; l < LANES; l++) {
            double gap = curve[j][l] == curve[j][l] ? curve[j][l] - mean[l] : 0;
            SS[l] += gap * gap;
        }
}

/* Of one curve: the slopes of all pairs of dates, NaN where a value is missing. */
static void
STAMP(slopes)(const double *restrict curve, size_t dates, double *restrict slope)
{
    for (size_t lag = 1; lag < dates; slope += dates - lag, lag++) {
        const double span = (double)lag;
        for (size_t i = 0; i + lag < dates; i++) slope[i] = (curve[i + lag] - curve[i]) / span;
    }
}
