#include "RandomNumbers.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>

// 2-10-10-2, the sizes known to the compiler. θ holds W₁ (10 × 2), W₂ (10 × 10) and W₃ (2 × 10).
enum { P = 2, H = 10, Q = 2, D = P * H + H * H + H * Q };

/// ∂E/∂θ, weight decay included: P₂ = W₂W₁, P₃ = W₃P₂, B₃ = P₃ S_xx − S_yx, then backwards.
static inline __attribute__((always_inline)) void gradient(const double *restrict theta,
                                                           const double *restrict input_moment,
                                                           const double *restrict cross_moment,
                                                           double weight_decay,
                                                           double *restrict out) {
  const double *w1 = theta, *w2 = theta + H * P, *w3 = theta + H * P + H * H;
  double *g1 = out, *g2 = out + H * P, *g3 = out + H * P + H * H;
  double p2[H * P], p3[Q * P], b3[Q * P], b2[H * P];
  for (int i = 0; i < H; i++) {
    double s0 = 0, s1 = 0;
    for (int k = 0; k < H; k++) {
      s0 += w2[i * H + k] * w1[k * P];
      s1 += w2[i * H + k] * w1[k * P + 1];
    }
    p2[i * P] = s0;
    p2[i * P + 1] = s1;
  }
  for (int i = 0; i < Q; i++) {
    double s0 = 0, s1 = 0;
    for (int k = 0; k < H; k++) {
      s0 += w3[i * H + k] * p2[k * P];
      s1 += w3[i * H + k] * p2[k * P + 1];
    }
    p3[i * P] = s0;
    p3[i * P + 1] = s1;
  }
  for (int i = 0; i < Q; i++)
    for (int j = 0; j < P; j++) {
      double product = input_moment ? p3[i * P] * input_moment[j] + p3[i * P + 1] * input_moment[P + j]
                                    : p3[i * P + j];
      b3[i * P + j] = product - cross_moment[i * P + j];
    }
  for (int i = 0; i < Q; i++)
    for (int k = 0; k < H; k++)
      g3[i * H + k] = b3[i * P] * p2[k * P] + b3[i * P + 1] * p2[k * P + 1] + weight_decay * w3[i * H + k];
  for (int k = 0; k < H; k++)
    for (int j = 0; j < P; j++) b2[k * P + j] = w3[k] * b3[j] + w3[H + k] * b3[P + j];
  for (int i = 0; i < H; i++)
    for (int k = 0; k < H; k++)
      g2[i * H + k] = b2[i * P] * w1[k * P] + b2[i * P + 1] * w1[k * P + 1] + weight_decay * w2[i * H + k];
  for (int k = 0; k < H; k++) g1[k * P] = g1[k * P + 1] = 0;
  for (int i = 0; i < H; i++)
    for (int k = 0; k < H; k++) {
      g1[k * P] += w2[i * H + k] * b2[i * P];
      g1[k * P + 1] += w2[i * H + k] * b2[i * P + 1];
    }
  for (int k = 0; k < H * P; k++) g1[k] += weight_decay * w1[k];
}

void cb_langevin_network_gsl(double *theta, int replicas, long steps, const double eta[2],
                             double weight_decay, double temperature, double time_step,
                             uint64_t seed) {
  gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
  gsl_rng_set(random, (unsigned long)seed);
  double amplitude = sqrt(2 * temperature * time_step);
  double cross[Q * P] = {eta[0], 0, 0, eta[1]};
  for (int r = 0; r < replicas; r++) {
    double *state = theta + (long)r * D, slope[D];
    for (long i = 0; i < steps; i++) {
      gradient(state, NULL, cross, weight_decay, slope);
      for (int k = 0; k < D; k++)
        state[k] += gsl_ran_gaussian_ziggurat(random, amplitude) - time_step * slope[k];
    }
  }
  gsl_rng_free(random);
}

/// Indices below `bound` from the two halves of a word.
static inline uint32_t index_of(uint64_t half, uint32_t bound) {
  return (uint32_t)((half * bound) >> 32);
}

/// Fisher and Yates.
static void shuffle(uint32_t *order, int count, cb_random *random) {
  for (int i = count - 1; i > 0; i--) {
    uint32_t j = index_of(random_next(random) >> 32, (uint32_t)i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

void cb_sgd_moments(double *theta, int replicas, long steps, const double *x, const double *y,
                    int count, int batch_size, double learning_rate, double weight_decay, int epochs,
                    uint64_t seed) {
  uint32_t *order = malloc(sizeof(uint32_t) * (size_t)(count > batch_size ? count : batch_size + 1));
  double weight = 1.0 / batch_size;
  for (int r = 0; r < replicas; r++) {
    double *state = theta + (long)r * D, slope[D];
    cb_random random;
    cb_random_seed(&random, seed + (uint64_t)r);
    int cursor = count;
    if (epochs)
      for (int i = 0; i < count; i++) order[i] = (uint32_t)i;
    for (long i = 0; i < steps; i++) {
      const uint32_t *batch = order;
      if (epochs) {
        if (cursor + batch_size > count) {
          shuffle(order, count, &random);
          cursor = 0;
        }
        batch = order + cursor;
        cursor += batch_size;
      } else {
        for (int b = 0; b < batch_size; b += 2) {
          uint64_t word = random_next(&random);
          order[b] = index_of(word >> 32, (uint32_t)count);
          order[b + 1] = index_of(word & 0xFFFFFFFFULL, (uint32_t)count);
        }
      }
      double xx = 0, xz = 0, zz = 0, y0x = 0, y0z = 0, y1x = 0, y1z = 0;
      for (int b = 0; b < batch_size; b++) {
        const double *in = x + 2 * batch[b], *out = y + 2 * batch[b];
        xx += in[0] * in[0];
        xz += in[0] * in[1];
        zz += in[1] * in[1];
        y0x += out[0] * in[0];
        y0z += out[0] * in[1];
        y1x += out[1] * in[0];
        y1z += out[1] * in[1];
      }
      double input_moment[P * P] = {weight * xx, weight * xz, weight * xz, weight * zz};
      double cross_moment[Q * P] = {weight * y0x, weight * y0z, weight * y1x, weight * y1z};
      gradient(state, input_moment, cross_moment, weight_decay, slope);
      for (int k = 0; k < D; k++) state[k] -= learning_rate * slope[k];
    }
  }
  free(order);
}
