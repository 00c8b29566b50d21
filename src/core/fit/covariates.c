/* covariates.c -- log-likelihood of a model with covariates, by the chain rule.
 *
 * With z a customer's standardised covariates, the purchase rate is that of an average customer
 * times exp(c'z): alpha exp(-c'z). So is the death rate of models that have one, beta exp(-c'z). A
 * mean dropout probability a/(a+b) moves on its logit by c'z while a+b stays: a and b times the
 * same factor would leave the mean where it is. Each row is one of the model without covariates, at
 * the customer's own parameters; its derivatives there become those in the parameters of all and in
 * the two sums c'z by the chain rule, and those in a coefficient by a factor z.
 *
 * Stable because both parts of a+b come from logistic functions, not one from the other; errors are
 * those of the model's likelihood. Source: Fader and Hardie (2007), note 019.
 */
#include <math.h>
#include <string.h>

#include "fit/covariates.h"
#include "fit/families.h"
#include "fit/fit.h"
#include "likelihood/rows.h"
#include "math/exp_log.h"
#include "math/guards.h"
#include "types.h"

/* A customer's own parameters depend on the parameters of all and on the two sums c'z. */
enum { R, ALPHA, A, B, OWN, RATE = OWN, DROPOUT, INPUTS }; /* Pareto/NBD: s, beta for a, b */

typedef struct {
    double value[OWN], first[OWN][INPUTS], second[OWN][INPUTS][INPUTS];
} own_parameters;

/* Set alpha exp(-rate); (a+b) w and (a+b) (1-w), w = sigma(log a - log b + dropout), or
 * beta exp(-dropout); rate and dropout are the customer's sums c'z. */
static void
set_own(const cv_family *base, const double *parameter, double rate, double dropout, double *own)
{
    const double a = parameter[A], b = parameter[B];
    int is_probability = base->odds[0][0] != base->odds[0][1];
    own[R] = parameter[R];
    own[ALPHA] = parameter[ALPHA] * exp(-rate);
    own[A] = is_probability ? (a + b) * one_over_one_plus_exp(log(b) - log(a) - dropout) : a;
    own[B] = is_probability ? (a + b) * one_over_one_plus_exp(log(a) - log(b) + dropout)
                            : b * exp(-dropout);
}

/* Add the derivatives of parameter * exp(-sum), the sum being an input. */
static void
add_scaled(own_parameters *own, size_t p, double sum, size_t input)
{
    double factor = exp(-sum), value = own->value[p];
    own->first[p][p] = factor;
    own->first[p][input] = -value;
    own->second[p][p][input] = own->second[p][input][p] = -factor;
    own->second[p][input][input] = value;
}

/* Add those of (a+b) w and (a+b) (1-w). */
static void
add_probability(own_parameters *own, double a, double b)
{
    const double both = a + b, w = own->value[A] / both, rest = own->value[B] / both, v = w * rest;
    const double grows[INPUTS] = {[A] = 1, [B] = 1};
    const double slope[INPUTS] = {[A] = 1 / a, [B] = -1 / b, [DROPOUT] = 1};
    const double bend[INPUTS] = {[A] = -1 / (a * a), [B] = 1 / (b * b)};
    for (size_t i = A; i < INPUTS; i++) {
        own->first[A][i] = grows[i] * w + both * v * slope[i];
        own->first[B][i] = grows[i] * rest - both * v * slope[i];
        for (size_t k = A; k < INPUTS; k++) {
            double moved = v * (grows[i] * slope[k] + grows[k] * slope[i]) +
                           both * v * ((rest - w) * slope[i] * slope[k] + (i == k) * bend[i]);
            own->second[A][i][k] = moved;
            own->second[B][i][k] = -moved;
        }
    }
}

/* Return a customer's own parameters with their derivatives in the inputs. */
static own_parameters
own_of(const cv_family *base, const double *parameter, double rate, double dropout)
{
    own_parameters own = {.first = {{1}}};
    set_own(base, parameter, rate, dropout, own.value);
    add_scaled(&own, ALPHA, rate, RATE);
    if (base->odds[0][0] != base->odds[0][1]) {
        add_probability(&own, parameter[A], parameter[B]);
    } else {
        own.first[A][A] = 1;
        add_scaled(&own, B, dropout, DROPOUT);
    }
    return own;
}

/* Return c'z of one row, for the covariates from..to. */
static double
sum_of(const cv_rows *rows, const double *coefficient, size_t from, size_t to, size_t row)
{
    double sum = 0;
    for (size_t j = from; j < to; j++) sum += coefficient[j] * rows->covariate[j * rows->n + row];
    return sum;
}

/* Add the likelihood of one row in its own parameters. Returns 1 when interrupted. */
static int
likelihood_of_row(const cv_rows *rows, size_t row, double x, const double *own, cv_derivatives *all)
{
    double weight = rows->weight ? rows->weight[row] : 1;
    cv_group group = {.x = x, .weight = weight, .end = 1};
    cv_rows one = {.family = rows->family->base, .simd = rows->simd, .n = 1, .groups = 1};
    one.group = &group;
    one.t_x = rows->t_x + row;
    one.T = rows->T + row;
    one.weight = &weight;
    one.tables = rows->tables;
    one.scale = rows->scale;
    if (one.family->prepare != NULL && one.family->prepare(&one)) return 1;
    return one.family->likelihood(&one, own, all);
}

