// Dense matrix products: compiled functions, not inlined ones, because only pointers cross the call.
#pragma once
#include <stddef.h>

/// C = A·B (`adding` = 0) or C += A·B (`adding` ≠ 0), in double precision.
///
/// Element (i, k) of A is a[i·a_row + k·a_column], (k, j) of B is b[k·b_row + j] and (i, j) of C is
/// c[i·c_row + j]; C is rows × columns. Each row of B must be readable up to the next multiple of eight
/// columns; what stands there has no effect. C must not overlap A or B.
///
/// Every element is one chain of multiply-adds in the order of k, from 0 or from the old C, whatever the
/// shapes.
void cl_dense_product(const double *a, ptrdiff_t a_row, ptrdiff_t a_column, const double *b,
                      ptrdiff_t b_row, double *c, ptrdiff_t c_row, ptrdiff_t rows, ptrdiff_t inner,
                      ptrdiff_t columns, int adding);

/// Bᵀ into `b`: b[j·b_row + i] = a[i·a_row + j] for i < rows, j < columns, and zero for i from `rows` up to
/// the next multiple of eight.
void cl_transpose(const double *a, ptrdiff_t a_row, double *b, ptrdiff_t b_row, ptrdiff_t rows,
                  ptrdiff_t columns);
