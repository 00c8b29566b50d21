/* bgnbd.c -- BG/NBD: Fader, Hardie and Lee (2005), notes 021 and 039. */
#include "custval.h"
#include "inline.h"

static int
in_domain(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    return x >= 0 && t_x >= 0 && t_x <= T && isfinite(x) && isfinite(T) && (x > 0 || t_x == 0) &&
           r > 0 && alpha > 0 && a > 0 && b > 0;
}

double
cv_bgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a, double b)
{
    if (!in_domain(x, t_x, T, r, alpha, a, b)) return domain_error();
    if (x == 0) return 1; /* nobody leaves before a first repeat */
    return one_over_one_plus_exp(log(a / (b + (x - 1))) +
                                 (r + x) * log1p((T - t_x) / (alpha + t_x)));
}
