/* custval.h -- the front door of the core: every public prototype, one header a topic.
 *
 * Letters are those of the papers: x repeat purchases in (0, T], t_x age at the last of them
 * (0 when x = 0), T age at the end of observation, all times in one unit; r, alpha, a, b, p, q,
 * gamma the parameters. A kernel takes doubles and returns one double. Outside its domain it
 * returns NaN and raises FE_INVALID; it is never handed a NaN. Column work takes plain arrays.
 */
#ifndef CUSTVAL_H
#define CUSTVAL_H

#include "accuracy.h"
#include "ahead.h"
#include "attributes.h"
#include "bgcnbd.h"
#include "bdw.h"
#include "bgbb.h"
#include "bgnbd.h"
#include "clv.h"
#include "common.h"
#include "fit.h"
#include "forecast.h"
#include "gg.h"
#include "ggnbd.h"
#include "ledger.h"
#include "mbgcnbd.h"
#include "mbgnbd.h"
#include "nbd.h"
#include "normal_margin.h"
#include "pnbd.h"
#include "pyramid.h"
#include "random.h"
#include "sbg.h"
#include "scorecard.h"
#include "simulate.h"
#include "special.h"
#include "trend.h"

#endif
