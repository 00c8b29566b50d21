/* simd.c -- the instruction sets of this processor, by the compiler's own query of CPUID. */
#include "math/simd.h"
#include "types.h"

cv_simd
cv_simd_best(void)
{
#if HAS_AVX2
    return __builtin_cpu_supports("avx2") ? CV_SIMD_AVX2 : CV_SIMD_BASE;
#else
    return CV_SIMD_BASE;
#endif
}
