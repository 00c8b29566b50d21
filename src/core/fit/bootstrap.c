/* bootstrap.c -- the weighted bootstrap of a fit, and the influence of single customers.
 *
 * Every replicate draws the weights of the distinct histories anew and refits from the estimate, in
 * two or three passes. A history that c customers share gets the weight Poisson(c), as c customers
 * with Poisson(1) each would: the bootstrap of Efron (1979) with n itself random. Weights are drawn
 * at (seed, replicate, index of the sorted row), so a replicate depends on no other and on no
 * thread. Poisson(1) is read off 32 random bits, its distribution function within 2^-32.
 *
 * Influence is one Newton step with the customer's weight set to 0, from their own gradient: first
 * order in 1 / n. Source: Cook (1986), JRSS B 48.
 */
#include <math.h>
#include <string.h>

#include "fit/covariates.h"
#include "fit/fit.h"
#include "fit/fit_data.h"
#include "fit/multistart.h"
#include "fit/newton.h"
#include "likelihood/rows.h"
#include "math/guards.h"
#include "math/random.h"
#include "types.h"

enum { BLOCK = 1024, WORDS = 4 };

/* 2^32 P(Poisson(1) <= k): the draw is the number of entries that a random word reaches. */
enum { TAILS = 12 };
static const uint32_t TAIL[TAILS] = {1580030168, 3160060337, 3950075421, 4213413783,
                                     4279248373, 4292415291, 4294609777, 4294923276,
                                     4294962463, 4294966817, 4294967252, 4294967292};

/* Draw one word per row; a block of the generator, whose counter is its index, gives four. */
static void
draw_words(uint64_t seed, uint32_t replicate, size_t block, size_t blocks, uint32_t *word)
{
    for (size_t b = 0; b < blocks; b++) {
        cv_random at = cv_random_at(seed, CV_FOR_REPLICATES, replicate, block + b);
        cv_philox(at.counter, at.key, word + WORDS * b);
    }
}

/* Return the Poisson(1) draw of a word. */
static double
poisson_one(uint32_t word)
{
    int weight = 0;
    for (int k = 0; k < TAILS; k++) weight += word >= TAIL[k];
    return weight;
}

/* Draw the weights of n rows that count[i] customers share each. */
static void
draw_weights(uint64_t seed, uint32_t replicate, const double *count, size_t n, double *weight)
{
    uint32_t word[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t rows = n - at < BLOCK ? n - at : BLOCK;
        draw_words(seed, replicate, at / WORDS, (rows + WORDS - 1) / WORDS, word);
        for (size_t i = 0; i < rows; i++) weight[at + i] = poisson_one(word[i]);
        for (size_t i = 0; i < rows; i++) {
            if (count[at + i] == 1) continue;
            if (count[at + i] >= 0x1p53) { /* its spread is below 1e-8 of it */
                weight[at + i] = count[at + i];
                continue;
            }
            cv_random from = cv_random_at(seed, CV_FOR_COUNTS, replicate, at + i);
            weight[at + i] = cv_draw_poisson(&from, count[at + i]);
        }
    }
}

/* Refit; NaN where the replicate has no sound optimum. Returns 1 when interrupted. */
static int
refit(cv_problem *problem, const double *start, const double *fixed, int limit, double *parameter)
{
    const cv_rows *rows = problem->rows;
    cv_search search = {.value = 0};
    for (size_t i = 0; i < problem->d; i++) search.theta[i] = start[i];
    cv_search_end end = cv_search_on(problem, limit, &search);
    if (end == CV_SEARCH_INTERRUPTED) return 1;
    int sound = end == CV_SEARCH_DONE && cv_is_sound(problem, &search, 1);
    for (size_t i = 0; i < rows->family->parameters; i++) parameter[i] = sound ? fixed[i] : NAN;
    for (size_t i = 0; sound && i < problem->d; i++)
        parameter[problem->free[i]] = cv_parameter_at(problem, &search, i);
    return 0;
}

size_t
cv_bootstrap_workspace(cv_model model, const cv_fit_data *data)
{
    cv_fit_family of;
    return cv_rows_bytes(cv_fit_family_of(model, data, &of), data->n) + data->n * sizeof(double);
}

/* Arrange the distinct rows and count the customers who share each. Returns 1 when interrupted. */
static int
arrange(cv_rows *rows, const cv_fit_data *data, double *count)
{
    cv_fit_data weighted = *data;
    for (size_t i = 0; i < data->n; i++) count[i] = data->weight ? data->weight[i] : 1;
    weighted.weight = count;
    cv_fit_place(rows, &weighted);
    rows->distinct = data->rates + data->dropouts == 0;
    if (cv_rows_arrange(rows, &weighted, 1)) return 1;
    rows->penalty = data->penalty / rows->customers;
    memcpy(count, rows->weight, rows->n * sizeof *count);
    return 0;
}

/* Rows are arranged once; a replicate changes nothing but their weights. */
cv_fit_status
cv_bootstrap(cv_model model, const cv_fit_data *data, const double *fixed, const cv_resampling *how,
             cv_simd simd, void *workspace, cv_tick tick, void *context, double *parameter)
{
    cv_fit_family of;
    const cv_family *family = cv_fit_family_of(model, data, &of);
    if (!cv_standardise(data, of.mean, of.spread)) return CV_FIT_BAD_DATA;
    if (cv_fit_check(family, data) == CV_FIT_BAD_DATA) return CV_FIT_BAD_DATA;
    cv_rows rows = {.family = family, .simd = simd, .tick = tick, .context = context};
    rows.mean = of.mean;
    rows.spread = of.spread;
    double start[CV_PARAMETERS], *count = cv_rows_place(&rows, data->n, workspace);
    if (arrange(&rows, data, count)) return CV_FIT_INTERRUPTED;
    cv_problem problem = cv_problem_of(&rows, fixed);
    for (size_t i = 0; i < problem.d; i++)
        start[i] = cv_theta_of(&problem, i, how->estimate[problem.free[i]]);
    for (uint32_t b = 0; b < how->replicates; b++, parameter += family->parameters) {
        draw_weights(how->seed, b, count, rows.n, rows.weight);
        if (cv_rows_weigh(&rows) || refit(&problem, start, fixed, how->limit, parameter))
            return CV_FIT_INTERRUPTED;
    }
    return CV_FIT_CONVERGED;
}

/* ---- influence ---- */

/* One likelihood of one row per customer. */
int
cv_influence(cv_model model, const cv_fit_data *data, const double *parameter,
             const double *covariance, cv_simd simd, void *workspace, double *displacement,
             double *shift, cv_tick tick, void *context)
{
    const size_t k = cv_model_parameters(model), columns = cv_model_columns(model);
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    for (size_t i = 0; i < data->n; i++) {
        cv_fit_data one = {.n = 1};
        if (stopped_at_customer(i, tick, context)) return 1;
        for (size_t c = 0; c < columns; c++) one.column[c] = data->column[c] + i;
        if (cv_likelihood(model, &one, parameter, simd, workspace, NULL, NULL, &value, gradient,
                          hessian) != CV_FIT_CONVERGED)
            return 1;
        displacement[i] = 0;
        for (size_t p = 0; p < k; p++) {
            shift[p * data->n + i] = 0;
            for (size_t q = 0; q < k; q++)
                shift[p * data->n + i] -= covariance[p * k + q] * gradient[q];
            displacement[i] -= gradient[p] * shift[p * data->n + i];
        }
    }
    return 0;
}
