/* ufuncs.c -- the table of kernels: one row a kernel, walked by one loop. */
#include "binding.h"

#include "loops.h"

typedef struct {
    const char *name, *doc;
    int nin;
    const void *data[2]; /* for NumPy: the kernel, once per loop */
} cv_ufunc;

#define KERNEL(NAME, NIN) &(const cv_kernel){.k##NIN = cv_##NAME}
#define ROW(NAME, NIN, DOC) {#NAME, DOC, NIN, {KERNEL(NAME, NIN), KERNEL(NAME, NIN)}}

/* The quantities of a purchase model with k parameters P: of arities k + 1 to k + 5. */
#define LASTING(W, P, K1, K2, K3, K4, K5)                                                          \
    ROW(W##_p_alive, K3, #W "_p_alive(x, t_x, T, " P ", /, ...)"),                                 \
    ROW(W##_loglik, K3, #W "_loglik(x, t_x, T, " P ", /, ...)"),                                   \
    ROW(W##_expected_purchases, K4, #W "_expected_purchases(t, x, t_x, T, " P ", /, ...)"),        \
    ROW(W##_expected_purchases_between, K5,                                                        \
        #W "_expected_purchases_between(t1, t2, x, t_x, T, " P ", /, ...)"),                       \
    ROW(W##_expected_purchases_new, K1, #W "_expected_purchases_new(t, " P ", /, ...)"),           \
    ROW(W##_purchase_pmf, K2, #W "_purchase_pmf(k, t, " P ", /, ...)"),                            \
    ROW(W##_dert, K5, #W "_dert(t, rate, x, t_x, T, " P ", /, ...)"),                              \
    ROW(W##_p_alive_at, K4, #W "_p_alive_at(t, x, t_x, T, " P ", /, ...)"),                        \
    ROW(W##_p_purchase, K4, #W "_p_purchase(t, x, t_x, T, " P ", /, ...)"),                        \
    ROW(W##_purchase_pmf_given, K5, #W "_purchase_pmf_given(k, t, x, t_x, T, " P ", /, ...)"),     \
    ROW(W##_next_purchase, K4, #W "_next_purchase(q, x, t_x, T, " P ", /, ...)"),                  \
    ROW(W##_expected_rate, K3, #W "_expected_rate(x, t_x, T, " P ", /, ...)")

/* The same of a model whose customers leave. */
#define PURCHASES(W, P, K1, K2, K3, K4, K5)                                                        \
    LASTING(W, P, K1, K2, K3, K4, K5),                                                             \
    ROW(W##_residual_lifetime, K3, #W "_residual_lifetime(x, t_x, T, " P ", /, ...)"),             \
    ROW(W##_expected_dropout, K3, #W "_expected_dropout(x, t_x, T, " P ", /, ...)")

/* The same of a condensed model, whose k are the stages of a gap: n counts purchases. */
#define CONDENSED(W)                                                                               \
    ROW(W##_p_alive, 8, #W "_p_alive(x, t_x, T, k, r, alpha, a, b, /, ...)"),                      \
    ROW(W##_p_alive_at, 9, #W "_p_alive_at(t, x, t_x, T, k, r, alpha, a, b, /, ...)"),             \
    ROW(W##_p_purchase, 9, #W "_p_purchase(t, x, t_x, T, k, r, alpha, a, b, /, ...)"),             \
    ROW(W##_loglik, 9, #W "_loglik(x, t_x, T, litt, k, r, alpha, a, b, /, ...)"),                  \
    ROW(W##_expected_purchases, 9,                                                                 \
        #W "_expected_purchases(t, x, t_x, T, k, r, alpha, a, b, /, ...)"),                        \
    ROW(W##_expected_purchases_between, 10,                                                        \
        #W "_expected_purchases_between(t1, t2, x, t_x, T, k, r, alpha, a, b, /, ...)"),           \
    ROW(W##_expected_purchases_new, 6,                                                             \
        #W "_expected_purchases_new(t, k, r, alpha, a, b, /, ...)"),                               \
    ROW(W##_purchase_pmf, 7, #W "_purchase_pmf(n, t, k, r, alpha, a, b, /, ...)"),                 \
    ROW(W##_purchase_pmf_given, 10,                                                                \
        #W "_purchase_pmf_given(n, t, x, t_x, T, k, r, alpha, a, b, /, ...)"),                     \
    ROW(W##_dert, 10, #W "_dert(t, rate, x, t_x, T, k, r, alpha, a, b, /, ...)"),                  \
    ROW(W##_residual_lifetime, 8, #W "_residual_lifetime(x, t_x, T, k, r, alpha, a, b, /, ...)"),  \
    ROW(W##_next_purchase, 9, #W "_next_purchase(q, x, t_x, T, k, r, alpha, a, b, /, ...)"),       \
    ROW(W##_expected_rate, 8, #W "_expected_rate(x, t_x, T, k, r, alpha, a, b, /, ...)"),          \
    ROW(W##_expected_dropout, 8, #W "_expected_dropout(x, t_x, T, k, r, alpha, a, b, /, ...)")

/* The quantities of a contract with k parameters P: of arities k + 1 to k + 3. */
#define CONTRACTS(W, P, K1, K2, K3)                                                                \
    ROW(W##_retention, K1, #W "_retention(t, " P ", /, ...)"),                                     \
    ROW(W##_survival, K2, #W "_survival(t, n, " P ", /, ...)"),                                    \
    ROW(W##_churn_pmf, K2, #W "_churn_pmf(t, n, " P ", /, ...)"),                                  \
    ROW(W##_residual_lifetime, K1, #W "_residual_lifetime(n, " P ", /, ...)"),                     \
    ROW(W##_tenure, K1, #W "_tenure(n, " P ", /, ...)"),                                           \
    ROW(W##_del, K2, #W "_del(t, rate, " P ", /, ...)"),                                           \
    ROW(W##_derl, K3, #W "_derl(t, rate, n, " P ", /, ...)")

static const cv_ufunc TABLE[] = {
    ROW(lgamma, 1, "lgamma(z, /, ...)"),
    ROW(digamma, 1, "digamma(z, /, ...)"),
    ROW(trigamma, 1, "trigamma(z, /, ...)"),
    ROW(lpoch, 2, "lpoch(b, x, /, ...)"),
    ROW(dpoch, 2, "dpoch(b, x, /, ...)"),
    ROW(tpoch, 2, "tpoch(b, x, /, ...)"),
    ROW(margin, 3, "margin(amount, cost, marketing, /, ...)"),
    ROW(growth, 2, "growth(now, before, /, ...)"),
    ROW(ratio, 2, "ratio(part, whole, /, ...)"),
    ROW(log_ratio, 3, "log_ratio(value, per, base, /, ...)"),
    ROW(decayed, 4, "decayed(value, age, span, keep, /, ...)"),
    ROW(lbeta_up, 3, "lbeta_up(a, b, x, /, ...)"),
    ROW(expected_money, 3, "expected_money(units, money, weight, /, ...)"),
    ROW(value_if_retained, 2, "value_if_retained(value, p_alive, /, ...)"),
    ROW(expected_loss, 2, "expected_loss(value, p_alive, /, ...)"),
    ROW(uplift, 3, "uplift(value, amount, near, /, ...)"),
    ROW(growth_break_even, 2, "growth_break_even(value, amount, /, ...)"),
    ROW(loss_zone, 3, "loss_zone(value, amount, near, /, ...)"),
    ROW(poisson_deviance, 2, "poisson_deviance(actual, expected, /, ...)"),
    ROW(credible_rate, 5, "credible_rate(part, whole, mean, within, between, /, ...)"),
    ROW(direction, 6, "direction(points, S, p_value, variation, least, level, /, ...)"),
    PURCHASES(bgnbd, "r, alpha, a, b", 5, 6, 7, 8, 9),
    PURCHASES(mbgnbd, "r, alpha, a, b", 5, 6, 7, 8, 9),
    PURCHASES(ggnbd, "r, alpha, b, s, beta", 6, 7, 8, 9, 10),
    CONDENSED(bgcnbd),
    CONDENSED(mbgcnbd),
    PURCHASES(bgbb, "alpha, beta, gamma, delta", 5, 6, 7, 8, 9),
    CONTRACTS(sbg, "alpha, beta", 3, 4, 5),
    CONTRACTS(bdw, "alpha, beta, c", 4, 5, 6),
    PURCHASES(pnbd, "r, alpha, s, beta", 5, 6, 7, 8, 9),
    LASTING(nbd, "r, alpha", 3, 4, 5, 6, 7),
    ROW(gg_expected_spend, 5, "gg_expected_spend(x, m_x, p, q, gamma, /, ...)"),
    ROW(gg_loglik, 5, "gg_loglik(x, m_x, p, q, gamma, /, ...)"),
    ROW(gg_single_loglik, 6, "gg_single_loglik(n, mean, log_mean, p, q, gamma, /, ...)"),
    ROW(lognormal_loglik, 6, "lognormal_loglik(n, log_mean, log_SS, mu, sigma, tau, /, ...)"),
    ROW(lognormal_expected_log, 5, "lognormal_expected_log(n, log_mean, mu, sigma, tau, /, ...)"),
    ROW(lognormal_expected_spend, 5,
        "lognormal_expected_spend(n, log_mean, mu, sigma, tau, /, ...)"),
    ROW(normal_margin_loglik, 7,
        "normal_margin_loglik(n, mean, SS, mu, sigma, kappa, nu, /, ...)"),
    ROW(normal_margin_expected_margin, 7,
        "normal_margin_expected_margin(n, mean, SS, mu, sigma, kappa, nu, /, ...)"),
    ROW(normal_margin_variance, 7,
        "normal_margin_variance(n, mean, SS, mu, sigma, kappa, nu, /, ...)"),
    ROW(normal_margin_quantile, 9,
        "normal_margin_quantile(q, m, n, mean, SS, mu, sigma, kappa, nu, /, ...)"),
    ROW(student_quantile, 2, "student_quantile(q, nu, /, ...)"),
};

static PyUFuncGenericFunction *const LOOPS[] = {
    [1] = loops1, [2] = loops2, [3] = loops3, [4] = loops4, [5] = loops5,
    [6] = loops6, [7] = loops7, [8] = loops8, [9] = loops9, [10] = loops10,
};

/* So many floats, then so many doubles: the 2 * nargs in the middle serve every arity. */
enum { MAX_ARGS = 11 };
#define ELEVEN(c) c, c, c, c, c, c, c, c, c, c, c
static const char TYPES[2 * MAX_ARGS] = {ELEVEN(NPY_FLOAT), ELEVEN(NPY_DOUBLE)};

int
cv_add_ufuncs(PyObject *module)
{
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        const cv_ufunc *row = &TABLE[i];
        PyObject *ufunc = PyUFunc_FromFuncAndData(
            LOOPS[row->nin], (void **)row->data, (char *)TYPES + MAX_ARGS - (row->nin + 1), 2,
            row->nin, 1, PyUFunc_None, row->name, row->doc, 0);
        if (ufunc == NULL) return -1;
        int status = PyModule_AddObjectRef(module, row->name, ufunc);
        Py_DECREF(ufunc);
        if (status < 0) return -1;
    }
    return 0;
}
