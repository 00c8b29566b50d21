/* lorenz.c -- concentration: Lorenz (1905) and Gini (1912) on sorted values. */
#include <math.h>

#include "math/guards.h"
#include "math/money_sum.h"
#include "segments/pyramid.h"
#include "types.h"

void
cv_lorenz(const double *ascending, size_t n, double *top)
{
    cv_money c = {0, 0, 0};
    top[0] = 0;
    for (size_t i = 0; i < n; i++) {
        add_money(&c, ascending[n - 1 - i]);
        top[i + 1] = settled(&c);
    }
}

double
cv_share_of_top(const double *top, size_t n, double p)
{
    double place = p * (double)n, whole = floor(place);
    size_t i = (size_t)whole;
    if (!cv_is_positive(top[n])) return NAN;
    if (i >= n) return 1;
    return (top[i] + (place - whole) * (top[i + 1] - top[i])) / top[n];
}

size_t
cv_count_reaching(const double *top, size_t n, double share)
{
    size_t i = 0;
    while (i < n && top[i] < share * top[n] * (1 - 1e-12)) i++;
    return i;
}

double
cv_gini(const double *ascending, size_t n)
{
    cv_money total = {0, 0, 0}, spread = {0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        add_money(&total, ascending[i]);
        add_money(&spread, (2 * (double)i + 1 - (double)n) * ascending[i]);
    }
    if (!cv_is_positive(settled(&total)) || !isfinite(settled(&spread))) return NAN;
    return settled(&spread) / (double)n / settled(&total);
}
