/* row_sums.c -- weighted sums over the rows of a fit, in vector code.
 *
 * Rows are summed in blocks of 65,536 in index order, each block in 8 lanes that are added in a
 * fixed tree; the rows left over are padded to 8 with weight 0. So the order of additions, and with
 * it the bits, depends on the rows alone: not on the instruction set, the compiler or threads.
 * Rounding grows with the length of a lane, 8192 rows, and the number of blocks instead of n.
 *
 * Elementary functions are those of simd_math.inc.h, within 2 ulp. Sums of one group against
 * closed forms: 1e-15, products of three factors 1e-14 (tests/core/check_row_sums.c).
 */
#include <math.h>
#include <string.h>

#include "likelihood/rows.h"
#include "types.h"

enum { LANES = 8, BLOCK = 65536 };

#define KERNELS "likelihood/row_sums.inc.h"
#include "math/simd_dispatch.inc.h"

typedef void (*loop)(const double *t_x, const double *T, const double *w, size_t w_step, size_t n,
                     const double *parameter, double lanes[][LANES]);

static const double ONES[LANES] = {1, 1, 1, 1, 1, 1, 1, 1};

/* Sum the n < LANES rows left over, padded by copies of the last one with weight 0. */
static void
sum_tail(const cv_rows *rows, loop sums, size_t begin, size_t n, const double *parameter,
         double lanes[][LANES])
{
    double t_x[LANES], T[LANES], weight[LANES] = {0};
    for (size_t l = 0; l < LANES; l++) {
        size_t i = begin + (l < n ? l : n - 1);
        t_x[l] = rows->t_x[i];
        T[l] = rows->T[i];
        if (l < n) weight[l] = rows->weight ? rows->weight[i] : 1;
    }
    sums(t_x, T, weight, LANES, LANES, parameter, lanes);
}

/* Sum rows begin..end block by block. Returns 1 when interrupted. */
static int
sum_rows(const cv_rows *rows, loop sums, size_t count, size_t begin, size_t end,
         const double *parameter, double *sum)
{
    memset(sum, 0, count * sizeof *sum);
    for (size_t at = begin; at < end; at += BLOCK) {
        if (at > begin && rows->tick && rows->tick(rows->context)) return 1;
        double lanes[CV_DROPOUT_SUMS][LANES] = {{0}};
        size_t n = end - at < BLOCK ? end - at : BLOCK, full = n - n % LANES;
        sums(rows->t_x + at, rows->T + at, rows->weight ? rows->weight + at : ONES,
             rows->weight ? LANES : 0, full, parameter, lanes);
        if (full < n) sum_tail(rows, sums, at + full, n - full, parameter, lanes);
        for (size_t k = 0; k < count; k++) {
            const double *s = lanes[k];
            sum[k] += ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
        }
    }
    return 0;
}

int
cv_shifted_sums(const cv_rows *rows, size_t begin, size_t end, double shift, double *sum)
{
    return sum_rows(rows, PICK(rows->simd, shifted_sums), CV_SHIFTED_SUMS, begin, end, &shift, sum);
}

int
cv_dropout_sums(const cv_rows *rows, size_t begin, size_t end, double alpha, double k,
                double log_odds, double *sum)
{
    const double parameter[] = {alpha, k, log_odds};
    return sum_rows(rows, PICK(rows->simd, dropout_sums), CV_DROPOUT_SUMS, begin, end, parameter,
                    sum);
}
