/* pnbd_integral.inc.h -- sums over ages at death of one customer, compiled once per instruction set
 * (simd_dispatch.inc.h).
 *
 * Lanes are nodes of the rule, so that one customer fills a vector and neighbours need not agree in
 * anything; every copy returns the same bits. The exponent is clamped at -700: below, a node adds
 * nothing beside the others. Errors: pnbd_fit.c.
 */

/* Add one panel in w = log(1 + v / first), from w = from to from + 2 half, of the density of death
 * at t_x + v over that at t_x: its sum, and those of it times the parts and their products. */
static void
STAMP(add_deaths)(const silence *at, double from, double half, double (*restrict sum)[LANES])
{
    const double *node = at->rule->node, *chance = at->rule->weight;
    for (int i = 0; i < NODES; i += LANES)
        for (int l = 0; l < LANES; l++) {
            double w = from + half * (1 + node[i + l]), v = at->first * STAMP(vexpm1)(w);
            double late_c = v / (at->c + v), late_g = v / (at->g + v);
            double log_c = STAMP(vlog1p)(v / at->c), log_g = STAMP(vlog1p)(v / at->g);
            double level = w - at->k * log_c - (at->s + 1) * log_g;
            double p = half * chance[i + l] * STAMP(vexp)(level > -700 ? level : -700);
            double p_r = p * log_c, p_alpha = p * late_c, p_s = p * log_g, p_beta = p * late_g;
            sum[0][l] += p;
            sum[1][l] += p_r;
            sum[2][l] += p_alpha;
            sum[3][l] += p_s;
            sum[4][l] += p_beta;
            sum[5][l] += p_r * log_c;
            sum[6][l] += p_r * late_c;
            sum[7][l] += p_r * log_g;
            sum[8][l] += p_r * late_g;
            sum[9][l] += p_alpha * late_c;
            sum[10][l] += p_alpha * log_g;
            sum[11][l] += p_alpha * late_g;
            sum[12][l] += p_s * log_g;
            sum[13][l] += p_s * late_g;
            sum[14][l] += p_beta * late_g;
        }
}
