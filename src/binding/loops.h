/* loops.h -- inner loops, one per arity and float width; included by ufuncs.c only.
 *
 * `data` is the kernel. Kernels compute in double; a float loop widens
 * its inputs and narrows the answer, so both widths agree. NaN in gives NaN out without asking
 * the kernel. What underflows is 0.0 and no event: the flag is put down after the loop. NumPy has
 * let go of the GIL.
 */
#include <fenv.h>
#include <math.h>
#include <string.h>

typedef double (*cv_kernel1)(double);
typedef double (*cv_kernel2)(double, double);
typedef double (*cv_kernel3)(double, double, double);
typedef double (*cv_kernel4)(double, double, double, double);
typedef double (*cv_kernel5)(double, double, double, double, double);
typedef double (*cv_kernel6)(double, double, double, double, double, double);
typedef double (*cv_kernel7)(double, double, double, double, double, double, double);
typedef double (*cv_kernel8)(double, double, double, double, double, double, double, double);
typedef double (*cv_kernel9)(double, double, double, double, double, double, double, double,
                             double);
typedef double (*cv_kernel10)(double, double, double, double, double, double, double, double,
                              double, double);

typedef union {
    cv_kernel1 k1;
    cv_kernel2 k2;
    cv_kernel3 k3;
    cv_kernel4 k4;
    cv_kernel5 k5;
    cv_kernel6 k6;
    cv_kernel7 k7;
    cv_kernel8 k8;
    cv_kernel9 k9;
    cv_kernel10 k10;
} cv_kernel;

#define CV_LOOP(NIN, REAL, CALL)                                                                   \
    static void loop##NIN##_##REAL(char **args, const npy_intp *dims, const npy_intp *steps,       \
                                   void *data)                                                     \
    {                                                                                              \
        const cv_kernel *kernel = data;                                                            \
        char *p[NIN + 1];                                                                          \
        memcpy(p, args, sizeof p);                                                                 \
        for (npy_intp i = 0; i < dims[0]; i++) {                                                   \
            double v[NIN];                                                                         \
            int nan = 0;                                                                           \
            for (int k = 0; k < NIN; k++) {                                                        \
                v[k] = (double)*(const REAL *)p[k];                                                \
                nan |= isnan(v[k]);                                                                \
            }                                                                                      \
            *(REAL *)p[NIN] = nan ? (REAL)NAN : (REAL)kernel->CALL;                                \
            for (int k = 0; k <= NIN; k++) p[k] += steps[k];                                       \
        }                                                                                          \
        feclearexcept(FE_UNDERFLOW);                                                               \
    }

#define CV_LOOPS(NIN, CALL)                                                                        \
    CV_LOOP(NIN, float, CALL)                                                                      \
    CV_LOOP(NIN, double, CALL)                                                                     \
    static PyUFuncGenericFunction loops##NIN[] = {loop##NIN##_float, loop##NIN##_double};

CV_LOOPS(1, k1(v[0]))
CV_LOOPS(2, k2(v[0], v[1]))
CV_LOOPS(3, k3(v[0], v[1], v[2]))
CV_LOOPS(4, k4(v[0], v[1], v[2], v[3]))
CV_LOOPS(5, k5(v[0], v[1], v[2], v[3], v[4]))
CV_LOOPS(6, k6(v[0], v[1], v[2], v[3], v[4], v[5]))
CV_LOOPS(7, k7(v[0], v[1], v[2], v[3], v[4], v[5], v[6]))
CV_LOOPS(8, k8(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]))
CV_LOOPS(9, k9(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8]))
CV_LOOPS(10, k10(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]))
