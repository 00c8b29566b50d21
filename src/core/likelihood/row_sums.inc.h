/* row_sums.inc.h -- the hot loops of a fit, compiled once per instruction set
 * (simd_dispatch.inc.h).
 *
 * STAMP(name) gives each copy its own names. Plain C: the compiler turns the loops over LANES into
 * vector code, and as no operation is contracted or reordered every copy returns the same bits.
 * There is no branch on data: a case is a select, and arguments of exp are clamped before, so that
 * nothing overflows. Errors: row_sums.c.
 */

/* Add to lanes[0..2], over rows 0..n, n a multiple of LANES: w log(c+T), w/(c+T), w/(c+T)^2. */
static void
STAMP(shifted_sums)(const double *t_x, const double *T, const double *w, size_t w_step, size_t n,
                    const double *c, double (*restrict lanes)[LANES])
{
    const double shift = c[0];
    (void)t_x;
    for (size_t i = 0; i < n; i += LANES, T += LANES, w += w_step)
        for (int l = 0; l < LANES; l++) {
            double y = shift + T[l], p = 1 / y;
            lanes[0][l] += w[l] * STAMP(vlog)(y);
            lanes[1][l] += w[l] * p;
            lanes[2][l] += w[l] * (p * p);
        }
}

/* The same for customers who may have dropped out (x + m > 0), all with one k = r + x and one log
 * odds of dropout: d = log_odds + k L, L = log((alpha+T)/(alpha+t_x)), are the log odds of being
 * inactive. With w = P(inactive) and v = w(1-w) the weighted sums are, in this order, of
 * log(alpha+T), 1/(alpha+T), its square, log(1+e^d), w, wL, wD, wE, v, vL, vD, vL^2, vLD, vD^2,
 * where D and E are the differences at T and t_x of 1/(alpha+t) and its square. */
static void
STAMP(dropout_sums)(const double *t_x, const double *T, const double *w, size_t w_step, size_t n,
                    const double *alpha_k_log_odds, double (*restrict lanes)[LANES])
{
    const double alpha = alpha_k_log_odds[0], k = alpha_k_log_odds[1];
    const double log_odds = alpha_k_log_odds[2];
    for (size_t i = 0; i < n; i += LANES, t_x += LANES, T += LANES, w += w_step)
        for (int l = 0; l < LANES; l++) {
            double y = alpha + T[l], p = 1 / y, p_x = 1 / (alpha + t_x[l]);
            double log_y = STAMP(vlog)(y), L = log_y - STAMP(vlog)(alpha + t_x[l]);
            double D = p - p_x, E = D * (p + p_x);
            double d = log_odds + k * L, size = fabs(d);
            double e = STAMP(vexp)(size < 37 ? -size : -37), q = 1 / (1 + e);
            double gone = w[l] * (d >= 0 ? q : e * q), spread = w[l] * (e * q * q);
            lanes[0][l] += w[l] * log_y;
            lanes[1][l] += w[l] * p;
            lanes[2][l] += w[l] * (p * p);
            lanes[3][l] += w[l] * ((d >= 0 ? d : 0) + STAMP(vlog1p)(e));
            lanes[4][l] += gone;
            lanes[5][l] += gone * L;
            lanes[6][l] += gone * D;
            lanes[7][l] += gone * E;
            lanes[8][l] += spread;
            lanes[9][l] += spread * L;
            lanes[10][l] += spread * D;
            lanes[11][l] += spread * (L * L);
            lanes[12][l] += spread * (L * D);
            lanes[13][l] += spread * (D * D);
        }
}
