/* check_clock.c -- the clock that all customers share. */
#include <math.h>

#include "check.h"

static int
stop_at_once(void *context)
{
    (void)context;
    return 1;
}

enum { K = 30, N = 36 };

static double workspace[K * (K + N + 1) + N * N];
static double mean[N], level[N], season[N], covariance[N * N];

/* One observation: the conditional normal distribution by hand. */
static void
check_one_observation(void)
{
    const double y = 0.5, variance = 0.01;
    const int64_t place[] = {3, 4, 3, -1};
    const cv_clock_data data = {1, 4, &y, &variance, place, 12};
    const cv_clock_settings settings = {0.5, 0.2, 0, 0, 0.3, 0.1};
    cv_clock_path path = {0, mean, level, season, covariance};
    const double own = 0.04 + 0.09 * 11 / 12, all = own + 0.01 + 0.01;
    CHECK(cv_clock_workspace(1, 4) <= sizeof workspace / sizeof *workspace);
    CHECK(cv_clock_structure(&data, &settings, workspace, &path, NULL, NULL) == CV_CLOCK_DONE);
    CHECK_CLOSE(path.loglik, -(0.25 / all + log(2 * acos(-1) * all)) / 2, 1e-14);
    CHECK_CLOSE(mean[0], own / all * y, 1e-14);
    CHECK_CLOSE(level[2], 0.01 / all * y, 1e-14);
    CHECK_CLOSE(season[1], -0.09 / 12 / all * y, 1e-14);
    CHECK(season[3] == 0);
    CHECK_CLOSE(covariance[0], own - own * own / all, 1e-14);
    CHECK(covariance[1] == covariance[4]);
}

/* Two periods: the second has the first slope on top. */
static void
check_slope(void)
{
    const int64_t place[] = {-1, -1, -1};
    const cv_clock_data data = {0, 3, NULL, NULL, place, 1};
    const cv_clock_settings settings = {0, 0.1, 0.3, 0.8, 0, 0};
    cv_clock_path path = {0, mean, level, season, covariance};
    CHECK(cv_clock_structure(&data, &settings, workspace, &path, NULL, NULL) == CV_CLOCK_DONE);
    CHECK(path.loglik == 0 && mean[2] == 0);
    CHECK_CLOSE(covariance[0], 0.01, 1e-14);
    CHECK_CLOSE(covariance[4], 0.01 + 0.09 / 0.36, 1e-14);
    CHECK_CLOSE(covariance[8], 0.01 + 0.09 / 0.36 * (2 + 2 * 0.8), 1e-14);
    CHECK_CLOSE(covariance[5], 0.09 / 0.36 * 1.8, 1e-14);
}

static void
check_refusals(void)
{
    static double y[K], variance[K], table[] = {0.85, 0.1, 0, 0, 0.25, 0.04, 1.5, 0.1, 0, 0, 0, 0};
    static int64_t place[N];
    cv_clock_data data = {K, N, y, variance, place, 12};
    double loglik[2];
    for (int i = 0; i < N; i++) place[i] = i % 12;
    CHECK(cv_clock_evidence(&data, table, 1, workspace, loglik, stop_at_once, NULL) == CV_CLOCK_DONE);
    CHECK(cv_clock_evidence(&data, table, 2, workspace, loglik, NULL, NULL) == CV_CLOCK_BAD_SETTINGS);
    table[5] = table[1] = 0;
    CHECK(cv_clock_evidence(&data, table, 1, workspace, loglik, NULL, NULL) == CV_CLOCK_SINGULAR);
    y[3] = NAN;
    CHECK(cv_clock_evidence(&data, table, 1, workspace, loglik, NULL, NULL) == CV_CLOCK_BAD_DATA);
    y[3] = 0;
    place[N - 1] = 12;
    CHECK(cv_clock_evidence(&data, table, 1, workspace, loglik, NULL, NULL) == CV_CLOCK_BAD_DATA);
}

/* Two customers, of whom one buys once on day 4; day 5 is the last of 6. */
static void
check_expected(void)
{
    const double x[] = {1, 0, NAN}, t_x[] = {2, 0, 0}, T[] = {3, 2, NAN}, p[] = {0.5, 4, 0.8, 2.5};
    static const int32_t first[] = {2, 3, 9}, last[] = {4, 3, 9};
    const cv_clock_histories of = {3, x, t_x, T, NULL, first, last};
    cv_calendar calendar = {2, 5, 6, 1};
    double days[6], room[14];
    const double alive = cv_bgnbd_p_alive(1, 2, 3, p[0], p[1], p[2], p[3]), on = alive * 1.5 / 7;
    CHECK(cv_takes_clock(CV_BGNBD) && !cv_takes_clock(CV_PNBD));
    CHECK(cv_clock_expected_workspace(6) == 14);
    CHECK(cv_clock_expected(CV_BGNBD, p, &of, &calendar, CV_CLOCK_PURCHASES, room, days, NULL, NULL) == CV_CLOCK_DONE);
    CHECK(days[0] == 0 && days[4] == 0 && days[5] == 0);
    CHECK_CLOSE(days[1], on + (1 - alive) * 1.5 / 6, 1e-14);
    CHECK_CLOSE(days[2], on + (1 - alive) * 1.5 / 6 + 0.5 / 6, 1e-14);
    CHECK_CLOSE(days[3], on + 0.5 / 6, 1e-14);
    CHECK(cv_clock_expected(CV_NBD, p, &of, &calendar, CV_CLOCK_PURCHASES, room, days, NULL, NULL) == CV_CLOCK_DONE);
    CHECK_CLOSE(days[1], 1.5 / 7, 1e-14);
    calendar.origin = 4;
    CHECK(cv_clock_expected(CV_NBD, p, &of, &calendar, CV_CLOCK_PURCHASES, room, days, NULL, NULL) ==
          CV_CLOCK_BAD_DATA);
}

