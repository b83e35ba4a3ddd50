import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The criteria applied to numbers; their limits and reasons are ``Criterion``'s.

extension Validity {
  /// ΔE/T: valid from 4, marginal from 2.
  ///
  /// In the quartic double well the leading relative error (3/8)·T/ΔE is 9 % at ΔE/T = 4 and 19 % at 2,
  /// the whole one 14 % and 25 %; below 2 escape is no rare event.
  static func barrier(_ barrierHeight: Double, temperature: Double) -> Validity {
    judge(
      .barrier, temperature / barrierHeight,
      "ΔE/T is \(brief(barrierHeight / temperature)), but the formula wants at least 4")
  }

  /// The number of modes times T/ΔE, where the first correction is not known: valid up to 0.1, marginal up to
  /// 0.7.
  ///
  /// Each mode contributes up to about 0.9 T/ΔE (Müller–Brown surface: exact/Langer is 1.08 to 1.39 for
  /// 2T/ΔE = 0.094 to 0.38), so the error is some 10 % at 0.1 and a factor 2 at 0.7. A harmonic well holds
  /// the energy nT/2 on average: where that exceeds ΔE (n T/ΔE = 2) a typical point of the well lies above the
  /// saddle and escape is entropic, faster than the harmonic formula by orders of magnitude.
  static func entropy(
    modes: Int, barrierHeight: Double, temperature: Double
  ) -> Validity {
    let load = Double(modes) * temperature / barrierHeight
    return judge(
      .entropy, load,
      "the number of modes \(modes) times T/ΔE is \(brief(load)), but the formula wants at most 0.1"
    )
  }

  /// A harmonic formula whose first correction is known: |cT| and the next term together are its error in
  /// ln τ; valid up to 0.1, marginal up to ln 2.
  static func harmonic(_ correction: FirstCorrection, temperature: Double) -> Validity {
    let shift = correction.coefficient * temperature
    let next = correction.nextCoefficient * temperature * temperature
    return judge(
      .harmonic, abs(shift) + next,
      "the first correction to ln τ is cT = \(brief(shift)) and the next about \(brief(next)), but the formula leaves them out"
    )
  }

  /// A formula with the first correction: the next term, about 3(cT)², is its error in ln τ; valid up to 0.1,
  /// marginal up to ln 2.
  static func corrected(_ correction: FirstCorrection, temperature: Double) -> Validity {
    let next = correction.nextCoefficient * temperature * temperature
    return judge(
      .corrected, next,
      "the first correction to ln τ is \(brief(correction.coefficient * temperature)), so the next is about \(brief(next))"
    )
  }

  /// Returns: how much longer the time of a net passage is than that of a single hop, the ratio minus 1; valid
  /// up to 0.1, marginal up to 0.5, which leaves room for the formula's own error.
  static func returns(excess: Double) -> Validity {
    judge(
      .returns, excess,
      excess.isFinite
        ? "hops back make the net passage \(brief(1 + excess)) times as long, which a single hop leaves out"
        : "hops back are as frequent as hops forwards or more, so the net passage has no finite mean time"
    )
  }

  /// How far down the other side the clock stops: the fall ΔE of the energy from the saddle to that point over
  /// T, valid from 1 and else marginal.
  ///
  /// Of the integral ∫e^{E/T} over a parabolic barrier the share ½ erfc √(ΔE/T) lies beyond that point and
  /// does not count: 8 % at 1, at most a half.
  static func productWell(depth: Double, temperature: Double) -> Validity {
    judge(
      .productWell, temperature / depth,
      "the clock stops where the energy has fallen by only \(brief(depth / temperature)) T from the saddle, before the barrier is passed"
    )
  }

  /// The number of negative modes of a saddle: valid for exactly one.
  static func index(_ negativeModes: Int) -> Validity {
    judge(
      .index, Double(abs(negativeModes - 1)),
      "the saddle has index \(negativeModes), but the formula needs index 1")
  }

  /// The residual force at a supposed stationary point: valid up to g²/(2ωT) = 0.01, marginal up to 0.1.
  ///
  /// A point with gradient g misses the stationary one by g/ω and its energy by g²/(2ω), ω the smallest
  /// non-zero |curvature|: an error of g²/(2ωT) in ln τ.
  static func residualForce(
    _ gradientNorm: Double, curvature: Double, temperature: Double
  ) -> Validity {
    let error = 0.5 * gradientNorm * gradientNorm / (abs(curvature) * temperature)
    return judge(
      .residualForce, error,
      "a residual force of \(brief(gradientNorm)) makes ln τ uncertain by \(brief(error)), so relax the point further"
    )
  }

  /// T/(|ω₋|ℓ²), the squared thermal width of the barrier in units of the distance ℓ from minimum to
  /// saddle: valid up to 0.1, marginal up to 0.3.
  ///
  /// The saddle's correction is E⁗T/8ω₋² + 5E‴²T/24|ω₋|³ ≈ T/(3|ω₋|ℓ²) if E‴ ≈ ω₋/ℓ and E⁗ ≈ ω₋/ℓ²
  /// (quartic double well: 3/4 instead of 1/3).
  static func barrierWidth(
    unstableCurvature: Double, distance: Double, temperature: Double
  ) -> Validity {
    let ratio = temperature / (abs(unstableCurvature) * distance * distance)
    return judge(
      .barrierWidth, ratio,
      "the thermal width of the barrier is \(brief(ratio.squareRoot())) of the distance between minimum and saddle, so the barrier is no parabola where it is crossed"
    )
  }

  /// The separation of time scales τ·ω, ω the slowest relaxation rate in the well: valid from 100,
  /// marginal from 10.
  ///
  /// The escape is memoryless only after the well has been sampled, for which it takes about 1/ω.
  static func timeScales(logTime: Double, relaxationRate: Double) -> Validity {
    let logSeparation = logTime + log(relaxationRate)
    return judge(
      .timeScales, exp(-logSeparation),
      "the escape takes only \(brief(exp(logSeparation))) relaxation times, so the well is not sampled before it is left"
    )
  }

  /// The gap between the largest |ω| taken for a zero mode and the smallest kept: valid from a ratio of
  /// 100, marginal from 10.
  ///
  /// Symmetry makes zero modes exact; what is left of them is error of the Hessian.
  static func zeroModeGap(largestZero: Double, smallestNonZero: Double) -> Validity {
    judge(
      .zeroModes, abs(largestZero) / abs(smallestNonZero),
      "a zero mode has the curvature \(brief(largestZero)) and the softest other mode \(brief(smallestNonZero)), so the zero modes are not separated"
    )
  }
}
