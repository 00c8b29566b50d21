/* rowsums.inc.h -- the hot loops of a fit, stamped once per instruction set by rowsums.c.
 *
 * STAMP(name) gives each copy its own names. Plain C: the compiler turns the loops over LANES
 * into vector code, and as no operation is contracted or reordered every copy returns the same
 * bits. Elementary functions are ours (numerics: own polynomials, interpolated at Chebyshev
 * nodes in 60 digits): log on normal positive doubles 1 ulp, exp on [-37, 0] 1 ulp, log1p on
 * [0, 1] 2 ulp; tests/core/check_rowsums.c measures them again.
 */

static inline double
STAMP(from_bits)(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t
STAMP(to_bits)(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* y = 2^k (1+f), 1+f in [sqrt(1/2), sqrt 2); with s = f/(2+f), log(1+f) = f - s(f - s^2 Q(s^2)). */
static inline double
STAMP(vlog)(double y)
{
    const uint64_t half_root = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000;
    uint64_t shifted = STAMP(to_bits)(y) + (one - half_root);
    double k = STAMP(from_bits)((shifted >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
    double f = STAMP(from_bits)((shifted & 0x000fffffffffffff) + half_root) - 1;
    double s = f / (2 + f), z = s * s;
    double q = 0.14617807153417325;
    q = q * z + 0.15331611722055008;
    q = q * z + 0.1818289243253687;
    q = q * z + 0.22222211089379496;
    q = q * z + 0.28571428626253836;
    q = q * z + 0.3999999999989889;
    q = q * z + 0.666666666666667;
    return k * 0x1.62e42fefa2p-1 - ((s * (f - z * q) - k * 7.371002565167799e-13) - f);
}

/* y = n log 2 + r; adding 1.5 * 2^52 rounds to the whole number n and leaves it in the low bits. */
static inline double
STAMP(vexp)(double y)
{
    double magic = y * 1.4426950408889634 + 0x1.8p52, n = magic - 0x1.8p52;
    double r = (y - n * 0x1.62e42fefa2p-1) - n * 7.371002565167799e-13;
    double q = 2.5100472505694996e-08;
    q = q * r + 2.7620201591031547e-07;
    q = q * r + 2.7557268276905696e-06;
    q = q * r + 2.4801521057868204e-05;
    q = q * r + 0.00019841269863171557;
    q = q * r + 0.0013888888917367081;
    q = q * r + 0.008333333333330039;
    q = q * r + 0.041666666666623824;
    q = q * r + 0.16666666666666669;
    q = q * r + 0.5;
    return (1 + (r + r * r * q)) * STAMP(from_bits)((STAMP(to_bits)(magic) + 1023) << 52);
}

static inline double
STAMP(vlog1p)(double y)
{
    double u = 1 + y;
    return STAMP(vlog)(u) + (y - (u - 1)) / u;
}

/* Rows 0..n, n a multiple of LANES: sums of w log(c+T), w/(c+T), w/(c+T)^2. */
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

/* Rows that may have left (x + m > 0), all with one k = r + x and one log odds:
 * d = log_odds + k L, L = log((alpha+T)/(alpha+t_x)). With w = P(gone) and v = w(1-w) the
 * (weighted) sums are log(alpha+T), 1/(alpha+T), its square, softplus d, w, wL, wD, wE, v, vL, vD,
 * vL^2, vLD, vD^2, where D and E are the differences at T and t_x of 1/(alpha+t) and its square. */
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
