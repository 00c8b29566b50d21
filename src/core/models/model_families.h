/* model_families.h -- what each model brings to its fit. */
#ifndef CUSTVAL_MODEL_FAMILIES_H
#define CUSTVAL_MODEL_FAMILIES_H

#include "likelihood/rows.h"

extern const cv_family cv_bgnbd_family, cv_mbgnbd_family, cv_bgcnbd_family, cv_mbgcnbd_family,
    cv_gg_family, cv_ggnbd_family, cv_pnbd_family, cv_nbd_family, cv_normal_margin_family,
    cv_bgbb_family, cv_sbg_family, cv_bdw_family;

#endif
