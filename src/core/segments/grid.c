/* grid.c -- the cells of customers who are in two classifications. */
#include "segments/pyramid.h"
#include "types.h"

void
cv_cells(const int8_t *row, const int8_t *column, size_t n, int columns, int8_t *cell)
{
    for (size_t i = 0; i < n; i++) {
        int place = row[i] * columns + column[i];
        cell[i] = (int8_t)((row[i] | column[i]) < 0 ? -1 : place);
    }
}
