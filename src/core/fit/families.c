/* families.c -- the table of families, one row per model.
 *
 * A model takes part in fits, bootstraps and influence through its row here and in no other way;
 * the row is a constant of the model's own file. Reads beyond the table cannot happen: a cv_model
 * comes from the binding, which looks its prefix up in this table.
 */
#include "fit/families.h"
#include "fit/fit.h"
#include "likelihood/rows.h"
#include "types.h"

static const cv_family *const FAMILIES[CV_MODELS] = {
    [CV_BGNBD] = &cv_bgnbd_family,   [CV_MBGNBD] = &cv_mbgnbd_family,
    [CV_BGCNBD] = &cv_bgcnbd_family, [CV_MBGCNBD] = &cv_mbgcnbd_family,
    [CV_BGBB] = &cv_bgbb_family,     [CV_SBG] = &cv_sbg_family,
    [CV_BDW] = &cv_bdw_family,       [CV_GG] = &cv_gg_family,
    [CV_GGNBD] = &cv_ggnbd_family,   [CV_PNBD] = &cv_pnbd_family,
    [CV_NBD] = &cv_nbd_family,       [CV_NORMAL_MARGIN] = &cv_normal_margin_family,
    [CV_GG_SINGLE] = &cv_gg_single_family, [CV_LOGNORMAL] = &cv_lognormal_family,
};

const cv_family *
cv_family_of(cv_model model)
{
    return FAMILIES[model];
}

const char *
cv_model_prefix(cv_model model)
{
    return FAMILIES[model]->prefix;
}

size_t
cv_model_columns(cv_model model)
{
    return FAMILIES[model]->columns;
}

size_t
cv_model_parameters(cv_model model)
{
    return FAMILIES[model]->parameters;
}
