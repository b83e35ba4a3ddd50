// Products of a matrix in strips with rows that are mostly zero: compiled functions, not inlined ones, because
// only pointers cross the call.
#pragma once
#include <stddef.h>

// A matrix in strips: eight rows together, the numbers of a column side by side. Element (i, k) of a matrix of
// `width` columns is at [(i / 8 · width + k) · 8 + i % 8]; the last strip is filled up with rows of zeros.
//
// A sparse matrix X by its entries: row b has those from number ends[b − 1] (0 for the first row) up to
// ends[b], and entry n is the value entries[2n + 1] in column entries[2n]. All of it is in double precision,
// where whole numbers are exact, so that it lies in the same memory as the rest of a calculation.

/// C = s 1ᵀ + A·Xᵀ for A in strips, of rows × width, and X of `columns` rows, a multiple of eight:
/// c[i·c_row + b] = start[i] + Σ value·A(i, column) over the entries of row b, in their order. `start` is
/// readable up to the next multiple of eight.
void cl_sparse_product(const double *strips, ptrdiff_t width, const double *start,
                       const double *entries, const double *ends, double *c, ptrdiff_t c_row,
                       ptrdiff_t rows, ptrdiff_t columns);

/// A += C·X for A in strips, of rows × width, and X of `columns` rows, a multiple of eight:
/// A(i, column) += value·c[i·c_row + b] for the entries of each row b, in their order.
void cl_add_product_with_sparse(const double *c, ptrdiff_t c_row, const double *entries,
                                const double *ends, double *strips, ptrdiff_t width,
                                ptrdiff_t rows, ptrdiff_t columns);

/// B += A + u vᵀ for A in strips: b[i·width + k] += A(i, k) + u[i]·v[k].
void cl_add_strips(const double *strips, const double *u, const double *v, double *b,
                   ptrdiff_t rows, ptrdiff_t width);