/* Carry derivatives in a customer's own parameters to those in the inputs: the chain rule. */
static void
to_inputs(const own_parameters *own, const cv_derivatives *of, double gradient[INPUTS],
          double hessian[INPUTS][INPUTS])
{
    for (size_t i = 0; i < INPUTS; i++) {
        gradient[i] = 0;
        for (size_t p = 0; p < OWN; p++) gradient[i] += of->gradient[p] * own->first[p][i];
        for (size_t k = i; k < INPUTS; k++) {
            double h = 0;
            for (size_t p = 0; p < OWN; p++) {
                h += of->gradient[p] * own->second[p][i][k];
                for (size_t q = 0; q < OWN; q++)
                    h += of->hessian[p < q ? p : q][p < q ? q : p] * own->first[p][i] *
                         own->first[q][k];
            }
            hessian[i][k] = hessian[k][i] = h;
        }
    }
}

/* Return the input through which parameter i of the fit acts; set its factor there. */
static size_t
input_of(const cv_rows *rows, size_t i, size_t row, double *factor)
{
    *factor = i < OWN ? 1 : rows->covariate[(i - OWN) * rows->n + row];
    return i < OWN ? i : i - OWN < rows->family->rates ? RATE : DROPOUT;
}

/* Add the derivatives of one row in the inputs to those in the parameters of the fit. */
static void
add_row(const cv_rows *rows, size_t row, const double gradient[INPUTS],
        double hessian[INPUTS][INPUTS], cv_derivatives *all)
{
    double u, v;
    for (size_t i = 0; i < rows->family->parameters; i++) {
        size_t at = input_of(rows, i, row, &u);
        all->gradient[i] += u * gradient[at];
        for (size_t k = i; k < rows->family->parameters; k++)
            all->hessian[i][k] += u * hessian[at][input_of(rows, k, row, &v)] * v;
    }
}

/* Row by row: own parameters, their likelihood, the chain rule. */
static int
likelihood(const cv_rows *rows, const double *parameter, cv_derivatives *all)
{
    const cv_family *family = rows->family;
    double gradient[INPUTS], hessian[INPUTS][INPUTS];
    size_t g = 0, count = family->parameters - OWN;
    for (size_t row = 0; row < rows->n; row++) {
        if (rows->group[g].end == row) g++;
        if (stop_at_group(rows, row)) return 1;
        double rate = sum_of(rows, parameter + OWN, 0, family->rates, row);
        double dropout = sum_of(rows, parameter + OWN, family->rates, count, row);
        own_parameters own = own_of(family->base, parameter, rate, dropout);
        cv_derivatives of = {0};
        if (likelihood_of_row(rows, row, rows->group[g].x, own.value, &of)) return 1;
        to_inputs(&own, &of, gradient, hessian);
        all->value += of.value;
        add_row(rows, row, gradient, hessian, all);
    }
    return 0;
}

void
cv_own_of(const cv_bound_covariates *known, const double *parameter, size_t row, double *own)
{
    const cv_fit_data *data = known->data;
    double sum[2] = {0, 0};
    for (size_t j = 0; j < data->rates + data->dropouts; j++)
        sum[j >= data->rates] += parameter[OWN + j] * (data->covariate[j][row] - known->mean[j]);
    set_own(cv_family_of(known->model), parameter, sum[0], sum[1], own);
}

int
cv_own_parameters(const cv_bound_covariates *known, const double *parameter, double *const own[],
                  cv_tick tick, void *context)
{
    double of[OWN];
    for (size_t i = 0; i < known->data->n; i++) {
        if (stopped(i, tick, context)) return 1;
        cv_own_of(known, parameter, i, of);
        for (size_t p = 0; p < OWN; p++) own[p][i] = of[p];
    }
    return 0;
}

int
cv_takes_covariates(cv_model model)
{
    const cv_family *family = cv_family_of(model);
    return family->kind == CV_TIMES && family->parameters == OWN && family->given == 0;
}

/* Rows are not merged and have no tables: customers with one history differ by covariates. */
cv_family
cv_with_covariates(const cv_family *base, const cv_fit_data *data,
                   double seed[CV_SEEDS][CV_PARAMETERS])
{
    cv_family family = *base;
    family.parameters += data->rates + data->dropouts;
    for (size_t i = base->parameters; i < family.parameters; i++) family.location[i] = 1;
    memcpy(seed, base->seed, CV_SEEDS * sizeof *seed); /* the coefficients start at 0 */
    family.seed = (const double(*)[CV_PARAMETERS])seed;
    family.base = base;
    family.rates = data->rates;
    family.bytes = NULL;
    family.prepare = NULL;
    family.distinct = 0; /* customers of one history differ by their covariates */
    family.likelihood = likelihood;
    return family;
}

int
cv_standardise(const cv_fit_data *data, double *mean, double *spread)
{
    int sound = 1;
    for (size_t j = 0; j < data->rates + data->dropouts; j++) {
        const double *z = data->covariate[j];
        double weight = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < data->n; i++) {
            double w = data->weight ? data->weight[i] : 1;
            weight += w;
            sum += w * z[i];
        }
        mean[j] = sum / weight;
        for (size_t i = 0; i < data->n; i++) {
            double w = data->weight ? data->weight[i] : 1, off = z[i] - mean[j];
            squares += w * off * off;
        }
        spread[j] = sqrt(squares / weight);
        sound &= isfinite(spread[j]) && spread[j] > 1e-12 * fabs(mean[j]);
    }
    return sound;
}

const cv_family *
cv_fit_family_of(cv_model model, const cv_fit_data *data, cv_fit_family *of)
{
    if (data->rates + data->dropouts == 0) return cv_family_of(model);
    of->family = cv_with_covariates(cv_family_of(model), data, of->seed);
    return &of->family;
}