/* Two stages: one may have passed since t_x; (x, t_x, T) = (1, 2, 3) from day 2 to 4 of 5. */
static void
check_hidden(void)
{
    const double x = 1, t_x = 2, T = 3, p[] = {2, 0.5, 4, 0.8, 2.5};
    const int32_t first = 2, last = 4;
    const cv_clock_histories of = {1, &x, &t_x, &T, NULL, &first, &last};
    const cv_calendar calendar = {3, 5, 4, 1};
    const double alive = cv_mbgcnbd_p_alive(1, 2, 3, p[0], p[1], p[2], p[3], p[4]);
    const double passed = 2.5 / 7 / (1 + 2.5 / 7);
    double days[4], room[10];
    CHECK(cv_clock_expected(CV_MBGCNBD, p, &of, &calendar, CV_CLOCK_HIDDEN, room, days, NULL,
                            NULL) == CV_CLOCK_DONE);
    CHECK(days[0] == 0 && days[1] == 0 && days[3] == 0);
    CHECK_CLOSE(days[2], alive * passed / 2, 1e-14);
    CHECK(cv_clock_expected(CV_MBGCNBD, p, &of, &calendar, CV_CLOCK_PURCHASES, room, days, NULL,
                            NULL) == CV_CLOCK_DONE);
    CHECK_CLOSE(days[2], alive * (2.5 + passed) / 7 / 2, 1e-14);
    CHECK_CLOSE(days[0], days[2] + (1 - alive) * 2.5 / 6 / 2, 1e-14);
}

/* Gaps of two days, (2, 4], and of one, (4, 5], in periods from 3, 4 and 6 on. */
static void
check_gap_shares(void)
{
    const int32_t tick[] = {2, 4, 4, 5};
    const double begins[] = {1, 1, 0, 1}, time[] = {0, 1, 3, 4, 4};
    const int64_t begin = 0, end = 4, period[] = {0, 1, 1, 2};
    const cv_customers customers = {1, &begin, &end};
    cv_clock_periods clock = {3, 4, 3, period, time};
    size_t first_day[4];
    double share[3], square[3];
    CHECK(cv_gap_shares(tick, begins, &customers, &clock, first_day, share, square, NULL, NULL) == 0);
    CHECK_CLOSE(share[0], 1.0 / 3, 1e-15);
    CHECK_CLOSE(share[1], 2.0 / 3 + 1, 1e-15);
    CHECK_CLOSE(square[1], 4.0 / 9 + 1, 1e-15);
    CHECK(share[2] == 0 && square[2] == 0);
    clock.origin = 4;
    CHECK(cv_gap_shares(tick, begins, &customers, &clock, first_day, share, square, NULL, NULL) == 3);
}

/* The customers above with a period of two days and one of a day: T = e^u (2 or 1) + e^w. */
static void
check_information(void)
{
    const double x[] = {1, 0}, t_x[] = {2, 0}, T[] = {3, 2}, p[] = {0.5, 4};
    static const int32_t first[] = {2, 3}, last[] = {4, 3};
    const int64_t period[] = {0, 0, 1, 1};
    const double length[] = {1, 1, 1, 1};
    const cv_clock_histories of = {2, x, t_x, T, NULL, first, last};
    cv_clock_days days = {3, 5, 4, 2, period, length};
    double room[60], expected[2], mixed[4], second[4];
    const cv_clock_derivatives d = {expected, mixed, second};
    CHECK(cv_has_clock_information(CV_NBD) && !cv_has_clock_information(CV_BGCNBD));
    CHECK(cv_clock_information_workspace(4, 2) <= sizeof room / sizeof *room);
    CHECK(cv_clock_information(CV_NBD, p, &of, &days, room, &d, NULL, NULL) == CV_CLOCK_DONE);
    CHECK_CLOSE(expected[0], 1.5 / 7 * 2 + 0.5 / 6, 1e-14);
    CHECK_CLOSE(expected[1], 1.5 / 7 + 0.5 / 6, 1e-14);
    CHECK_CLOSE(mixed[0], -(2.0 / 7 + 1.0 / 6), 1e-14);
    CHECK_CLOSE(mixed[3], 1.5 / 49 + 0.5 / 36, 1e-14);
    CHECK_CLOSE(second[1], 1.5 / 49 * 2 + 0.5 / 36, 1e-14);
    CHECK_CLOSE(second[3], 1.5 / 49 + 0.5 / 36 - expected[1], 1e-14);
    CHECK(second[1] == second[2]);
    days.end = 7;
    CHECK(cv_clock_information(CV_NBD, p, &of, &days, room, &d, NULL, NULL) == CV_CLOCK_BAD_DATA);
}

void
check_clock(void)
{
    check_hidden();
    check_gap_shares();
    check_information();
    check_expected();
    check_one_observation();
    check_slope();
    check_refusals();
}
