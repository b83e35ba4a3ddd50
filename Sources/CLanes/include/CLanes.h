// Eight lanes of numbers, one per replica: arithmetic, elementary functions, and random numbers.
//
// Why C: Swift's SIMD operators are compiled lane by lane and vectorised again only with luck, and they
// have no exponent tricks, no shuffles and no fused multiply-add that falls back to two roundings. Clang's
// vector extensions say it directly and for any width: a function here becomes one AVX-512 instruction, two
// of AVX2 or four of SSE2 or NEON. Everything is always_inline, so that no vector crosses a call.
//
// Nothing here is physics. The physics is in Swift, on the types of NumericalMethods/Lanes.
//
// a * b + c in one expression is fused where the processor can (clang's default), so results differ in the
// last bits between processors with and without fused multiply-add, and not between others.
#pragma once
#include "DenseProduct.h"
#include "SparseProduct.h"
#include <stdint.h>
#include <string.h>

typedef double cl_d8 __attribute__((ext_vector_type(8)));
typedef float cl_f8 __attribute__((ext_vector_type(8)));
typedef uint64_t cl_u8 __attribute__((ext_vector_type(8)));
typedef int64_t cl_i8 __attribute__((ext_vector_type(8)));
typedef uint32_t cl_w8 __attribute__((ext_vector_type(8)));
typedef int32_t cl_j8 __attribute__((ext_vector_type(8)));

// Swift aligns its SIMD types to 16 bytes, so vectors behind pointers may not be assumed to be aligned to more.
typedef cl_d8 cl_d8_stored __attribute__((aligned(16)));
typedef cl_d8 cl_d8_anywhere __attribute__((aligned(8)));
typedef cl_f8 cl_f8_stored __attribute__((aligned(16)));
typedef cl_u8 cl_u8_stored __attribute__((aligned(16)));

// Vectors are passed between inlined functions only, so how a call would pass them does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define CL static inline __attribute__((always_inline))

/// The vector instructions that this was compiled for.
CL const char *cl_instruction_set(void) {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "AVX2";
#elif defined(__x86_64__)
  return "SSE2";
#elif defined(__aarch64__)
  return "NEON";
#else
  return "generic";
#endif
}

// MARK: - Arithmetic

CL cl_d8 cl_splat_d8(double x) { return (cl_d8)(x); }
CL cl_f8 cl_splat_f8(float x) { return (cl_f8)(x); }
CL cl_d8 cl_add_d8(cl_d8 a, cl_d8 b) { return a + b; }
CL cl_f8 cl_add_f8(cl_f8 a, cl_f8 b) { return a + b; }
CL cl_d8 cl_sub_d8(cl_d8 a, cl_d8 b) { return a - b; }
CL cl_f8 cl_sub_f8(cl_f8 a, cl_f8 b) { return a - b; }
CL cl_d8 cl_mul_d8(cl_d8 a, cl_d8 b) { return a * b; }
CL cl_f8 cl_mul_f8(cl_f8 a, cl_f8 b) { return a * b; }
CL cl_d8 cl_div_d8(cl_d8 a, cl_d8 b) { return a / b; }
CL cl_f8 cl_div_f8(cl_f8 a, cl_f8 b) { return a / b; }
CL cl_d8 cl_muladd_d8(cl_d8 a, cl_d8 b, cl_d8 c) { return a * b + c; }
CL cl_f8 cl_muladd_f8(cl_f8 a, cl_f8 b, cl_f8 c) { return a * b + c; }
CL cl_d8 cl_max_d8(cl_d8 a, cl_d8 b) { return __builtin_elementwise_max(a, b); }
CL cl_f8 cl_max_f8(cl_f8 a, cl_f8 b) { return __builtin_elementwise_max(a, b); }
CL cl_d8 cl_sqrt_d8(cl_d8 a) { return __builtin_elementwise_sqrt(a); }
CL cl_f8 cl_sqrt_f8(cl_f8 a) { return __builtin_elementwise_sqrt(a); }

/// Eight numbers at an address that need not be aligned to more than one of them.
CL cl_d8 cl_load_d8(const double *p) { return *(const cl_d8_anywhere *)p; }
CL void cl_store_d8(cl_d8 a, double *p) { *(cl_d8_anywhere *)p = a; }

