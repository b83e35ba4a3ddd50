// A tile of C is held in registers while k runs: per k, one number of A for each of its rows is spread over
// a vector and multiplied with the tile's vectors of B. Tiles are as large as the registers allow.
#include "CLanes.h"
#include "Transpose.h"
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { tile_rows = 8, tile_vectors = 2 };
#elif defined(__AVX2__) && defined(__FMA__)
enum { tile_rows = 6, tile_vectors = 1 };
#elif defined(__aarch64__)
enum { tile_rows = 6, tile_vectors = 1 };
#else
enum { tile_rows = 2, tile_vectors = 1 };
#endif

/// Rows of B per pass: with a tile's rows of A they stay in the first-level cache.
enum { pass_length = 256 };

/// The first `count` ≤ 8 numbers of a row of C.
#if defined(__AVX512F__)
CL cl_d8 load_some(const double *p, ptrdiff_t count) {
  return _mm512_maskz_loadu_pd((__mmask8)((1U << count) - 1), p);
}
CL void store_some(cl_d8 x, double *p, ptrdiff_t count) {
  _mm512_mask_storeu_pd(p, (__mmask8)((1U << count) - 1), x);
}
#else
CL cl_d8 load_some(const double *p, ptrdiff_t count) {
  if (count == 8) return cl_load_d8(p);
  double v[8] = {p[0]};
  // Not a loop: it would become a call of memcpy.
  switch (count) {
  case 7: v[6] = p[6]; // fall through
  case 6: v[5] = p[5]; // fall through
  case 5: v[4] = p[4]; // fall through
  case 4: v[3] = p[3]; // fall through
  case 3: v[2] = p[2]; // fall through
  case 2: v[1] = p[1];
  }
  return cl_load_d8(v);
}
CL void store_some(cl_d8 x, double *p, ptrdiff_t count) {
  if (count == 8) return cl_store_d8(x, p);
  p[0] = x[0];
  switch (count) {
  case 7: p[6] = x[6]; // fall through
  case 6: p[5] = x[5]; // fall through
  case 5: p[4] = x[4]; // fall through
  case 4: p[3] = x[3]; // fall through
  case 3: p[2] = x[2]; // fall through
  case 2: p[1] = x[1];
  }
}
#endif

/// One tile of `m` × `n` vectors, both constant after inlining; the last vector has `last` columns.
CL void tile(const int m, const int n, const double *a, ptrdiff_t a_row, ptrdiff_t a_column,
             const double *b, ptrdiff_t b_row, double *c, ptrdiff_t c_row, ptrdiff_t inner,
             ptrdiff_t last, int adding) {
  cl_d8 sum[tile_rows][tile_vectors];
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
      sum[i][j] = adding ? load_some(c + i * c_row + 8 * j, j == n - 1 ? last : 8) : (cl_d8)(0.0);
  for (ptrdiff_t k = 0; k < inner; k++) {
    cl_d8 right[tile_vectors];
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++) right[j] = cl_load_d8(b + 8 * j);
#pragma clang loop unroll(full)
    for (int i = 0; i < m; i++) {
      cl_d8 left = (cl_d8)(a[i * a_row]);
#pragma clang loop unroll(full)
      for (int j = 0; j < n; j++) sum[i][j] = left * right[j] + sum[i][j];
    }
    a += a_column;
    b += b_row;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < m; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < n; j++)
      store_some(sum[i][j], c + i * c_row + 8 * j, j == n - 1 ? last : 8);
}

/// All columns of `m` rows of C.
CL void strip(const int m, const double *a, ptrdiff_t a_row, ptrdiff_t a_column, const double *b,
              ptrdiff_t b_row, double *c, ptrdiff_t c_row, ptrdiff_t inner, ptrdiff_t columns,
              int adding) {
  ptrdiff_t j = 0;
#if defined(__AVX512F__)
  for (; j + 8 < columns; j += 16) {
    ptrdiff_t last = columns - j - 8;
    tile(m, 2, a, a_row, a_column, b + j, b_row, c + j, c_row, inner, last < 8 ? last : 8, adding);
  }
#endif
  for (; j < columns; j += 8) {
    ptrdiff_t last = columns - j;
    tile(m, 1, a, a_row, a_column, b + j, b_row, c + j, c_row, inner, last < 8 ? last : 8, adding);
  }
}

void cl_dense_product(const double *a, ptrdiff_t a_row, ptrdiff_t a_column, const double *b,
                      ptrdiff_t b_row, double *c, ptrdiff_t c_row, ptrdiff_t rows, ptrdiff_t inner,
                      ptrdiff_t columns, int adding) {
  double packed[pass_length * tile_rows];
  ptrdiff_t done = 0;
  do {
    ptrdiff_t length = inner - done < pass_length ? inner - done : pass_length;
    for (ptrdiff_t i = 0; i < rows; i += tile_rows) {
      int m = rows - i < tile_rows ? (int)(rows - i) : tile_rows;
      const double *left = a + i * a_row + done * a_column;
      ptrdiff_t row = a_row, column = a_column;
      // Columns of A far apart in memory crowd the same cache sets: gather them, when they serve often.
      if (column != 1 && columns > 8 * tile_vectors) {
        for (ptrdiff_t k = 0; k < length; k++)
          for (int r = 0; r < m; r++) packed[k * tile_rows + r] = left[k * column + r * row];
        left = packed;
        row = 1;
        column = tile_rows;
      }
      const double *right = b + done * b_row;
      double *out = c + i * c_row;
      switch (m) {
#define STRIP(M) \
  case M: strip(M, left, row, column, right, b_row, out, c_row, length, columns, adding); break;
#if defined(__AVX512F__)
        STRIP(8) STRIP(7)
#endif
#if defined(__AVX2__) || defined(__aarch64__)
        STRIP(6) STRIP(5) STRIP(4) STRIP(3)
#endif
        STRIP(2) STRIP(1)
#undef STRIP
      }
    }
    adding = 1;
    done += length;
  } while (done < inner);
}

/// Eight rows of which `m` exist, eight columns.
CL void transpose_block(const double *a, ptrdiff_t a_row, double *b, ptrdiff_t b_row, ptrdiff_t m) {
  cl_d8 r[8];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) r[i] = i < m ? cl_load_d8(a + i * a_row) : (cl_d8)(0.0);
  transpose_d8(r);
#pragma clang loop unroll(full)
  for (int j = 0; j < 8; j++) cl_store_d8(r[j], b + j * b_row);
}

void cl_transpose(const double *a, ptrdiff_t a_row, double *b, ptrdiff_t b_row, ptrdiff_t rows,
                  ptrdiff_t columns) {
  for (ptrdiff_t i = 0; i < rows; i += 8) {
    ptrdiff_t m = rows - i < 8 ? rows - i : 8, j = 0;
    const double *from = a + i * a_row;
    for (; j + 8 <= columns; j += 8) transpose_block(from + j, a_row, b + j * b_row + i, b_row, m);
    for (; j < columns; j++)
      for (ptrdiff_t r = 0; r < 8; r++) b[j * b_row + i + r] = r < m ? from[r * a_row + j] : 0;
  }
}
