/* pnbd_series.inc.h -- Gauss's continued fraction with its derivatives in 8 lanes, compiled once
 * per instruction set (simd_dispatch.inc.h).
 *
 * Each level f <- 1 + t y / f carries log f and its first and second derivatives along, in terms of
 * the derivatives of the level below; all terms are positive, so nothing cancels on the way up.
 * Lanes are times with one x; every copy returns the same bits. Errors: pnbd_fit.c.
 */

/* Replace f by 1 + t y / f, where log t has the derivatives l_a, ... */
static void
STAMP(climb)(fraction *restrict f, double t, double l_a, double l_b, double l_aa, double l_ab,
             double l_bb)
{
    for (int l = 0; l < LANES; l++) {
        double p = t * f->inverse[l], q = p * f->y[l], u_y = f->u_y[l];
        double w_a = l_a - f->u_a[l], w_b = l_b - f->u_b[l];
        double q_a = q * w_a, q_b = q * w_b, q_y = p - q * u_y, over = 1 / (1 + q);
        double q_aa = q_a * w_a + q * (l_aa - f->u_aa[l]);
        double q_ab = q_a * w_b + q * (l_ab - f->u_ab[l]);
        double q_bb = q_b * w_b + q * (l_bb - f->u_bb[l]);
        double q_ay = p * w_a - q_a * u_y - q * f->u_ay[l];
        double q_by = p * w_b - q_b * u_y - q * f->u_by[l];
        double q_yy = -(p + q_y) * u_y - q * f->u_yy[l];
        double a = q_a * over, b = q_b * over, y = q_y * over;
        f->inverse[l] = over;
        f->u_a[l] = a;
        f->u_b[l] = b;
        f->u_y[l] = y;
        f->u_aa[l] = q_aa * over - a * a;
        f->u_ab[l] = q_ab * over - a * b;
        f->u_bb[l] = q_bb * over - b * b;
        f->u_ay[l] = q_ay * over - a * y;
        f->u_by[l] = q_by * over - b * y;
        f->u_yy[l] = q_yy * over - y * y;
    }
}

/* Climb to 1 / 2F1(1, a; a + b; -y) from the limit of its tail. */
static void
STAMP(climb_all)(fraction *restrict f, double a, double b, double steps)
{
    const double c = a + b;
    for (double k = steps; k >= 0; k--) {
        double n = c + 2 * k, i = 1 / (a + k), j = 1 / (c - 1 + k), u = 1 / (n - 1), v = 1 / n;
        double l = j - u - v, l2 = u * u + v * v - j * j;
        STAMP(climb)(f, (a + k) * (c - 1 + k) * u * v, i + l, l, l2 - i * i, l2, l2);
        if (k == 0) break;
        i = 1 / (b + k - 1);
        v = 1 / (n - 2);
        l = -u - v;
        l2 = u * u + v * v;
        STAMP(climb)(f, k * (b + k - 1) * u * v, l, i + l, l2, l2, l2 - i * i);
    }
}

/* Set the limits that the fractions start from; return the largest root of 1 + y. */
static inline double
STAMP(open_all)(const tail *at, const double *t, fraction *f)
{
    const double gap = at->large - at->small;
    double most = 0;
    for (int l = 0; l < LANES; l++) {
        double y = gap / (at->small + t[l]), root = sqrt(1 + y);
        f->y[l] = y;
        f->inverse[l] = 2 / (1 + root);
        f->u_y[l] = 1 / (2 * root * (1 + root));
        most = root > most ? root : most;
    }
    return most;
}

/* Set the log of large^shape small^shape' times the integral of (large + u)^-(e + 1) (small + u)^-h
 * over u > t, but for constant powers of the scales, at 8 times; with its derivatives in e, h,
 * large, small, powers included. A shape may be large, as its scale then is: (1 + t /
 * scale)^-shape. */
static void
STAMP(pairs)(const tail *at, const double *t, lanes_of_pairs *restrict to)
{
    const double e = at->e, h = at->h, N = e + h;
    const double shape_M = at->large_shape, shape_Q = at->small_shape;
    fraction f = {.y = {0}};
    double most = STAMP(open_all)(at, t, &f);
    STAMP(climb_all)(&f, h, e + 1, ceil(STEPS_PER_ROOT * most) + 2);
    for (int l = 0; l < LANES; l++) {
        double q = 1 / (at->small + t[l]), m = 1 / (at->large + t[l]), z = 1 + f.y[l];
        double x_Q = t[l] / at->small, x_M = t[l] / at->large;
        double log_M = STAMP(vlog1p)(x_M), log_Q = STAMP(vlog1p)(x_Q);
        double L_y = -f.u_y[l], L_yy = -f.u_yy[l];
        to->value[l] = STAMP(vlog)(f.inverse[l]) - e * log_M - h * log_Q;
        to->gradient[E][l] = -log_M - 1 / N - f.u_b[l];
        to->gradient[H][l] = -log_Q - 1 / N - f.u_a[l];
        to->gradient[LARGE][l] = (shape_M * x_M - at->large_rest) * m + L_y * q;
        to->gradient[SMALL][l] = (shape_Q * x_Q - at->small_rest - L_y * z) * q;
        to->hessian[E][E][l] = 1 / (N * N) - f.u_bb[l];
        to->hessian[E][H][l] = to->hessian[H][E][l] = 1 / (N * N) - f.u_ab[l];
        to->hessian[H][H][l] = 1 / (N * N) - f.u_aa[l];
        to->hessian[E][LARGE][l] = to->hessian[LARGE][E][l] = x_M * m - f.u_by[l] * q;
        to->hessian[E][SMALL][l] = to->hessian[SMALL][E][l] = f.u_by[l] * z * q;
        to->hessian[H][LARGE][l] = to->hessian[LARGE][H][l] = -f.u_ay[l] * q;
        to->hessian[H][SMALL][l] = to->hessian[SMALL][H][l] = (f.u_ay[l] * z + x_Q) * q;
        to->hessian[LARGE][LARGE][l] =
            (at->large_rest - shape_M * x_M * (2 + x_M)) * m * m + L_yy * q * q;
        to->hessian[LARGE][SMALL][l] = to->hessian[SMALL][LARGE][l] = -(L_yy * z + L_y) * q * q;
        to->hessian[SMALL][SMALL][l] =
            (at->small_rest - shape_Q * x_Q * (2 + x_Q) + (L_yy * z + 2 * L_y) * z) * q * q;
    }
}
