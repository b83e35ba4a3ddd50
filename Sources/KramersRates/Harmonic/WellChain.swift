import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Wells in a row, from the one that is left to the one where the clock stops: saddles are resistors in
/// series, wells are capacitors.
///
/// ```
/// τ = Σ_j Z_j Σ_{i>j} 1/C_i
/// ```
///
/// Z_j = ∫_well e^{−E/T} is the weight of well j = 0, 1, …, C_i the capacity of the saddle between wells
/// i − 1 and i, so k = C_i/Z_j is Langer's rate from well j over saddle i as if they were neighbours. For two
/// wells before the last, τ = Z₀(1/C₁ + 1/C₂) + Z₁/C₂ = (k₀₁ + k₁₀ + k₁₂)/(k₀₁k₁₂): returns from well 1
/// to well 0 are in it. One hop is Langer's formula itself.
///
/// A row that repeats itself behind the start, each well higher than the next one forwards by `drop` Δ > 0,
/// multiplies Z₀ by Σ_n e^{−nΔ/T} = 1/(1 − e^{−Δ/T}): τ = 1/(k₊ − k₋), the time of one net step forwards.
///
/// With ``Order/firstCorrection`` each Z and each C carries its first correction in T,
/// ln τ = ln τ_Langer + cT for one hop: see `LaplaceCorrection` for c. It is offered for states without zero
/// modes and up to ``HarmonicState/largestCorrectedDimension`` parameters.
///
/// Validity: the wells that matter must hold their population for longer than they take to relax, ΔE/T as in
/// ``LangerRate``; then cT (harmonic) or the next term, about 3(cT)² (corrected), must be small. Both are
/// means over the terms of the sum, weighted by their shares.
///
/// Source: derived here from τ = ∫h e^{−E/T}/cap; A. Bovier, M. Eckhoff, V. Gayrard and M. Klein, J. Eur.
/// Math. Soc. 6, 399 (2004), for capacities in series.
package struct WellChain: ThermalRate {
  package enum Order: Sendable {
    /// Langer's formula for each hop.
    case harmonic
    /// With the first correction in T.
    case firstCorrection
  }

  /// Each well but the last, with the saddles (in parallel) to the next one.
  package let hops: [LangerRate]
  /// Δ, where the row repeats itself behind the start.
  package let drop: Double?
  package let order: Order
  /// Where the clock stops, in words.
  package let clockStop: String

  /// - Throws: `InvalidInput` without a hop, for a drop that is not positive (τ is infinite), or where a
  ///   correction is asked for but not known.
  package init(
    _ hops: [LangerRate], repeatingWithDrop drop: Double? = nil, order: Order = .harmonic,
    clockStop: String = "the product well"
  ) throws {
    try Require.atLeast(1, "number of hops in a row of wells", hops.count)
    if let drop { try Require.positive("drop of the energy from one period to the next", drop) }
    if order == .firstCorrection {
      for hop in hops {
        for state in [hop.minimum] + hop.saddles.map(\.state) where state.correction == nil {
          throw InvalidInput(
            "the first correction in T is not known at the state of energy \(state.energy): it needs third and fourth derivatives, no zero modes (there are \(state.zeroModes)) and at most \(HarmonicState.largestCorrectedDimension) parameters (there are \(state.dimension)); use Langer's formula without it"
          )
        }
      }
    }
    self.hops = hops
    self.drop = drop
    self.order = order
    self.clockStop = clockStop
  }

  package var name: String {
    let base =
      drop != nil
      ? "Langer, with returns" : hops.count > 1 ? "Langer, wells in series" : "Langer"
    return order == .harmonic ? base : base + ", first correction"
  }

  /// One term Z_j/C_i of τ, in logarithms, with the shares of the saddles in C_i.
  private struct Term {
    let logTime: Double
    let apparentBarrier: Double
    let correction: FirstCorrection?
  }

  private func terms(temperature: Double) -> [Term] {
    let isCorrected = order == .firstCorrection
    // ln Σ_n e^{−nΔ/T} and its derivative in 1/T.
    var behind = (log: 0.0, slope: 0.0)
    if let drop {
      behind.log = -log(-expm1(-drop / temperature))
      behind.slope = -drop / expm1(drop / temperature)
    }
    return hops.indices.flatMap { j in
      hops[j...].map { hop in
        let well = hops[j].minimum
        let rates = hop.saddles.map {
          $0.logRate(from: well, temperature: temperature, corrected: isCorrected)
        }
        let total = logSumExp(rates)
        let shares = rates.map { exp($0 - total) }
        let slope = zip(shares, hop.saddles).reduce(0) {
          $0 + $1.0
            * $1.1.apparentBarrier(from: well, temperature: temperature, corrected: isCorrected)
        }
        return Term(
          logTime: -total + (j == 0 ? behind.log : 0),
          apparentBarrier: slope + (j == 0 ? behind.slope : 0),
          correction: FirstCorrection(
            zip(shares, hop.saddles).map { ($0, $1.correction(from: well)) }))
      }
    }
  }

  /// ln τ at temperature T.
  package func logMeanFirstPassageTime(temperature: Double) -> Double {
    logSumExp(terms(temperature: temperature).map(\.logTime))
  }

  /// The mean of c over the terms of τ, with the size of the next coefficient; nil where it is not known.
  package func correction(temperature: Double) -> FirstCorrection? {
    let terms = terms(temperature: temperature)
    let total = logSumExp(terms.map(\.logTime))
    return FirstCorrection(terms.map { (exp($0.logTime - total), $0.correction) })
  }

  /// ΔE: the most that one has to climb from a well to a saddle further on.
  package var barrierHeight: Double {
    hops.indices.flatMap { j in
      hops[j...].map { $0.saddles.map(\.state.energy).min()! - hops[j].minimum.energy }
    }.max()!
  }

  package func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let terms = terms(temperature: temperature)
    let logTime = logSumExp(terms.map(\.logTime))
    let slope = terms.reduce(0) { $0 + exp($1.logTime - logTime) * $1.apparentBarrier }
    let first = hops[0].minimum
    var criteria: [Validity] = [.barrier(barrierHeight, temperature: temperature)]
    if let correction = correction(temperature: temperature) {
      criteria.append(
        order == .harmonic
          ? .harmonic(correction, temperature: temperature)
          : .corrected(correction, temperature: temperature))
    } else {
      criteria.append(
        .entropy(
          modes: first.curvatures.count, barrierHeight: barrierHeight, temperature: temperature))
    }
    for hop in hops {
      for state in [hop.minimum] + hop.saddles.map(\.state) {
        criteria += state.criteria(temperature: temperature)
      }
    }
    criteria.append(.timeScales(logTime: logTime, relaxationRate: first.softestCurvature))
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: logTime,
      clockStop: clockStop, logPrefactor: logTime - barrierHeight / temperature,
      apparentBarrier: slope, validity: .all(criteria))
  }
}
