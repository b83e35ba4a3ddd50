#include "RandomNumbers.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

void cb_quartic_gsl(double *x, int replicas, long steps, double temperature, double time_step,
                    uint64_t seed) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(random, (unsigned long)seed);
  double amplitude = sqrt(2 * temperature * time_step);
  // The replicas of one step in turn: faster than one replica after the other, since no step waits for the
  // one before.
  for (long i = 0; i < steps; i++)
    for (int r = 0; r < replicas; r++) {
      double slope = x[r] * (x[r] * x[r] - 1);
      x[r] += gsl_ran_gaussian_ziggurat(random, amplitude) - time_step * slope;
    }
  gsl_rng_free(random);
}

void cb_quartic_gsl_by_replica(double *x, int replicas, long steps, double temperature,
                               double time_step, uint64_t seed) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(random, (unsigned long)seed);
  double amplitude = sqrt(2 * temperature * time_step);
  for (int r = 0; r < replicas; r++) {
    double position = x[r];
    for (long i = 0; i < steps; i++) {
      double slope = position * (position * position - 1);
      position += gsl_ran_gaussian_ziggurat(random, amplitude) - time_step * slope;
    }
    x[r] = position;
  }
  gsl_rng_free(random);
}

/// x − dt E′(x) + √(2T dt) ξ.
static inline __attribute__((always_inline)) cl_d8 moved(cl_d8 x, cl_d8 normal, double descent,
                                                         double amplitude) {
  cl_d8 slope = (x * x - 1.0) * x;
  return normal * amplitude + (slope * descent + x);
}

void cb_quartic_lanes(double *x, int replicas, long steps, double temperature, double time_step,
                      uint64_t seed) {
  double amplitude = sqrt(2 * temperature * time_step), descent = -time_step;
  for (int r = 0; r + 8 <= replicas; r += 8) {
    lane_state state = lanes_seeded(seed + (uint64_t)r);
    cl_d8 position, first, second;
    memcpy(&position, x + r, sizeof position);
    for (long i = 0; i < steps; i += 2) {
      cl_u8 a = cl_xoshiro_next(&state), b = cl_xoshiro_next(&state);
      cl_normal_d8(a, b, &first, &second);
      position = moved(position, first, descent, amplitude);
      position = moved(position, second, descent, amplitude);
    }
    memcpy(x + r, &position, sizeof position);
  }
}

void cb_quartic_lanes_watched(double *x, int replicas, long steps, double temperature,
                              double time_step, double threshold, uint64_t seed) {
  double amplitude = sqrt(2 * temperature * time_step), descent = -time_step;
  cl_d8 limit = 0.5 * 36 * amplitude * amplitude;
  for (int r = 0; r + 8 <= replicas; r += 8) {
    lane_state state = lanes_seeded(seed + (uint64_t)r);
    cl_d8 position, first, second;
    memcpy(&position, x + r, sizeof position);
    cl_d8 before = threshold - position, after;
    for (long i = 0; i < steps; i += 2) {
      cl_u8 a = cl_xoshiro_next(&state), b = cl_xoshiro_next(&state);
      cl_normal_d8(a, b, &first, &second);
      position = moved(position, first, descent, amplitude);
      after = threshold - position;
      if (cl_not_greater_d8(before * after, limit)) break;
      position = moved(position, second, descent, amplitude);
      before = threshold - position;
      if (cl_not_greater_d8(before * after, limit)) break;
    }
    memcpy(x + r, &position, sizeof position);
  }
}
