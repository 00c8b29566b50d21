/* faults.c -- which histories a fit refuses, and why: the only rules for them.
 *
 * Checks look at every row and have few branches on data; NaN fails them all.
 */
#include <math.h>

#include "fit/fit_data.h"
#include "fit/families.h"
#include "fit/fit.h"
#include "math/guards.h"
#include "types.h"

/* Return whether a value is read: money of no purchase is not. */
static int
is_read(const cv_family *family, size_t column, double x)
{
    return !is_money(family) || column == 0 || x > 0;
}

/* Return whether a sign is no fault here: margins and logs have any, spend and tenures have rules
 * of their own. */
static int
may_be_negative(const cv_family *family, size_t column)
{
    if (family->kind == CV_SINGLE && column == 2) return 1;
    return family->kind == CV_TENURES || column == 3 || (is_money(family) && column == 1);
}

/* Return a fault as a number that orders by reason, then by column. */
static uint32_t
fault(cv_fault reason, size_t column)
{
    return (uint32_t)reason * (CV_COLUMNS + 1) + (uint32_t)column;
}

/* Return the fault of the columns that count: x or n, all of opportunities, and the tenure. */
static uint32_t
fault_of_counts(const cv_family *family, const cv_fit_data *h, size_t i)
{
    const size_t begin = family->kind == CV_TENURES;
    const size_t end = family->kind == CV_COUNTS ? family->columns : begin + 1;
    const double most = family->kind == CV_COUNTS ? CV_MOST_OPPORTUNITIES : 0x1p53;
    uint32_t large = CV_FAULT_NONE;
    for (size_t c = begin; c < end; c++) {
        const double value = h->column[c][i];
        if (cv_is_count(value) && value <= most) continue;
        if (value <= 0x1p53 && !cv_is_count(value)) return fault(CV_FAULT_FRACTION, c);
        if (!large) large = fault(CV_FAULT_UNCOUNTABLE, c);
    }
    return large;
}

/* Return the fault of 0 <= t_x <= T, with t_x = 0 without a repeat and only then. */
static uint32_t
fault_of_ages(double x, double t_x, double T)
{
    if (t_x > T) return fault(CV_FAULT_AFTER_END, 1);
    if ((x > 0) == (t_x > 0)) return CV_FAULT_NONE;
    return fault(x > 0 ? CV_FAULT_ZERO : CV_FAULT_ABOVE_ZERO, 1);
}

/* Return the fault of a sum of log gaps: x equal gaps have the largest, give or take rounding. */
static uint32_t
fault_of_log_gaps(const cv_fit_data *h, size_t i)
{
    const double x = h->column[0][i], sum = h->column[3][i];
    if (x == 0) return sum != 0 ? fault(CV_FAULT_LOGS_OF_NOTHING, 3) : CV_FAULT_NONE;
    const double most = x * (log(h->column[1][i] / x) + 1e-6);
    return sum > most ? fault(CV_FAULT_LOGS_TOO_LARGE, 3) : CV_FAULT_NONE;
}

static uint32_t
fault_of_opportunities(double x, double t_x, double n)
{
    if (t_x > n) return fault(CV_FAULT_MORE_THAN_OFFERED, 1);
    if (x > t_x && t_x > 0) return fault(CV_FAULT_MORE_THAN_USED, 0);
    return fault_of_ages(x, t_x, n);
}

static uint32_t
fault_of_margins(double n, double mean, double SS)
{
    if (n == 1 && SS > 0) return fault(CV_FAULT_SPREAD_OF_ONE, 2);
    return n > 0 && !(fabs(mean) < 1e150) ? fault(CV_FAULT_TOO_LARGE, 1) : CV_FAULT_NONE;
}

static uint32_t
fault_of_spend(double x, double m_x)
{
    if (x > 0 && !(m_x > 0)) return fault(CV_FAULT_NOT_POSITIVE, 1);
    return x > 0 && !(x * m_x < HUGE_VAL) ? fault(CV_FAULT_TOO_LARGE, 1) : CV_FAULT_NONE;
}

