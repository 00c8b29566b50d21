/* simd.h -- whether AVX2 code can be compiled. */
#ifndef CUSTVAL_SIMD_H
#define CUSTVAL_SIMD_H

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAS_AVX2 1
#else
#define HAS_AVX2 0
#endif

#endif
