import Escapes
import Landscapes
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// The criteria applied to numbers; their limits and reasons are ``Criterion``'s.

extension Validity {
  /// `Criterion/barrier` of ΔE/T.
  static func barrier(_ barrierHeight: Double, temperature: Double) -> Validity {
    judge(
      .barrier, temperature / barrierHeight,
      "ΔE/T is \(brief(barrierHeight / temperature)), but the formula wants at least \(brief(1 / Criterion.barrier.limits!.valid))"
    )
  }

  /// `Criterion/entropy` of the modes of the well, where the first correction is not known. A harmonic well
  /// holds the energy nT/2 on average, n the number of modes.
  static func entropy(
    modes: Int, barrierHeight: Double, temperature: Double
  ) -> Validity {
    let load = Double(modes) * temperature / barrierHeight
    return judge(
      .entropy, load,
      "the number of modes \(modes) times T/ΔE is \(brief(load)), but the formula wants at most \(brief(Criterion.entropy.limits!.valid))"
    )
  }

  /// ``Criterion/harmonic`` of a formula that leaves out a first correction that is known.
  static func harmonic(_ correction: FirstCorrection, temperature: Double) -> Validity {
    let shift = correction.coefficient * temperature
    let next = correction.nextCoefficient * temperature * temperature
    return judge(
      .harmonic, abs(shift) + next,
      "the first correction to ln τ is cT = \(brief(shift)) and the next about \(brief(next)), but the formula leaves them out"
    )
  }

  /// `Criterion/corrected` of a formula with the first correction.
  static func corrected(_ correction: FirstCorrection, temperature: Double) -> Validity {
    let next = correction.nextCoefficient * temperature * temperature
    return judge(
      .corrected, next,
      "the first correction to ln τ is \(brief(correction.coefficient * temperature)), so the next is about \(brief(next))"
    )
  }

  /// `Criterion/returns`.
  ///
  /// - Parameter excess: the time of a net passage over that of a single hop, less 1.
  static func returns(excess: Double) -> Validity {
    judge(
      .returns, excess,
      excess.isFinite
        ? "hops back make the net passage \(brief(1 + excess)) times as long, which a single hop leaves out"
        : "hops back are as frequent as hops forwards or more, so the net passage has no finite mean time"
    )
  }

  /// `Criterion/productWell`.
  ///
  /// - Parameter depth: how far the energy falls from the saddle to where the clock stops.
  static func productWell(depth: Double, temperature: Double) -> Validity {
    judge(
      .productWell, temperature / depth,
      "the clock stops where the energy has fallen by only \(brief(depth / temperature)) T from the saddle, before the barrier is passed"
    )
  }

  /// ``Criterion/index`` of a saddle.
  static func index(_ negativeModes: Int) -> Validity {
    judge(
      .index, Double(abs(negativeModes - 1)),
      "the saddle has index \(negativeModes), but the formula needs index 1")
  }

  /// `Criterion/residualForce` at a supposed stationary point.
  ///
  /// - Parameter curvature: the smallest non-zero one.
  static func residualForce(
    _ gradientNorm: Double, curvature: Double, temperature: Double
  ) -> Validity {
    let error = 0.5 * gradientNorm * gradientNorm / (abs(curvature) * temperature)
    return judge(
      .residualForce, error,
      "a residual force of \(brief(gradientNorm)) makes ln τ uncertain by \(brief(error)), so relax the point further"
    )
  }

  /// `Criterion/barrierWidth`: the squared thermal width of the barrier, in units of the distance ℓ.
  static func barrierWidth(
    unstableCurvature: Double, distance: Double, temperature: Double
  ) -> Validity {
    let ratio = temperature / (abs(unstableCurvature) * distance * distance)
    return judge(
      .barrierWidth, ratio,
      "the thermal width of the barrier is \(brief(ratio.squareRoot())) of the distance between minimum and saddle, so the barrier is no parabola where it is crossed"
    )
  }

  /// `Criterion/timeScales` of τ and the slowest relaxation rate in the well.
  static func timeScales(logTime: Double, relaxationRate: Double) -> Validity {
    let logSeparation = logTime + log(relaxationRate)
    return judge(
      .timeScales, exp(-logSeparation),
      "the escape takes only \(brief(exp(logSeparation))) relaxation times, so the well is not sampled before it is left"
    )
  }

  /// ``Criterion/zeroModes``.
  static func zeroModeGap(largestZero: Double, smallestNonZero: Double) -> Validity {
    judge(
      .zeroModes, abs(largestZero) / abs(smallestNonZero),
      "a zero mode has the curvature \(brief(largestZero)) and the softest other mode \(brief(smallestNonZero)), so the zero modes are not separated"
    )
  }

  /// `Criterion/inertia` of momentum on a balanced line.
  ///
  /// A mass m in overdamped time, mẍ + ẋ = −E′ + √(2D)ξ, has the action ∫(mẍ + ẋ + E′)²/4D dt. On the least path
  /// of m = 0, ẋ = E′, it is larger by m∫E′E″/D dx = ½m∫E′² D′/D² dx at first order in m; D = εC/2.
  static func inertia(
    of settings: SGDSettings, on line: BalancedLine, noise: ModeNoise
  ) throws -> Validity {
    let mass = HeavyBall(settings).mass
    let growth = mass * abs(line.curvature(line.saddle))
    let change =
      growth + mass / settings.noiseScale * abs(try line.noiseGradientIntegral(noise))
    return judge(
      .inertia, change,
      "momentum \(brief(settings.momentum)) is inertia here, not only the larger learning rate h/(1 − μ): hμω/(1 − μ)² is \(brief(growth)) at the saddle, which changes ln τ by about \(brief(change)); lower the learning rate or the momentum"
    )
  }