/// max(a, 0), and what is not a number as it is.
CL cl_d8 cl_positive_part_d8(cl_d8 a) { return (cl_d8)(0.0) > a ? (cl_d8)(0.0) : a; }
/// 1 where a > 0, else 0.
CL cl_d8 cl_step_d8(cl_d8 a) { return a > 0.0 ? (cl_d8)(1.0) : (cl_d8)(0.0); }

/// One bit per lane of a comparison's result, lane 0 lowest.
CL uint32_t cl_bits_d8(cl_i8 m) {
#if defined(__x86_64__) && !defined(__AVX__)
  typedef double v2 __attribute__((ext_vector_type(2)));
  cl_d8 d = (cl_d8)m;
  v2 a = d.s01, b = d.s23, c = d.s45, e = d.s67;
  return (uint32_t)(__builtin_ia32_movmskpd(a) | __builtin_ia32_movmskpd(b) << 2 |
                    __builtin_ia32_movmskpd(c) << 4 | __builtin_ia32_movmskpd(e) << 6);
#elif defined(__AVX__) && !defined(__AVX512F__)
  cl_d8 d = (cl_d8)m;
  return (uint32_t)(__builtin_ia32_movmskpd256(d.lo) | __builtin_ia32_movmskpd256(d.hi) << 4);
#else
  typedef _Bool b8 __attribute__((ext_vector_type(8)));
  b8 bits = __builtin_convertvector(m < 0, b8);
  uint8_t packed;
  memcpy(&packed, &bits, 1);
  return packed;
#endif
}
CL uint32_t cl_bits_f8(cl_j8 m) {
#if defined(__x86_64__) && !defined(__AVX__)
  cl_f8 f = (cl_f8)m;
  return (uint32_t)(__builtin_ia32_movmskps(f.lo) | __builtin_ia32_movmskps(f.hi) << 4);
#elif defined(__AVX__) && !defined(__AVX512F__)
  return (uint32_t)__builtin_ia32_movmskps256((cl_f8)m);
#else
  return cl_bits_d8(__builtin_convertvector(m, cl_i8));
#endif
}

/// Lanes where a > b does not hold, one bit each: also those where either is not a number.
CL uint32_t cl_not_greater_d8(cl_d8 a, cl_d8 b) { return cl_bits_d8(~(a > b)); }
CL uint32_t cl_not_greater_f8(cl_f8 a, cl_f8 b) { return cl_bits_f8(~(a > b)); }

/// x where a > b, else y: also where either of a and b is not a number.
CL cl_d8 cl_choose_d8(cl_d8 a, cl_d8 b, cl_d8 x, cl_d8 y) { return a > b ? x : y; }
CL cl_f8 cl_choose_f8(cl_f8 a, cl_f8 b, cl_f8 x, cl_f8 y) { return a > b ? x : y; }

// MARK: - Conversions

CL cl_f8 cl_float_from_double(cl_d8 a) { return __builtin_convertvector(a, cl_f8); }
CL cl_d8 cl_double_from_float(cl_f8 a) { return __builtin_convertvector(a, cl_d8); }

// MARK: - Elementary functions

/// ln x of positive normal numbers. Relative error below 1e-15.
///
/// x = 2^k m with m in [√½, √2), f = m − 1, s = f/(2 + f): ln m = 2 artanh s, by the coefficients of
/// FreeBSD's e_log.c (Sun Microsystems, 1993), whose error is below 2^-58.
CL cl_d8 cl_log_d8(cl_d8 x) {
  cl_u8 bits = (cl_u8)x;
  cl_u8 shifted = bits - 0x3FE6A09E667F3BCDULL;
  cl_d8 m = (cl_d8)(bits - (shifted & 0xFFF0000000000000ULL));
  // k + 2048 as the low bits of 2^52: no processor but the newest has a signed 64-bit shift.
  cl_d8 k = (cl_d8)(((shifted ^ 0x8000000000000000ULL) >> 52) | 0x4330000000000000ULL) -
            (0x1p52 + 2048.0);
  cl_d8 f = m - 1.0;
  cl_d8 s = f / (2.0 + f), z = s * s;
  cl_d8 r = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
  r = 1.818357216161805012e-01 + z * r;
  r = 2.222219843214978396e-01 + z * r;
  r = 2.857142874366239149e-01 + z * r;
  r = 3.999999999940941908e-01 + z * r;
  r = 6.666666666666735130e-01 + z * r;
  r = z * r;
  cl_d8 h = 0.5 * f * f;
  return k * 6.93147180369123816490e-01 -
         ((h - (s * (h + r) + k * 1.90821492927058770002e-10)) - f);
}

