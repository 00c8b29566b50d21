/* check_batch_predict.c -- batch prediction of columns: the bits of the kernels, beside any row. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "models/competing_risks.h"

static int
stop_at_once(void *context)
{
    (void)context;
    return 1;
}

/* The same bits, and NaN where the scalar kernel is to compute. */
static void
check_instruction_sets(const cv_history_columns *of)
{
    enum { N = 300 };
    static double lost[N], kept[N], base[N], best[N];
    const double p[] = {0.553, 10.6, 0.606, 11.7};
    double x[N];
    for (int i = 0; i < N; i++) {
        x[i] = i % 50 ? of->x[i] : 1e5;
        lost[i] = 0.4;
        kept[i] = 0.6;
    }
    const cv_silent_histories silences = {x, of->t_x, of->T, lost, kept, p[0], p[1], p[2], p[3]};
    cv_alive_after_silence(CV_SIMD_BASE, &silences, N, base);
    cv_alive_after_silence(cv_simd_best(), &silences, N, best);
    CHECK(memcmp(base, best, sizeof base) == 0);
    for (int i = 0; i < N; i++) {
        const cv_risks risks = {{p[0] + x[i], p[1] + of->t_x[i]}, {p[2], p[3] + of->t_x[i]}};
        double open = cv_joint_survival(of->T[i] - of->t_x[i], risks);
        int scalar = !(of->t_x[i] > 0) || open < 1e-260;
        CHECK(scalar ? isnan(base[i]) : base[i] == open / (0.4 + open * 0.6));
    }
}

void
check_batch_predict(void)
{
    enum { N = 300 };
    static double x[N], t_x[N], T[N], answer[2 * N], workspace[16 * N];
    const double p[] = {0.243, 4.414, 0.793, 2.426}, edge[] = {0, 10, 30}, both[] = {1, 0, 1, 1};
    for (int i = 0; i < N; i++) {
        x[i] = i % 7;
        T[i] = 20 + i % 5;
        t_x[i] = i % 7 ? 1 + i % 19 : 0;
    }
    x[9] = -1;
    t_x[12] = NAN;
    const cv_history_columns of = {N, x, t_x, T};
    const cv_batch_request request = {2, 2, edge, both, 0}, slow = {1, 1, edge, both, 0.01};
    const cv_timing *bgnbd = cv_timings[0];
    const cv_simd simd = cv_simd_best();
    CHECK(cv_batch_predict_bytes(N, 2) <= sizeof workspace);
    CHECK(cv_batch_predict(simd, bgnbd, p, &of, &request, workspace, answer, NULL, NULL) == 0);
    CHECK(isnan(answer[18]) && isnan(answer[25]));
    for (int i = 20; i < N; i++)
        CHECK(answer[2 * i] ==
              cv_bgnbd_expected_purchases(10, x[i], t_x[i], T[i], p[0], p[1], p[2], p[3]));
    CHECK_CLOSE(answer[41],
                cv_bgnbd_expected_purchases(30, x[20], t_x[20], T[20], p[0], p[1], p[2], p[3]),
                1e-14);
    CHECK(cv_batch_predict(simd, bgnbd, p, &of, &slow, workspace, answer, NULL, NULL) == 0);
    CHECK(answer[20] == cv_bgnbd_dert(10, 0.01, x[20], t_x[20], T[20], p[0], p[1], p[2], p[3]));
    check_instruction_sets(&of);
    for (int i = 0; i < N; i++) T[i] = 20 + i;
    CHECK(cv_batch_predict(simd, bgnbd, p, &of, &slow, workspace, answer, stop_at_once, NULL) == 1);
}