  /// ``Criterion/epochs`` of sampling without replacement on a balanced line; the growth of ln τ is that of
  /// `BalancedLine/epochImpulse(_:)`.
  static func epochs(
    of settings: SGDSettings, samples: Int, on line: BalancedLine, noise: ModeNoise
  ) throws -> Validity {
    let length =
      settings.effectiveLearningRate * Double(settings.stepsPerEpoch(of: samples))
    let curvature = min(line.curvature(line.minimum), abs(line.curvature(line.saddle)))
    let growth = try 2 * line.epochImpulse(noise) / (settings.noiseScale * length)
    return judge(
      .epochs, growth,
      "batches are drawn by epochs, over which their noise sums to zero: an epoch lasts hNω/B\(settings.momentum > 0 ? "(1 − μ)" : "") = \(brief(length * curvature)) relaxation times of the slow direction, which at leading order adds \(brief(growth)) to ln τ; draw batches with replacement"
    )
  }

  /// ``Criterion/barrierLeft`` under the noise across a line.
  static func barrierLeft(_ barrier: Double) -> Validity {
    judge(
      .barrierLeft, 1 / barrier,
      "the noise across the line leaves a barrier of \(brief(barrier)), but an escape wants at least \(brief(1 / Criterion.barrierLeft.limits!.valid)); choose a smaller h/B or β"
    )
  }

  /// ``Criterion/forceLeft``.
  ///
  /// - Parameter share: what is left, at its largest.
  static func forceLeft(_ share: Double) -> Validity {
    judge(
      .forceLeft, 1 - share,
      "the noise across the line takes \(twoDigits(100 * (1 - share))) % of the force that keeps the feature, of which only the first order in h/B is known"
    )
  }

  /// ``Criterion/memory`` of the weights across a line.
  static func memory(_ change: Double) -> Validity {
    judge(
      .memory, abs(change),
      "carrying the other weights along changes τ by the factor \(brief(exp(change))), so the next order may count"
    )
  }

  /// ``Criterion/effectiveSamples``; valid for an endless supply.
  static func effectiveSamples(_ share: Double, of count: Int?) -> Validity {
    guard let count else { return .valid }
    let effective = share * Double(count)
    return judge(
      .effectiveSamples, 1 / effective,
      "a climb weighs the \(count) samples so that only \(brief(effective)) count; choose a smaller h/B"
    )
  }

  /// ``Criterion/samplesPerWeight``; valid for an endless supply.
  static func samplesPerWeight(_ weights: Int, of count: Int?) -> Validity {
    guard let count else { return .valid }
    return judge(
      .samplesPerWeight, Double(weights) / Double(count),
      "\(count) samples are few for the \(weights) weights that touch the feature (2d = \(2 * weights)), so averages over them as a climb weighs them are unreliable; use more samples, or fewer inputs"
    )
  }

  /// ``Criterion/spreadAcross``.
  static func spreadAcross(_ share: Double) -> Validity {
    judge(
      .spreadAcross, share,
      "a soft direction across the line has a variance of \(brief(share)) a², so it is no small fluctuation; choose a smaller h/B"
    )
  }

  /// ``Criterion/stiffAcross``.
  static func stiffAcross(_ product: Double) -> Validity {
    judge(
      .stiffAcross, product,
      "h times the largest curvature across the line is \(brief(product)); lower the learning rate")
  }

  /// ``Criterion/softNoise``.
  static func softNoise(_ share: Double) -> Validity {
    judge(
      .softNoise, share,
      "modes across the path too soft to settle before an escape carry noise (\(brief(share)) of that along the path): the state wanders among nearly equal ones, and the time depends on where it started"
    )
  }

  /// ``Criterion/cut``.
  static func cut(_ change: Double) -> Validity {
    judge(
      .cut, abs(change),
      "leaving out modes softer than ten times the cut changes τ by the factor \(brief(exp(change)))"
    )
  }

  /// ``Criterion/pathBarrier``.
  static func pathBarrier(_ excess: Double) -> Validity {
    judge(
      .pathBarrier, abs(excess),
      "the path's barrier is \(brief(1 + excess)) times that of its saddle, so it is not the way over it"
    )
  }

  /// `Criterion/agreement` with a more exact theory.
  ///
  /// - Parameters:
  ///   - logRatio: ln of its τ over the one that is judged.
  ///   - allowed: the error of ln τ that it leaves room for itself.
  static func agreement(logRatio: Double, allowed: Double, with theory: String) -> Validity {
    judge(
      .agreement, -expm1(-max(0, abs(logRatio) - allowed)),
      "\(theory), which is more exact, gives \(brief(exp(logRatio))) times this τ")
  }

  /// ``Criterion/overdamped`` of a formula without inertia.
  static func overdamped(unstableCurvature: Double, friction: Double) -> Validity {
    let ratio = (-unstableCurvature).squareRoot() / friction
    let factor = 0.5 + (0.25 + ratio * ratio).squareRoot()
    return judge(
      .overdamped, log(factor),
      "at this friction, \(brief(1 / ratio)) times the unstable frequency at the saddle, inertia lengthens the time by a factor \(brief(factor)) or more"
    )
  }

  /// `Criterion/softRotations` of rotations that each have their own angular integral.
  static func softRotations(_ rotations: [SoftRotation], temperature: Double) -> Validity {
    var error = 0.0
    for (i, one) in rotations.enumerated() {
      for other in rotations[..<i] where one.sharesDirection(with: other) {
        let z = (one.height / (2 * temperature), other.height / (2 * temperature))
        error += min(log(0.5 * Double.pi), 1 / (32 * z.0 * z.1))
      }
    }
    return judge(
      .softRotations, error,
      "several soft rotations turn one feature, each as if it were alone, which makes ln τ uncertain by \(brief(error))"
    )
  }
}
