import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Langer's formula (Eyring–Kramers), overdamped with unit mobility, in D dimensions with zero modes.
///
/// ```
/// k = Σ_saddles m (|ω₋|/2π) (V_s/V_m) (2πT)^{(n_m−n_s)/2} √(Π′ω_min / Π′|ω_sad|) e^{−ΔE/T}
/// d ln τ/d(1/T) = ΔE − (n_s − n_m)T/2, weighted by the share of each saddle
/// ```
///
/// where the products run over non-zero curvatures, n counts zero modes, V is the volume of the orbit
/// of equivalent points and m the multiplicity. Each zero mode trades a Gaussian factor √(2πT/ω) for a
/// length, so flat directions at the saddle make the escape faster, by T^{−1/2} each; they do not
/// multiply the slope. A rotation between the two (``SoftRotation``) has its circle in place of the Gaussian.
///
/// Everything is kept in logarithms. Leading relative error cT, with the c of ``WellChain``; where c is not
/// known, of the order of T/ΔE per mode, see ``Validity``.
///
/// Source: J. S. Langer, Ann. Phys. (N.Y.) 54, 258 (1969), doi:10.1016/0003-4916(69)90153-5; a
/// review without zero modes: N. Berglund, Markov Process. Relat. Fields 19, 459 (2013), arXiv:1106.5799.
package struct LangerRate: ThermalRate {
  package let minimum: HarmonicState
  package let saddles: [LangerSaddle]

  /// - Throws: `InvalidInput` where the minimum has a negative curvature, a saddle another dimension or
  ///   an energy not above the minimum's, or a residual force makes an energy uncertain by more than
  ///   1 % of ΔE.
  package init(minimum: HarmonicState, saddles: [LangerSaddle]) throws {
    guard minimum.index == 0 else {
      throw InvalidInput(
        "the minimum has \(minimum.index) negative curvatures, the lowest \(minimum.curvatures[0]); relax it further or pass another point"
      )
    }
    try Require.atLeast(1, "number of saddles", saddles.count)
    for saddle in saddles.map(\.state) {
      guard saddle.dimension == minimum.dimension else {
        throw InvalidInput(
          "the minimum has \(minimum.dimension) parameters, but a saddle has \(saddle.dimension); take both from one landscape"
        )
      }
      let barrier = saddle.energy - minimum.energy
      guard barrier > 0 else {
        throw InvalidInput(
          "the saddle at E = \(saddle.energy) is not above the minimum at E = \(minimum.energy); pass the minimum that lies below it"
        )
      }
      for (name, state) in [("minimum", minimum), ("saddle", saddle)] {
        let error = 0.5 * state.gradientNorm * state.gradientNorm / state.softestCurvature
        guard error <= 0.01 * barrier else {
          throw InvalidInput(
            "the gradient at the \(name) is \(state.gradientNorm), which makes its energy uncertain by \(brief(error)), but ΔE is \(brief(barrier)); relax the point further"
          )
        }
      }
    }
    self.minimum = minimum
    self.saddles = saddles
  }

  package var name: String { "Langer" }

  /// ΔE over the lowest saddle.
  package var barrierHeight: Double { saddles.map(\.state.energy).min()! - minimum.energy }

  /// ln k at temperature T.
  package func logRate(temperature: Double) -> Double {
    logSumExp(saddles.map { $0.logRate(from: minimum, temperature: temperature) })
  }

  /// The share of each saddle in the rate; the shares sum to 1.
  package func shares(temperature: Double) -> [Double] {
    let total = logRate(temperature: temperature)
    return saddles.map { exp($0.logRate(from: minimum, temperature: temperature) - total) }
  }

  /// ln τ = −ln k at temperature T.
  package func logMeanFirstPassageTime(temperature: Double) -> Double {
    -logRate(temperature: temperature)
  }

  /// d ln τ/d(1/T) at temperature T.
  package func apparentBarrier(temperature: Double) -> Double {
    zip(shares(temperature: temperature), saddles).reduce(0) {
      $0 + $1.0 * $1.1.apparentBarrier(from: minimum, temperature: temperature)
    }
  }

  /// Whether the first correction in T is known at every state.
  package var isCorrectable: Bool {
    ([minimum] + saddles.map(\.state)).allSatisfy { $0.correction != nil }
  }

  /// c, the coefficient of the first correction in T, weighted by the share of each saddle; nil where it is
  /// not known.
  package func correction(temperature: Double) -> FirstCorrection? {
    FirstCorrection(
      zip(shares(temperature: temperature), saddles).map { ($0, $1.correction(from: minimum)) })
  }

  package func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let logTime = logMeanFirstPassageTime(temperature: temperature)
    // A saddle that carries less than 1 % of the rate cannot spoil it.
    let relevant = zip(shares(temperature: temperature), saddles).filter { $0.0 >= 0.01 }.map(\.1)
    let correction = correction(temperature: temperature)
    var criteria: [Validity] = [.barrier(barrierHeight, temperature: temperature)]
    if let correction {
      criteria.append(.harmonic(correction, temperature: temperature))
    } else {
      criteria.append(
        .entropy(
          modes: minimum.curvatures.count, barrierHeight: barrierHeight, temperature: temperature))
    }
    criteria += minimum.criteria(temperature: temperature)
    criteria.append(.timeScales(logTime: logTime, relaxationRate: minimum.softestCurvature))
    var notes = [String]()
    for saddle in relevant {
      let state = saddle.state
      criteria += state.criteria(temperature: temperature)
      // The correction knows how far the barrier is from a parabola; without it the width has to tell.
      if correction == nil {
        if let distance = saddle.distance {
          criteria.append(
            .barrierWidth(
              unstableCurvature: saddle.unstableCurvature, distance: distance,
              temperature: temperature))
        } else {
          let width = (temperature / -saddle.unstableCurvature).squareRoot()
          notes.append(
            "the barrier is \(brief(width)) wide (√(T/|ω₋|)), to be small against the distance between minimum and saddle"
          )
        }
      }
      let copies = exp(state.logVolume - minimum.logVolume) * Double(saddle.multiplicity)
      if state.zeroModes == 0, minimum.zeroModes == 0, copies > 1.5 {
        notes.append(
          "\(copies < 1e6 ? "\(Int(copies.rounded()))" : brief(copies)) equivalent saddles lead out of the minimum, and each is counted"
        )
      }
      if state.zeroModes != minimum.zeroModes {
        notes.append(
          "\(state.zeroModes) zero modes at the saddle and \(minimum.zeroModes) at the minimum: τ carries a factor T^\(brief(0.5 * Double(state.zeroModes - minimum.zeroModes)))"
        )
      }
    }
    return RatePrediction(
      theory: name, noise: .temperature(temperature), logMeanFirstPassageTime: logTime,
      clockStop: "the product well", logPrefactor: logTime - barrierHeight / temperature,
      apparentBarrier: apparentBarrier(temperature: temperature), validity: .all(criteria),
      notes: notes)
  }
}
