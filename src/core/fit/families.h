/* families.h -- the table of families. */
#ifndef CUSTVAL_FAMILIES_H
#define CUSTVAL_FAMILIES_H

#include "fit/fit.h"
#include "likelihood/rows.h"

/* Return the family of a model, one of the constants of likelihood/rows.h. */
const cv_family *cv_family_of(cv_model model);

#endif
