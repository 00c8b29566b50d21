/* simd_math.inc.h -- elementary functions without a branch, compiled once per instruction set
 * (simd_dispatch.inc.h).
 *
 * The argument is reduced as in each function's comment; the polynomials are our own, interpolated
 * at Chebyshev nodes in 60 digits. Largest error: log on normal positive doubles 1 ulp, exp and
 * expm1 on [-700, 700] 1 ulp, log1p on [0, 1] 2 ulp; tests/core/check_row_sums.c measures them
 * again against long double. Arguments outside these domains give no meaningful result, and no
 * flag.
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

/* y = n log 2 + r; adding 1.5 * 2^52 rounds to the whole number n and leaves it in the low bits.
 * Returns e^r - 1, and 2^n. */
static inline double
STAMP(vexp_parts)(double y, double *scale)
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
    *scale = STAMP(from_bits)((STAMP(to_bits)(magic) + 1023) << 52);
    return r + r * r * q;
}

/* exp(y). */
static inline double
STAMP(vexp)(double y)
{
    double scale, part = STAMP(vexp_parts)(y, &scale);
    return (1 + part) * scale;
}

/* exp(y) - 1: the large part is exact, so it does not cancel. */
static inline double
STAMP(vexpm1)(double y)
{
    double scale, part = STAMP(vexp_parts)(y, &scale);
    return part * scale + (scale - 1);
}

/* log(1 + y), corrected by the rounding error of 1 + y. */
static inline double
STAMP(vlog1p)(double y)
{
    double u = 1 + y;
    return STAMP(vlog)(u) + (y - (u - 1)) / u;
}
