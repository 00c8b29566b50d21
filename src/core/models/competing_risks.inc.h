/* competing_risks.inc.h -- the joint survival of two waits, one at a time and in columns, compiled
 * once per instruction set (simd_dispatch.inc.h).
 *
 * S = (1 + t / c)^-k (1 + t / d)^-s is e^-hazard with the cumulative hazard k log1p(t / c) + s
 * log1p(t / d): no power is formed, so neither large exponents nor small t / c lose digits.
 * Elementary functions are those of simd_math.inc.h, within 2 ulp; the loop has no branch on data,
 * and every copy returns the same bits, those of one row at a time.
 */

/* Largest t / c of our log1p; beyond it the library's is called. */
#define LARGEST 0x1p900

/* Return -log S; s may be 0. */
static inline double
STAMP(hazard)(double t, double k, double c, double s, double d)
{
    double hazard = k * STAMP(vlog1p)(t / c);
    return s > 0 ? hazard + s * STAMP(vlog1p)(t / d) : hazard;
}

/* Set P(alive), or NaN where the hazard is beyond DEEP or a log would be the library's. */
static void
STAMP(alive)(const cv_silent_histories *of, size_t n, double *restrict alive)
{
    const double r = of->r, alpha = of->alpha, s = of->s, beta = of->beta;
    const double *x = of->x, *t_x = of->t_x, *T = of->T, *lost = of->lost, *kept = of->kept;
    for (size_t i = 0; i < n; i++) {
        double D = T[i] - t_x[i], c = alpha + t_x[i], d = beta + t_x[i];
        double hazard = STAMP(hazard)(D, r + x[i], c, s, d);
        double survival = STAMP(vexp)(hazard <= DEEP ? -hazard : 0);
        double p = survival / (lost[i] + survival * kept[i]);
        int known =
            (t_x[i] > 0) & (D >= 0) & (hazard <= DEEP) & (D <= LARGEST * c) & (D <= LARGEST * d);
        alive[i] = known ? p < 1 ? p : 1 : NAN;
    }
}
