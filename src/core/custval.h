/* custval.h -- the front door of the core: every public prototype, one header a topic.
 *
 * Letters are those of the papers: x repeat purchases in (0, T], t_x age at the last of them
 * (0 when x = 0), T age at the end of observation, all times in one unit; r, alpha, a, b, p, q,
 * gamma the parameters. A kernel takes doubles and returns one double. Outside its domain it
 * returns NaN and raises FE_INVALID; it is never handed a NaN. Column work takes plain arrays.
 */
#ifndef CUSTVAL_H
#define CUSTVAL_H

#include "math/random.h"
#include "math/rank.h"
#include "math/select.h"
#include "math/special.h"
#include "models/bdw.h"
#include "models/bgbb.h"
#include "models/bgcnbd.h"
#include "models/bgnbd.h"
#include "models/gg.h"
#include "models/ggnbd.h"
#include "models/nbd.h"
#include "models/lognormal.h"
#include "models/normal_margin.h"
#include "models/pnbd.h"
#include "models/sbg.h"
#include "fit/fit.h"
#include "fit/newton.h"
#include "clock/expected.h"
#include "clock/information.h"
#include "clock/structure.h"
#include "ledger/attributes.h"
#include "ledger/ledger.h"
#include "ledger/regressors.h"
#include "ledger/trend_test.h"
#include "segments/pyramid.h"
#include "segments/scorecard.h"
#include "value/accuracy.h"
#include "value/adjustment.h"
#include "value/batch_predict.h"
#include "value/clv.h"
#include "value/forecast.h"
#include "value/simulate.h"
#include "types.h"

#endif