/* Return the fault of the mean of logs: at most the log of the mean, and that of one purchase. */
static uint32_t
fault_of_logs(double n, double mean, double log_mean)
{
    const double over = log_mean - log(mean);
    if (over > 1e-6) return fault(CV_FAULT_LOG_TOO_LARGE, 2);
    return n == 1 && over < -1e-6 ? fault(CV_FAULT_LOG_OF_ONE, 2) : CV_FAULT_NONE;
}

static uint32_t
fault_of_single(double n, double mean, double log_mean)
{
    const uint32_t found = fault_of_spend(n, mean);
    return found || n == 0 ? found : fault_of_logs(n, mean, log_mean);
}

static uint32_t
fault_of_tenure(double left, double tenure)
{
    if (left != 0 && left != 1) return fault(CV_FAULT_NO_FLAG, 0);
    return left == 1 && tenure == 0 ? fault(CV_FAULT_ZERO, 1) : CV_FAULT_NONE;
}

static uint32_t
fault_of_kind(const cv_family *family, const cv_fit_data *h, size_t i)
{
    const double x = h->column[0][i], second = h->column[1][i];
    switch (family->kind) {
    case CV_SPEND:
        return fault_of_spend(x, second);
    case CV_SINGLE:
        return fault_of_single(x, second, h->column[2][i]);
    case CV_MARGINS:
        return fault_of_margins(x, second, h->column[2][i]);
    case CV_TENURES:
        return fault_of_tenure(x, second);
    case CV_COUNTS:
        return fault_of_opportunities(x, second, h->column[2][i]);
    case CV_TIMES:
        break;
    }
    const uint32_t found = family->columns > 3 ? fault_of_log_gaps(h, i) : CV_FAULT_NONE;
    return found ? found : fault_of_ages(x, second, h->column[2][i]);
}

static uint32_t
fault_of_values(const cv_family *family, const cv_fit_data *h, size_t i)
{
    const double x = h->column[0][i], weight = weight_of(h, i);
    for (size_t c = 0; c < family->columns; c++)
        if (is_read(family, c, x) && !isfinite(h->column[c][i])) return fault(CV_FAULT_MISSING, c);
    if (!isfinite(weight)) return fault(CV_FAULT_MISSING, family->columns);
    for (size_t c = 0; c < family->columns; c++)
        if (h->column[c][i] < 0 && is_read(family, c, x) && !may_be_negative(family, c))
            return fault(CV_FAULT_NEGATIVE, c);
    return weight < 0 ? fault(CV_FAULT_NEGATIVE, family->columns) : CV_FAULT_NONE;
}

uint32_t
cv_fault_of(const cv_family *family, const cv_fit_data *h, size_t i)
{
    int usual = cv_is_length(weight_of(h, i));
    for (size_t c = 0; c < family->columns; c++) usual &= cv_is_length(h->column[c][i]);
    uint32_t found = usual ? CV_FAULT_NONE : fault_of_values(family, h, i);
    if (!found) found = fault_of_counts(family, h, i);
    return found ? found : fault_of_kind(family, h, i);
}

cv_invalid
cv_invalid_histories(cv_model model, const cv_fit_data *data, int64_t *row)
{
    const cv_family *family = cv_family_of(model);
    uint32_t first = UINT32_MAX;
    size_t rows = 0;
    for (size_t i = 0; i < data->n; i++) {
        const uint32_t found = cv_fault_of(family, data, i);
        if (found == CV_FAULT_NONE || found > first) continue;
        rows = found < first ? 0 : rows;
        first = found;
        if (row != NULL) row[rows] = (int64_t)i;
        rows++;
    }
    if (rows == 0) return (cv_invalid){CV_FAULT_NONE, 0, 0};
    return (cv_invalid){first / (CV_COLUMNS + 1), first % (CV_COLUMNS + 1), rows};
}
