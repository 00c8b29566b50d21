/* exact_sum.h -- sums of products without rounding; a scorecard's ranks depend on the last bit.
 *
 * A number is a sum of doubles that do not overlap, the smallest first: an expansion (Shewchuk
 * 1997, Adaptive precision floating-point arithmetic, sections 2.2 to 2.4). Whole numbers and short
 * decimals stay in one or two parts, so exact arithmetic costs little where doubles are exact.
 * Error: none, while no part leaves 1e-290..1e290; a sum that overflows has a part that is not
 * finite. tests/guarantees/test_exact_points.py compares with fractions.
 */
#ifndef CUSTVAL_EXACT_SUM_H
#define CUSTVAL_EXACT_SUM_H

#include <math.h>
#include <stddef.h>

enum { PARTS = 48 }; /* 2098 bits of exponent / 53 is 40: compressed, every sum fits */

/* part[0] + ... + part[parts - 1]; 0 has no part. */
typedef struct {
    int parts;
    double part[PARTS];
} exact;

/* The rounded a + b; a + b = the result + *error, without rounding (Knuth's TwoSum). */
static inline double
two_sum(double a, double b, double *error)
{
    double sum = a + b, virtual_b = sum - a;
    *error = (a - (sum - virtual_b)) + (b - virtual_b);
    return sum;
}

/* The nearest double, to about an ulp. */
static inline double
about(const exact *e)
{
    double sum = 0;
    for (int i = 0; i < e->parts; i++) sum += e->part[i];
    return sum;
}

/* Fewer, larger parts of the same sum: top down into neighbours, then bottom up. */
static void
compress(exact *e)
{
    double q = e->part[e->parts - 1], error;
    int bottom = e->parts - 1, top = 0;
    for (int i = e->parts - 2; i >= 0; i--) {
        q = two_sum(q, e->part[i], &error);
        if (error == 0) continue;
        e->part[bottom--] = q;
        q = error;
    }
    e->part[bottom] = q;
    for (int i = bottom + 1; i < e->parts; i++) {
        q = two_sum(e->part[i], q, &error);
        if (error != 0) e->part[top++] = error;
    }
    e->part[top++] = q;
    e->parts = top;
    if (top < PARTS) return;
    e->part[0] = NAN; /* only a sum that overflowed does not fit */
    e->parts = 1;
}

/* e += b */
static inline void
add(exact *e, double b)
{
    if (e->parts == PARTS) compress(e);
    int kept = 0;
    for (int i = 0; i < e->parts; i++) {
        double error;
        b = two_sum(b, e->part[i], &error);
        if (error != 0) e->part[kept++] = error;
    }
    if (b != 0) e->part[kept++] = b;
    e->parts = kept;
}

/* e += a b */
static inline void
add_product(exact *e, double a, double b)
{
    double nearest = a * b, error = fma(a, b, -nearest);
    if (error != 0) add(e, error);
    if (nearest != 0) add(e, nearest);
}

/* e += b f */
static inline void
add_times(exact *e, const exact *f, double b)
{
    if (b == 1) {
        for (int i = 0; i < f->parts; i++) add(e, f->part[i]);
        return;
    }
    for (int i = 0; i < f->parts; i++) add_product(e, f->part[i], b);
}

/* f b */
static inline exact
times(const exact *f, double b)
{
    exact product;
    product.parts = 0;
    add_times(&product, f, b);
    return product;
}

/* a b */
static inline exact
product(const exact *a, const exact *b)
{
    exact e;
    e.parts = 0;
    for (int i = 0; i < b->parts; i++) add_times(&e, a, b->part[i]);
    return e;
}

/* The sign of a - b. */
static inline int
compare(const exact *a, const exact *b)
{
    if (a->parts == 1 && b->parts == 1)
        return (a->part[0] > b->part[0]) - (a->part[0] < b->part[0]);
    exact d;
    d.parts = 0;
    add_times(&d, a, 1);
    add_times(&d, b, -1);
    if (d.parts == 0) return 0;
    return d.part[d.parts - 1] > 0 ? 1 : -1; /* the largest part outweighs all others */
}

/* e - d q */
static inline exact
remainder_of(const exact *e, const exact *d, double q)
{
    exact r;
    r.parts = 0;
    add_times(&r, e, 1);
    add_times(&r, d, -q);
    return r;
}

/* q or its neighbour towards e / d = q + r / d, whichever is nearer; an exact tie goes to the
 * even one, as in IEEE division. `step` is r / d to about an ulp. */
static double
settle(double q, double step, const exact *r, const exact *d)
{
    double next = nextafter(q, step > 0 ? INFINITY : -INFINITY), half = (next - q) / 2;
    if (fabs(step) < 0.999 * fabs(half)) return q;
    exact middle = times(d, half);
    int side = compare(r, &middle) * (step > 0 ? 1 : -1);
    return side == 0 ? q + half : side > 0 ? next : q;
}

/* e / d for d > 0, rounded once: the double nearest to the exact quotient. */
static double
quotient(const exact *e, const exact *d)
{
    if (e->parts == 0) return 0;
    if (e->parts == 1 && d->parts == 1) return e->part[0] / d->part[0];
    double q = about(e) / about(d);
    for (int tries = 0;; tries++) {
        exact r = remainder_of(e, d, q);
        double step = about(&r) / about(d);
        if (r.parts == 0 || !isfinite(step)) return q;
        if (q + step == q || tries == 3) return settle(q, step, &r, d);
        q += step;
    }
}

/* The whole number nearest to e / d for d > 0, halves away from zero; infinite beyond 2^53. */
static double
rounded(const exact *e, const exact *d)
{
    double k = round(quotient(e, d)), away = k < 0 ? -1 : 1;
    if (!(fabs(k) < 9007199254740992.0)) return k * INFINITY;
    exact r = remainder_of(e, d, k), twice = times(&r, 2 * away), minus = times(d, -1);
    if (compare(&twice, &minus) < 0) return k - away;
    return compare(&twice, d) >= 0 ? k + away : k;
}

#endif
