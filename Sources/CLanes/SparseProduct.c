// An entry meets eight neighbouring numbers of a strip, one vector. A strip of some hundred columns stays in the
// first-level cache while all rows of X go through; what an entry will meet in the next one is fetched meanwhile,
// because no prefetcher foresees it.
#include "SparseProduct.h"
#include "Transpose.h"

enum { strip_rows = 8 };

/// The rows of strip `i / 8`.
static ptrdiff_t rows_from(ptrdiff_t i, ptrdiff_t rows) {
  return rows - i < strip_rows ? rows - i : strip_rows;
}

/// `m` rows of C; the next strip is `next` numbers on.
CL void product_strip(const double *strip, ptrdiff_t next, cl_d8 start, const double *entries, const double *ends,
                      double *c, ptrdiff_t c_row, ptrdiff_t m, ptrdiff_t columns) {
  ptrdiff_t n = 0;
  for (ptrdiff_t b = 0; b < columns; b += 8) {
    cl_d8 sums[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
      cl_d8 sum = start;
      ptrdiff_t end = (ptrdiff_t)ends[b + i];
#pragma clang loop unroll(disable)
      for (; n < end; n++) {
        const double *place = strip + 8 * (ptrdiff_t)entries[2 * n];
        __builtin_prefetch(place + next);
        sum = entries[2 * n + 1] * cl_load_d8(place) + sum;
      }
      sums[i] = sum;
    }
    transpose_d8(sums);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++)
      if (i < m) cl_store_d8(sums[i], c + i * c_row + b);
  }
}

void cl_sparse_product(const double *strips, ptrdiff_t width, const double *start,
                       const double *entries, const double *ends, double *c, ptrdiff_t c_row,
                       ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i += strip_rows) {
    const double *strip = strips + i * width;
    cl_d8 s = cl_load_d8(start + i);
    ptrdiff_t m = rows_from(i, rows);
    if (m == strip_rows)
      product_strip(strip, 8 * width, s, entries, ends, c + i * c_row, c_row, strip_rows, columns);
    else
      product_strip(strip, 8 * width, s, entries, ends, c + i * c_row, c_row, m, columns);
  }
}

void cl_add_product_with_sparse(const double *c, ptrdiff_t c_row, const double *entries,
                                const double *ends, double *strips, ptrdiff_t width,
                                ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i += strip_rows) {
    double *strip = strips + i * width;
    const double *from = c + i * c_row;
    ptrdiff_t m = rows_from(i, rows), n = 0;
    for (ptrdiff_t b = 0; b < columns; b += 8) {
      cl_d8 factors[8];
#pragma clang loop unroll(full)
      for (int r = 0; r < 8; r++)
        factors[r] = r < m ? cl_load_d8(from + r * c_row + b) : (cl_d8)(0.0);
      transpose_d8(factors);
#pragma clang loop unroll(full)
      for (int r = 0; r < 8; r++) {
        ptrdiff_t end = (ptrdiff_t)ends[b + r];
#pragma clang loop unroll(disable)
        for (; n < end; n++) {
          double *place = strip + 8 * (ptrdiff_t)entries[2 * n];
          __builtin_prefetch(place + 8 * width, 1);
          cl_store_d8(entries[2 * n + 1] * factors[r] + cl_load_d8(place), place);
        }
      }
    }
  }
}

void cl_add_strips(const double *strips, const double *u, const double *v, double *b,
                   ptrdiff_t rows, ptrdiff_t width) {
  for (ptrdiff_t i = 0; i < rows; i += strip_rows) {
    const double *strip = strips + i * width;
    double *to = b + i * width;
    ptrdiff_t m = rows_from(i, rows), k = 0;
    for (; k + 8 <= width; k += 8) {
      cl_d8 sums[8], right = cl_load_d8(v + k);
#pragma clang loop unroll(full)
      for (int j = 0; j < 8; j++) sums[j] = cl_load_d8(strip + 8 * (k + j));
      transpose_d8(sums);
#pragma clang loop unroll(full)
      for (int r = 0; r < 8; r++)
        if (r < m) {
          double *place = to + r * width + k;
          cl_store_d8(cl_load_d8(place) + (u[i + r] * right + sums[r]), place);
        }
    }
    for (; k < width; k++)
      for (ptrdiff_t r = 0; r < m; r++) to[r * width + k] += u[i + r] * v[k] + strip[8 * k + r];
  }
}