/// eˣ. Relative error below 4e-16; 0 below −708 and infinite above 709.7.
CL cl_d8 cl_exp_d8(cl_d8 x) {
  cl_d8 c = __builtin_elementwise_min(__builtin_elementwise_max(x, (cl_d8)(-708.0)), (cl_d8)(709.7));
  cl_d8 shifted = c * 1.4426950408889634 + 0x1.8p52;
  cl_d8 k = shifted - 0x1.8p52;
  cl_d8 r = (c - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  cl_d8 p = 1.0 / 479001600.0 + r * (1.0 / 6227020800.0);
  p = 1.0 / 39916800.0 + r * p;
  p = 1.0 / 3628800.0 + r * p;
  p = 1.0 / 362880.0 + r * p;
  p = 1.0 / 40320.0 + r * p;
  p = 1.0 / 5040.0 + r * p;
  p = 1.0 / 720.0 + r * p;
  p = 1.0 / 120.0 + r * p;
  p = 1.0 / 24.0 + r * p;
  p = 1.0 / 6.0 + r * p;
  p = 0.5 + r * p;
  p = 1.0 + r * p;
  p = 1.0 + r * p;
  cl_d8 value = (cl_d8)((cl_u8)p + ((cl_u8)shifted << 52));
  cl_i8 over = x > 709.7, under = x < -708.0, undefined = x != x;
  value = (cl_d8)(((cl_u8)over & (cl_u8)(cl_d8)(__builtin_inf())) | (~(cl_u8)over & (cl_u8)value));
  value = (cl_d8)(~(cl_u8)under & (cl_u8)value);
  return (cl_d8)(((cl_u8)undefined & (cl_u8)x) | (~(cl_u8)undefined & (cl_u8)value));
}

/// sin and cos of |x| ≤ π/4, by the coefficients of FreeBSD's k_sin.c and k_cos.c (Sun, 1993).
CL cl_d8 cl_sin_kernel(cl_d8 x, cl_d8 z) {
  cl_d8 r = -2.50507602534068634195e-08 + z * 1.58969099521155010221e-10;
  r = 2.75573137070700676789e-06 + z * r;
  r = -1.98412698298579493134e-04 + z * r;
  r = 8.33333333332248946124e-03 + z * r;
  r = -1.66666666666666324348e-01 + z * r;
  return x + (x * z) * r;
}
CL cl_d8 cl_cos_kernel(cl_d8 z) {
  cl_d8 r = 2.08757232129817482790e-09 + z * -1.13596475577881948265e-11;
  r = -2.75573143513906633035e-07 + z * r;
  r = 2.48015872894767294178e-05 + z * r;
  r = -1.38888888888741095749e-03 + z * r;
  r = 4.16666666666666019037e-02 + z * r;
  return (z * z) * r + (1.0 - 0.5 * z);
}

/// a where the bit pattern of a lane's mask is set, else b.
CL cl_d8 cl_choose(cl_u8 mask, cl_d8 a, cl_d8 b) {
  return (cl_d8)((mask & (cl_u8)a) | (~mask & (cl_u8)b));
}

/// sin x. Absolute error below 1e-15 for |x| < 1e5 (three-part reduction by π/2).
CL cl_d8 cl_sin_d8(cl_d8 x) {
  cl_d8 shifted = x * 0.63661977236758134308 + 0x1.8p52;
  cl_d8 k = shifted - 0x1.8p52;
  cl_d8 r = ((x - k * 1.57079632673412561417e+00) - k * 6.07710050630396597660e-11) -
            k * 2.02226624879595063154e-21;
  cl_u8 quadrant = (cl_u8)shifted;
  cl_d8 z = r * r;
  cl_u8 odd = 0 - (quadrant & 1);
  cl_d8 value = cl_choose(odd, cl_cos_kernel(z), cl_sin_kernel(r, z));
  return (cl_d8)((cl_u8)value ^ ((quadrant << 62) & 0x8000000000000000ULL));
}

/// tanh x = sign(x)(1 − e)/(1 + e), e = exp(−2|x|). Absolute error below 3e-16.
CL cl_d8 cl_tanh_d8(cl_d8 x) {
  cl_d8 e = cl_exp_d8(-2.0 * __builtin_elementwise_abs(x));
  cl_d8 t = (1.0 - e) / (1.0 + e);
  return (cl_d8)((cl_u8)t | ((cl_u8)x & 0x8000000000000000ULL));
}

/// Φ(x), the standard normal distribution function, and its density φ(x). Absolute error below 5e-16.
///
/// With y = |x|: Φ(−y) = exp(−y²/2) q(t)/(y + 4), t = (y − 4)/(y + 4), where q is the polynomial of degree 22
/// that interpolates in the Chebyshev points (its own error is below 1e-16).
CL void cl_normal_distribution_d8(cl_d8 x, void *distribution, void *density) {
  cl_d8 y = __builtin_elementwise_abs(x);
  cl_d8 inverse = 1.0 / (y + 4.0), t = 1.0 - 8.0 * inverse;
  cl_d8 q = -1.277235143295772e-09 + t * -1.6886576966786735e-09;
  q = 1.60673869573294e-08 + t * q;
  q = 1.9569608939974048e-08 + t * q;
  q = -7.878360342693638e-08 + t * q;
  q = -1.622316320853567e-07 + t * q;
  q = 2.647337281979868e-07 + t * q;
  q = 1.026984070143193e-06 + t * q;
  q = -6.249551077565178e-07 + t * q;
  q = -5.922893777541928e-06 + t * q;
  q = 7.146021531267462e-07 + t * q;
  q = 3.514560235904452e-05 + t * q;
  q = -1.907676030719098e-06 + t * q;
  q = -0.00023109513778728935 + t * q;
  q = 0.00013334420916014778 + t * q;
  q = 0.0016308184854735856 + t * q;
  q = -0.0034796923566515025 + t * q;
  q = -0.007540188968891619 + t * q;
  q = 0.06039657489036092 + t * q;
  q = -0.1865218579595787 + t * q;
  q = 0.3871374007422266 + t * q;
  q = -0.607896641971893 + t * q;
  q = 0.7552851304157514 + t * q;
  cl_d8 e = cl_exp_d8(-0.5 * y * y);
  cl_d8 tail = e * (q * inverse);
  *(cl_d8_stored *)density = e * 0.398942280401432677939946059934;
  *(cl_d8_stored *)distribution = x > 0.0 ? 1.0 - tail : tail;
}

// MARK: - Random numbers

CL cl_u8 cl_rotl(cl_u8 x, int k) { return (x << k) | (x >> (64 - k)); }

/// The next 64 bits of each lane: xoshiro256++ (D. Blackman and S. Vigna, ACM Trans. Math. Softw. 47, 36
/// (2021)), one independent state per lane. `state` is four vectors of eight words.
CL cl_u8 cl_xoshiro_next(void *state) {
  cl_u8_stored *s = (cl_u8_stored *)state;
  cl_u8 result = cl_rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = cl_rotl(s[3], 45);
  return result;
}

/// The same, for the lanes of `lanes` (one bit each) only: the others keep their state.
CL cl_u8 cl_xoshiro_next_masked(void *state, uint32_t lanes) {
  cl_u8_stored *s = (cl_u8_stored *)state;
  cl_u8 kept[4] = {s[0], s[1], s[2], s[3]};
  cl_u8 bit = {1, 2, 4, 8, 16, 32, 64, 128};
  cl_u8 mask = (cl_u8)(((cl_u8)(lanes) & bit) != 0);
  cl_u8 result = cl_xoshiro_next(state);
  for (int i = 0; i < 4; i++) s[i] = (mask & s[i]) | (~mask & kept[i]);
  return result;
}

/// Uniform in [0, 1) with 52 bits.
CL cl_d8 cl_uniform_d8(cl_u8 word) {
  return (cl_d8)((word >> 12) | 0x3FF0000000000000ULL) - 1.0;
}

/// Uniform in [0, 1) with 24 bits: rounded from more it could be 1.
CL cl_f8 cl_uniform_f8(cl_u8 word) {
  return __builtin_convertvector((cl_j8)__builtin_convertvector(word >> 40, cl_w8), cl_f8) * 0x1p-24f;
}

/// floor(bound · u) for the upper and the lower 32 bits u of each word; bound < 2^32.
CL cl_u8 cl_index_upper(cl_u8 word, uint64_t bound) { return ((word >> 32) * bound) >> 32; }
CL cl_u8 cl_index_lower(cl_u8 word, uint64_t bound) {
  return ((word & 0xFFFFFFFFULL) * bound) >> 32;
}

/// Two standard normals per lane from two words, by Box and Muller: r = √(−2 ln u), u in (0, 1] with 52
/// bits (so |g| ≤ 8.5), times sine and cosine of 2φ, φ in [−π/4, π/4); another bit turns the half circle
/// into the full one.
CL void cl_normal_d8(cl_u8 a, cl_u8 b, void *first, void *second) {
  cl_d8 u = 2.0 - (cl_d8)((a >> 12) | 0x3FF0000000000000ULL);
  cl_d8 r = __builtin_elementwise_sqrt(-2.0 * cl_log_d8(u));
  cl_d8 x = ((cl_d8)((b >> 12) | 0x3FF0000000000000ULL) - 1.5) * 1.5707963267948966;
  cl_d8 z = x * x;
  cl_d8 s = cl_sin_kernel(x, z), c = cl_cos_kernel(z);
  cl_d8 sine = 2.0 * s * c, cosine = 1.0 - 2.0 * s * s;
  *(cl_d8_stored *)first = r * (cl_d8)((cl_u8)cosine ^ (b << 63));
  *(cl_d8_stored *)second = r * sine;
}

/// Two standard normals of single precision per lane from one word, likewise: u has 31 bits (|g| ≤ 6.7).
///
/// Sine and cosine by the coefficients of Cephes' sinf.c (S. L. Moshier), whose error is below 1e-8 where
/// Taylor's of the same degree is 3e-7.
CL void cl_normal_f8(cl_u8 a, void *first, void *second) {
  cl_w8 high = __builtin_convertvector(a >> 32, cl_w8);
  cl_w8 low = __builtin_convertvector(a & 0xFFFFFFFFULL, cl_w8);
  cl_f8 u = (__builtin_convertvector((cl_j8)(high >> 1), cl_f8) + 0.5f) * 0x1p-31f;
  cl_w8 bits = (cl_w8)u;
  cl_j8 exponent = (cl_j8)(bits - 0x3F3504F3U) >> 23;
  cl_f8 m = (cl_f8)(bits - ((cl_w8)exponent << 23));
  cl_f8 f = m - 1.0f, s = f / (2.0f + f), y = s * s;
  cl_f8 p = 0.2857142857f + y * 0.2222222222f;
  p = 0.4f + y * p;
  p = 0.6666666667f + y * p;
  cl_f8 log = __builtin_convertvector(exponent, cl_f8) * 0.6931471806f + (2.0f * s + s * (y * p));
  // u rounds to at most 1, and the logarithm of numbers next to 1 may round above 0.
  cl_f8 r = __builtin_elementwise_sqrt(-2.0f * __builtin_elementwise_min(log, (cl_f8)(0.0f)));
  cl_f8 x = ((cl_f8)((low >> 9) | 0x3F800000U) - 1.5f) * 1.5707963268f;
  cl_f8 z = x * x;
  cl_f8 q = 8.3321608736e-3f + z * -1.9515295891e-4f;
  q = -1.6666654611e-1f + z * q;
  cl_f8 sine = x + (x * z) * q;
  cl_f8 w = -1.388731625493765e-3f + z * 2.443315711809948e-5f;
  w = 4.166664568298827e-2f + z * w;
  cl_f8 cosine = (z * z) * w + (1.0f - 0.5f * z);
  cl_f8 doubled = 1.0f - 2.0f * sine * sine;
  *(cl_f8_stored *)first = r * (cl_f8)((cl_w8)doubled ^ (low << 31));
  *(cl_f8_stored *)second = r * (2.0f * sine * cosine);
}
