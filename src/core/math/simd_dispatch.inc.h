/* simd_dispatch.inc.h -- compiles the file that KERNELS names once per instruction set, each time
 * with the elementary functions of simd_math.inc.h; PICK(simd, name) is the copy to call.
 *
 * AVX2 code is compiled by attribute, not by a flag, and runs only where cv_simd_best() found the
 * processor able. Both copies have the same operations in the same order, without contraction, and
 * so the same bits; tests/core compares them.
 */

#include "math/simd.h"

/* Without no-trapping-math gcc keeps the selects scalar, which is three times slower. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("no-trapping-math")
#endif

#define STAMP(name) base_##name
#include "math/simd_math.inc.h"
#include KERNELS
#undef STAMP

#if HAS_AVX2
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define STAMP(name) avx2_##name
#include "math/simd_math.inc.h"
#include KERNELS
#undef STAMP
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif

#if HAS_AVX2
#define PICK(simd, name) ((simd) == CV_SIMD_AVX2 ? avx2_##name : base_##name)
#else
#define PICK(simd, name) base_##name
#endif
