#pragma once
#include "CBaselines.h"
#include "CLanes.h"

/// SplitMix64, which opens the states of xoshiro.
static inline uint64_t split_mix(uint64_t *state) {
  uint64_t z = (*state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

static inline uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t random_next(cb_random *random) {
  uint64_t *s = random->word;
  uint64_t result = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotated(s[3], 45);
  return result;
}

/// Four vectors of state, for cl_xoshiro_next.
typedef struct {
  cl_u8 word[4];
} lane_state;

static inline lane_state lanes_seeded(uint64_t seed) {
  lane_state state;
  for (int lane = 0; lane < 8; lane++)
    for (int i = 0; i < 4; i++) state.word[i][lane] = split_mix(&seed);
  return state;
}
