/* check_random.c -- Philox against the authors' answers, addresses, and the moments of the draws.
 */
#include <math.h>
#include <string.h>

#include "check.h"

/* Salmon, Moraes, Dror, Shaw: Random123, file kat_vectors, lines "philox4x32 10". */
static void
check_known_answers(void)
{
    static const uint32_t known[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t word[4];
        cv_philox(known[i], known[i] + 4, word);
        CHECK(memcmp(word, known[i] + 6, sizeof word) == 0);
    }
}

static void
check_addresses(void)
{
    cv_random one = cv_random_at(1, CV_FOR_FUTURE, 2, 3), same = one, at[4];
    double first = cv_draw_uniform(&one);
    CHECK(first > 0 && first < 1 && first == cv_draw_uniform(&same));
    at[0] = cv_random_at(2, CV_FOR_FUTURE, 2, 3);
    at[1] = cv_random_at(1, CV_FOR_HISTORIES, 2, 3);
    at[2] = cv_random_at(1, CV_FOR_FUTURE, 3, 3);
    at[3] = cv_random_at(1, CV_FOR_FUTURE, 2, 3 + ((uint64_t)1 << 40));
    for (int i = 0; i < 4; i++) CHECK(cv_draw_uniform(&at[i]) != first);
}

typedef double (*draw_of)(cv_random *from, double a, double b);

static double
uniform(cv_random *from, double a, double b)
{
    return a + (b - a) * cv_draw_uniform(from);
}

static double
normal(cv_random *from, double mean, double sd)
{
    return mean + sd * cv_draw_normal(from);
}

static double
gamma_variable(cv_random *from, double shape, double rate)
{
    return exp(cv_draw_log_gamma(from, shape)) / rate;
}

static double
beta(cv_random *from, double a, double b)
{
    return 1 / (1 + exp(-cv_draw_log_odds(from, a, b)));
}

static double
poisson(cv_random *from, double mean, double unused)
{
    (void)unused;
    return cv_draw_poisson(from, mean);
}

static double
trials(cv_random *from, double log_odds, double unused)
{
    (void)unused;
    return cv_draw_trials(from, log_odds);
}

/* Mean and variance of N draws, each within 5 standard errors; `kurtosis` is that of the law. */
static void
check_moments(draw_of draw, double a, double b, double mean, double variance, double kurtosis)
{
    enum { N = 40000 };
    double sum = 0, square = 0;
    for (uint64_t row = 0; row < N; row++) {
        cv_random from = cv_random_at(7, CV_FOR_HISTORIES, 0, row);
        double off = draw(&from, a, b) - mean;
        sum += off;
        square += off * off;
    }
    CHECK(fabs(sum / N) < 5 * sqrt(variance / N));
    CHECK(fabs(square / N / variance - 1) < 5 * sqrt((kurtosis - 1) / N));
}

static double
binomial(cv_random *from, double n, double p)
{
    return cv_draw_binomial(from, n, p);
}

static void
check_laws(void)
{
    check_moments(uniform, 0, 1, 0.5, 1.0 / 12, 1.8);
    check_moments(normal, 3, 2, 3, 4, 3);
    static const double shape[] = {0.1, 0.9, 1, 2.5, 300};
    for (int i = 0; i < 5; i++)
        check_moments(gamma_variable, shape[i], 4, shape[i] / 4, shape[i] / 16, 3 + 6 / shape[i]);
    check_moments(beta, 2, 3, 0.4, 0.04, 2.357142857142857);
    check_moments(beta, 0.5, 0.5, 0.5, 0.125, 1.5);
    static const double mean[] = {0.3, 4, 9.99, 10, 11.5, 80, 1e5, 1e12};
    for (int i = 0; i < 8; i++)
        check_moments(poisson, mean[i], 0, mean[i], mean[i], 3 + 1 / mean[i]);
    static const double n[] = {1, 16, 17, 40, 1e6};
    for (int i = 0; i < 5; i++) {
        double variance = n[i] * 0.3 * 0.7;
        check_moments(binomial, n[i], 0.3, n[i] * 0.3, variance, 3 + (1 - 6 * 0.21) / variance);
    }
    check_moments(trials, 0, 0, 2, 2, 9.5);
    check_moments(trials, log(3), 0, 4.0 / 3, 4.0 / 9, 11.25);
}

static void
check_edges(void)
{
    cv_random from = cv_random_at(1, CV_FOR_HISTORIES, 0, 0);
    CHECK(cv_draw_poisson(&from, 0) == 0 && cv_draw_poisson(&from, INFINITY) == 0x1p53);
    CHECK(cv_draw_binomial(&from, 1e15, 0) == 0 && cv_draw_binomial(&from, 1e15, 1) == 1e15);
    CHECK(cv_draw_binomial(&from, 0, 0.5) == 0 && cv_draw_binomial(&from, 1e15, 0.5) < 6e14);
    CHECK(cv_draw_trials(&from, 800) == 1 && cv_draw_trials(&from, -800) == 0x1p53);
    CHECK(isfinite(cv_draw_log_gamma(&from, 1e-300)) && isfinite(cv_draw_log_gamma(&from, 1e300)));
}

void
check_random(void)
{
    check_known_answers();
    check_addresses();
    check_laws();
    check_edges();
}
