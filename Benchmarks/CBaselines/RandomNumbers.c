#include "RandomNumbers.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

void cb_random_seed(cb_random *random, uint64_t seed) {
  for (int i = 0; i < 4; i++) random->word[i] = split_mix(&seed);
}

double cb_normals_gsl(uint64_t seed, long count) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(random, (unsigned long)seed);
  double sum = 0;
  for (long i = 0; i < count; i++) sum += gsl_ran_gaussian_ziggurat(random, 1);
  gsl_rng_free(random);
  return sum;
}

static double total(cl_d8 sum) {
  double result = 0;
  for (int lane = 0; lane < 8; lane++) result += sum[lane];
  return result;
}

double cb_normals_xoshiro_lanes(uint64_t seed, long count) {
  lane_state state = lanes_seeded(seed);
  cl_d8 sum = 0, first, second;
  for (long i = 0; i < count; i += 16) {
    cl_u8 a = cl_xoshiro_next(&state), b = cl_xoshiro_next(&state);
    cl_normal_d8(a, b, &first, &second);
    sum += first + second;
  }
  return total(sum);
}

// Philox4x32-10 (J. K. Salmon et al., SC '11): 32-bit words in 64-bit lanes, as the products want them.
typedef struct {
  cl_u8 word[4];
} philox_lanes;

#define LOW 0xFFFFFFFFULL

static inline __attribute__((always_inline)) philox_lanes philox(philox_lanes counter, cl_u8 key0,
                                                                 cl_u8 key1) {
  cl_u8 c0 = counter.word[0], c1 = counter.word[1], c2 = counter.word[2], c3 = counter.word[3];
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++) {
    // The words stay below 2^32, which lets a 32 × 32 multiplication do.
    cl_u8 p0 = (c0 & LOW) * 0xD2511F53ULL, p1 = (c2 & LOW) * 0xCD9E8D57ULL;
    c0 = (p1 >> 32) ^ c1 ^ key0;
    c1 = p1 & LOW;
    c2 = (p0 >> 32) ^ c3 ^ key1;
    c3 = p0 & LOW;
    key0 = (key0 + 0x9E3779B9ULL) & LOW;
    key1 = (key1 + 0xBB67AE85ULL) & LOW;
  }
  return (philox_lanes){{c0, c1, c2, c3}};
}

void cb_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t block[4]) {
  philox_lanes words = {
      {(cl_u8)(counter[0]), (cl_u8)(counter[1]), (cl_u8)(counter[2]), (cl_u8)(counter[3])}};
  words = philox(words, (cl_u8)(key[0]), (cl_u8)(key[1]));
  for (int i = 0; i < 4; i++) block[i] = (uint32_t)words.word[i][0];
}

double cb_normals_philox_lanes(uint64_t seed, long count) {
  cl_u8 lane = {0, 1, 2, 3, 4, 5, 6, 7};
  cl_d8 sum = 0, first, second;
  for (long i = 0; i < count; i += 16) {
    // Counter: the position, then the replica. The key is the seed.
    philox_lanes words = {{(cl_u8)((uint64_t)i & LOW), (cl_u8)((uint64_t)i >> 32), lane, (cl_u8)(0)}};
    words = philox(words, (cl_u8)(seed & LOW), (cl_u8)(seed >> 32));
    cl_normal_d8(words.word[0] << 32 | words.word[1], words.word[2] << 32 | words.word[3], &first,
                 &second);
    sum += first + second;
  }
  return total(sum);
}
