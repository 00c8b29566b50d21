/* ggnbd_fit.inc.h -- sums over ages at death of one customer, compiled once per instruction set
 * (simd_dispatch.inc.h).
 *
 * Lanes are nodes of the rule; every copy returns the same bits. Exponents are clamped at -700 and
 * levels count from the highest one, so nothing overflows. Errors: ggnbd_fit.c.
 */

/* Add the products of 32 pairs to s, in 8 lanes. */
static inline void
STAMP(add_products)(const double *restrict a, const double *restrict b, double *restrict s)
{
    for (int l = 0; l < LANES; l++)
        s[l] +=
            (a[l] * b[l] + a[l + 8] * b[l + 8]) + (a[l + 16] * b[l + 16] + a[l + 24] * b[l + 24]);
}

/* Set ages and weights of the rule in w = log(1 + u / first), up to w = 2 half. */
static void
STAMP(place)(const double *node, const double *chance, double from, double first, double half,
             double hazard, double *restrict age, double *restrict weight)
{
    for (int l = 0; l < NODES; l++) {
        double w = half * (1 + node[l]);
        age[l] = from + first * STAMP(vexpm1)(w);
        weight[l] = hazard * half * chance[l] * first * STAMP(vexp)(w);
    }
}

/* Set, at ages y, level to the log-density of death there over that of being alive at T, and part
 * to the differences of the gradients and parts of the Hessians. With f = e^-by Q, log Q = by + log
 * f; 1 / Q = e^-by / f; its derivative in b over Q is y / f. */
static void
STAMP(ages)(const alive *at, const double *age, double *restrict level,
            double (*restrict part)[NODES])
{
    const double k = at->k, alpha = at->alpha, b = at->b, s = at->s, beta = at->beta;
    for (int l = 0; l < NODES; l++) {
        double y = age[l], by = b * y, fall = by < 700 ? -by : -700;
        double e = STAMP(vexp)(fall), f = beta * e - STAMP(vexpm1)(fall), p = 1 / (alpha + y);
        double log_c = STAMP(vlog)(alpha + y), log_q = by + STAMP(vlog)(f);
        double over = 1 / f, q = e * over, slope = y * over;
        level[l] = k * (at->log_c - log_c) + s * (at->log_q - log_q) + (by - log_q);
        part[1 + R][l] = at->log_c - log_c;
        part[1 + ALPHA][l] = k * (at->p - p);
        part[1 + B][l] = 1 / b + y + (s * at->slope - (s + 1) * slope);
        part[1 + S][l] = 1 / s + (at->log_q - log_q);
        part[1 + BETA][l] = s * at->q - (s + 1) * q;
        part[PP][l] = p * p;
        part[QQ][l] = q * q;
        part[SLOPE][l] = slope;
        part[QSLOPE][l] = q * slope;
        part[BEND][l] = slope * (y - slope);
    }
}

/* Add the sums of weight e^(level - top), times the parts and products of two gradients. */
static void
STAMP(tally)(const double *level, const double *weight, double (*restrict part)[NODES], double top,
             double (*restrict sum)[LANES])
{
    double times[6][NODES];
    for (int l = 0; l < NODES; l++) {
        double below = level[l] - top;
        part[0][l] = 1;
        times[0][l] = weight[l] * STAMP(vexp)(below > -700 ? below : -700);
    }
    for (int g = 1; g < 6; g++)
        for (int l = 0; l < NODES; l++) times[g][l] = times[0][l] * part[g][l];
    for (int g = 0; g < 6; g++)
        for (int h = g; h < 6; h++) STAMP(add_products)(times[g], part[h], *sum++);
    for (int h = PP; h <= BEND; h++) STAMP(add_products)(times[0], part[h], *sum++);
}
