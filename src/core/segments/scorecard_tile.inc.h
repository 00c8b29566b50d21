/* scorecard_tile.inc.h -- a card of steps over a tile of rows; compiled once per instruction set
 * (math/simd_dispatch.inc.h).
 *
 * No index and no gather: the points of the last edge passed win, edge by edge. All numbers are
 * whole and below 2^51, so doubles hold every sum exactly. A NaN that has no points makes the
 * score NaN, so the loops need not test for it.
 */

/* Four edges a pass over the tile: x and q come from the cache, the edges stay in registers.
 * Beyond the last edge: infinity, with the points of the last. */
static void
STAMP(four_edges)(const cv_term *t, size_t k, const double *restrict x, size_t rows,
                  double *restrict q)
{
    double edge[4], points[4];
    for (size_t i = 0; i < 4; i++) {
        size_t last = k + i < t->edges ? k + i : t->edges - 1;
        edge[i] = k + i < t->edges ? t->edge[last] : INFINITY;
        points[i] = t->points[CV_LIMBS * (last + 1)];
    }
    const double lowest = t->points[0], e0 = edge[0], e1 = edge[1], e2 = edge[2], e3 = edge[3];
    const double p0 = points[0], p1 = points[1], p2 = points[2], p3 = points[3];
    for (size_t i = 0; i < rows; i++) {
        double v = x[i], p = k == 0 ? lowest : q[i];
        p = v >= e0 ? p0 : p;
        p = v >= e1 ? p1 : p;
        p = v >= e2 ? p2 : p;
        q[i] = v >= e3 ? p3 : p;
    }
}

/* q = scale * points of one term; NaN has those below the first edge. */
static void
STAMP(points)(const cv_term *t, const double *restrict x, size_t rows, double *restrict q)
{
    if (t->edges > FEW_EDGES) {
        for (size_t i = 0; i < rows; i++) q[i] = t->points[CV_LIMBS * edges_passed(t, x[i])];
        return;
    }
    if (t->edges == 0)
        for (size_t i = 0; i < rows; i++) q[i] = t->points[0];
    for (size_t k = 0; k < t->edges; k += 4) STAMP(four_edges)(t, k, x, rows, q);
}

/* Writes v / scale to the rows of a column, unless it is NULL. */
static void
STAMP(show)(double *out, const double *restrict v, double scale, size_t from, size_t rows)
{
    if (out == NULL) return;
    double *restrict shown = out + from;
    for (size_t i = 0; i < rows; i++) shown[i] = v[i] / scale;
}

/* One measure of a tile: writes its points, and adds them to the sum of its indicator. */
static void
STAMP(measure)(const cv_measure *m, double scale, size_t from, size_t rows, double *restrict sum)
{
    double q[TILE];
    const double *restrict x = m->term->select + from;
    const double missing = m->policy == CV_MISSING_VALUE ? m->missing[0] : NAN;
    fetch(x, rows);
    STAMP(points)(m->term, x, rows, q);
    for (size_t i = 0; i < rows; i++) q[i] = x[i] == x[i] ? q[i] : missing;
    for (size_t i = 0; i < rows; i++) sum[i] += q[i];
    STAMP(show)(m->out, q, scale, from, rows);
}

/* Halves away from zero; |v| / unit < 2^51, where adding 2^52 rounds to a whole number. */
static inline double
STAMP(round_to)(double v, double unit)
{
    double k = (2 * fabs(v) + unit) / (2 * unit), whole_k = (k + 0x1p52) - 0x1p52;
    return copysign(whole_k > k ? whole_k - 1 : whole_k, v);
}

/* One indicator of a tile: limits and rounds its sum, writes it, and adds it to the total. */
static void
STAMP(indicator)(const cv_card *c, const cv_indicator *s, size_t from, size_t rows,
                 double *restrict sum, double *restrict total)
{
    const double cap = s->cap[0], lowest = s->floor[0], unit = c->unit[0], weight = s->weight[0];
    for (size_t i = 0; i < rows; i++)
        sum[i] = sum[i] > cap ? cap : sum[i] < lowest ? lowest : sum[i];
    if (c->round_indicator)
        for (size_t i = 0; i < rows; i++) sum[i] = STAMP(round_to)(sum[i], unit) * unit + 0.0;
    for (size_t i = 0; i < rows; i++) total[i] += weight * sum[i];
    STAMP(show)(s->out, sum, c->scale[0], from, rows);
}

/* Scores `rows` <= TILE rows from `from` on; `divisor` is the sum of the weights, or 1. */
static void
STAMP(tile)(const cv_card *c, double divisor, size_t from, size_t rows)
{
    double sum[TILE], total[TILE] = {0};
    double *restrict out = c->out + from;
    for (size_t s = 0; s < c->indicators; s++) {
        const cv_indicator *indicator = &c->indicator[s];
        memset(sum, 0, sizeof sum);
        for (size_t m = 0; m < indicator->measures; m++)
            STAMP(measure)(&indicator->measure[m], c->scale[0], from, rows, sum);
        STAMP(indicator)(c, indicator, from, rows, sum, total);
    }
    const double cap = c->cap[0] * divisor, lowest = c->floor[0] * divisor;
    const double scale = c->scale[0] * divisor, unit = c->unit[0] * divisor, power = c->power;
    for (size_t i = 0; i < rows; i++)
        total[i] = total[i] > cap ? cap : total[i] < lowest ? lowest : total[i];
    if (c->round_total)
        for (size_t i = 0; i < rows; i++) out[i] = STAMP(round_to)(total[i], unit) / power + 0.0;
    else
        for (size_t i = 0; i < rows; i++) out[i] = total[i] / scale;
}
