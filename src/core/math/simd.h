/* simd.h -- HAS_AVX2: whether this compiler can compile AVX2 code by attribute
 * (simd_dispatch.inc.h). Whether the processor can run it is cv_simd_best() (types.h).
 */
#ifndef CUSTVAL_SIMD_H
#define CUSTVAL_SIMD_H

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_AVX2 1
#else
#define HAS_AVX2 0
#endif

#endif
