// What a careful C programmer would write for the same work: what the engines are measured against.
//
// Each function runs `replicas` replicas for `steps` steps and leaves the final states in its array, so that
// nothing can be left out by the compiler. Nothing here is used by the package itself.
#pragma once
#include <stdint.h>

// MARK: - Random numbers

/// xoshiro256++ from one seed (its state by SplitMix64), for scalar code.
typedef struct {
  uint64_t word[4];
} cb_random;

void cb_random_seed(cb_random *random, uint64_t seed);

/// The sum of `count` standard normals, which are made in turn by:
/// GSL's ziggurat on its mt19937,
double cb_normals_gsl(uint64_t seed, long count);
/// Box and Muller on eight lanes of xoshiro256++ (CLanes),
double cb_normals_xoshiro_lanes(uint64_t seed, long count);
/// Box and Muller on eight lanes of Philox4x32-10, a block of which makes two words per lane.
double cb_normals_philox_lanes(uint64_t seed, long count);

/// The two 64-bit words of lane 0 for a counter of four and a key of two 32-bit words, for a check against
/// the published answers.
void cb_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t block[4]);

// MARK: - Euler and Maruyama in the quartic double well, E = x⁴/4 − x²/2

/// The normals by GSL's ziggurat on mt19937; the replicas of one step in turn.
void cb_quartic_gsl(double *x, int replicas, long steps, double temperature, double time_step,
                    uint64_t seed);

/// The same, one replica after the other.
void cb_quartic_gsl_by_replica(double *x, int replicas, long steps, double temperature,
                               double time_step, uint64_t seed);

/// Eight replicas in the lanes of a vector: the ceiling. `replicas` is a multiple of eight.
void cb_quartic_lanes(double *x, int replicas, long steps, double temperature, double time_step,
                      uint64_t seed);

/// The same, looking after each step whether a replica has reached `threshold`, as an escape run must, with
/// the product of distances that a Brownian bridge needs.
void cb_quartic_lanes_watched(double *x, int replicas, long steps, double temperature,
                              double time_step, double threshold, uint64_t seed);

// MARK: - The deep linear network 2-10-10-2, D = 140

/// Langevin dynamics of θ (D numbers per replica) for Σxx = I and Σyx = diag(η₁, η₂), weight decay β; the
/// normals by GSL's ziggurat on mt19937.
void cb_langevin_network_gsl(double *theta, int replicas, long steps, const double eta[2],
                             double weight_decay, double temperature, double time_step, uint64_t seed);

/// Minibatch SGD whose batch enters through its second moments. x and y are `count` rows of two. By epochs
/// (a shuffled pass, the last short batch dropped) or, where `epochs` is 0, with replacement; indices from
/// scalar xoshiro256++.
void cb_sgd_moments(double *theta, int replicas, long steps, const double *x, const double *y,
                    int count, int batch_size, double learning_rate, double weight_decay, int epochs,
                    uint64_t seed);

// MARK: - How this was compiled

/// "Clang 21.0.0".
const char *cb_compiler(void);
/// Whether square roots need not set errno (-fno-math-errno).
int cb_no_math_errno(void);
