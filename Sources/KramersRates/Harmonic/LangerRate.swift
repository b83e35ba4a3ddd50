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
/// multiply the slope.
///
/// Everything is kept in logarithms. Leading relative error: some (3/8)T/ΔE per mode; see ``Validity``.
///
/// Source: J. S. Langer, Ann. Phys. (N.Y.) 54, 258 (1969), doi:10.1016/0003-4916(69)90153-5; a
/// review without zero modes: N. Berglund, Markov Process. Relat. Fields 19, 459 (2013), arXiv:1106.5799.
public struct LangerRate: RateTheory {
  public let minimum: HarmonicState
  public let saddles: [LangerSaddle]

  /// - Throws: ``InvalidInput`` where the minimum has a negative curvature, a saddle another dimension or
  ///   an energy not above the minimum's, or a residual force makes an energy uncertain by more than
  ///   1 % of ΔE.
  public init(minimum: HarmonicState, saddles: [LangerSaddle]) throws {
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

  public var name: String { "Langer" }

  /// ΔE over the lowest saddle.
  public var barrierHeight: Double { saddles.map(\.state.energy).min()! - minimum.energy }

  /// ln k over one saddle.
  private func logRate(over saddle: LangerSaddle, temperature: Double) -> Double {
    let state = saddle.state
    let curvatures =
      minimum.curvatures.reduce(0) { $0 + log($1) }
      - state.curvatures.reduce(0) { $0 + log(abs($1)) }
    return log(-saddle.unstableCurvature / (2 * Double.pi)) + log(Double(saddle.multiplicity))
      + state.logVolume - minimum.logVolume
      + 0.5 * Double(minimum.zeroModes - state.zeroModes) * log(2 * Double.pi * temperature)
      + 0.5 * curvatures - (state.energy - minimum.energy) / temperature
  }

  /// ln k at temperature T.
  public func logRate(temperature: Double) -> Double {
    logSumExp(saddles.map { logRate(over: $0, temperature: temperature) })
  }

  /// The share of each saddle in the rate; the shares sum to 1.
  public func shares(temperature: Double) -> [Double] {
    let total = logRate(temperature: temperature)
    return saddles.map { exp(logRate(over: $0, temperature: temperature) - total) }
  }

  /// ln τ = −ln k at temperature T.
  public func logMeanFirstPassageTime(temperature: Double) -> Double {
    -logRate(temperature: temperature)
  }

  /// d ln τ/d(1/T) at temperature T.
  public func apparentBarrier(temperature: Double) -> Double {
    // d ln T/d(1/T) = −T
    zip(shares(temperature: temperature), saddles).reduce(0) { sum, pair in
      let state = pair.1.state
      let entropic = 0.5 * Double(state.zeroModes - minimum.zeroModes) * temperature
      return sum + pair.0 * (state.energy - minimum.energy - entropic)
    }
  }

  public func prediction(temperature: Double) throws -> RatePrediction {
    try Require.positive("temperature", temperature)
    let logTime = logMeanFirstPassageTime(temperature: temperature)
    // A saddle that carries less than 1 % of the rate cannot spoil it.
    let relevant = zip(shares(temperature: temperature), saddles).filter { $0.0 >= 0.01 }.map(\.1)
    let softest = minimum.softestCurvature
    var criteria: [Validity] = [
      .barrier(barrierHeight, temperature: temperature),
      .entropy(
        modes: minimum.curvatures.count, barrierHeight: barrierHeight, temperature: temperature),
      .residualForce(minimum.gradientNorm, curvature: softest, temperature: temperature),
      .zeroModeGap(largestZero: minimum.largestZeroCurvature, smallestNonZero: softest),
      .timeScales(logTime: logTime, relaxationRate: softest),
    ]
    var notes = [String]()
    for saddle in relevant {
      let state = saddle.state
      criteria += [
        .residualForce(
          state.gradientNorm, curvature: state.softestCurvature, temperature: temperature),
        .zeroModeGap(
          largestZero: state.largestZeroCurvature, smallestNonZero: state.softestCurvature),
      ]
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
