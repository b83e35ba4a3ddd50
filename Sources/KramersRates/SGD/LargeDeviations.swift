import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The gradient noise of minibatch SGD never pushes against the drift at some point of the balanced line, so
/// the line cannot be climbed past it however long one waits.
package struct OneSidedNoise: Error, CustomStringConvertible, Equatable, Sendable {
  /// s, where this was found.
  package let arcLength: Double

  package var description: String {
    "the gradient noise pushes one way only at s = \(brief(arcLength)) on the balanced line: no batch climbs towards the saddle there, so the state is never left along the line"
  }
}

/// The root other than zero of a convex condition that vanishes at zero: the tilt at which all cumulants of a batch
/// balance. 0 where there is none beside it.
///
/// - Parameters:
///   - start: on the root's side of zero; the search goes out from there until the condition is positive, and then in.
///   - limit: of its size.
/// - Throws: ``OneSidedNoise`` where none is found within the limit.
func rootBesideZero(
  of condition: (Double) -> Double, from start: Double, within limit: Double, at s: Double,
  while what: String
) throws -> Double {
  var outer = start
  while condition(outer) < 0 {
    outer *= 2
    guard abs(outer) < limit else { throw OneSidedNoise(arcLength: s) }
  }
  // Where the moment diverges before the condition turns positive, halve back to a finite value.
  var inner = 0.0
  while !condition(outer).isFinite {
    let middle = 0.5 * (inner + outer)
    if condition(middle) < 0 { inner = middle } else { outer = middle }
    if abs(outer - inner) < 1e-14 * abs(outer) { return outer }
  }
  // A bracket whose inner end lies in the trough, away from the root at zero.
  var trough = 0.5 * outer
  while condition(trough) >= 0 {
    outer = trough
    trough *= 0.5
    guard abs(trough) > 1e-9 * abs(start) else { return 0 }
  }
  return try root(
    of: condition, in: min(trough, outer)...max(trough, outer), while: "\(what) at s = \(s)")
}

extension BalancedLine {
  /// The exact exponent of minibatch SGD on the balanced line as h → 0 at fixed B, all cumulants of the
  /// gradient noise included:
  ///
  /// ```
  /// ln τ ≈ (B/h) ∫ θ(s) ds,   ⟨e^{−θ g(s)}⟩ = 1,   g(s) = √L a^{L−1}(λ x_r² − y_r x_r) + βs
  /// ```
  ///
  /// from saddle to minimum, θ(s) the root other than zero and g the per-sample gradient along the line.
  /// A diffusion with the same covariance C gives θ ≈ 2E′/C, the quasi-potential; that holds only for
  /// E′² ≪ C. The difference does not vanish with h, because a rare escape is made by tilting whole
  /// batches, not by many small Gaussian kicks.
  ///
  /// - Parameter logMoment: ln⟨exp(c(y_r x_r − λ x_r²))⟩ over samples, as a function of c and λ;
  ///   non-finite where it diverges.
  /// - Throws: ``OneSidedNoise`` where no second root exists.
  ///
  /// Source: Cramér's theorem with Freidlin and Wentzell's action for small steps, Random Perturbations of
  /// Dynamical Systems, 3rd ed., section 5.2.
  package func largeDeviationBarrier(
    logMoment: @escaping (_ c: Double, _ lambda: Double) -> Double
  ) throws -> Double {
    func tilt(_ s: Double) throws -> Double {
      let slope = slope(s)
      guard slope != 0 else { return 0 }
      let lambda = mode.singularValue(arcLength: s)
      let lever = lever(s)
      func condition(_ theta: Double) -> Double {
        logMoment(theta * lever, lambda) - theta * mode.weightDecay * s
      }
      // Zero at θ = 0 with derivative −E′: the other root has the sign of E′.
      return try rootBesideZero(
        of: condition, from: slope > 0 ? 1e-3 : -1e-3, within: 1e6, at: s,
        while: "the large-deviation exponent")
    }
    // θ is smooth in s: Gauss–Legendre would do; Simpson's rule on 65 points is enough for 1e-7.
    let intervals = 64
    let width = (minimum - saddle) / Double(intervals)
    var sum = 0.0
    for i in 1..<intervals {
      sum += (i % 2 == 1 ? 4 : 2) * (try tilt(saddle + Double(i) * width))
    }
    // At both ends E′ = 0 and θ = 0.
    return -sum * width / 3
  }

  /// ln⟨exp(c(yx − λx²))⟩ for Gaussian data y = ηx + √(1−η²)ξ: −½ ln(1 − 2c(η − λ) − c²(1 − η²)), and
  /// +∞ where the mean diverges.
  package static func gaussianLogMoment(
    singularValue eta: Double
  ) -> @Sendable (Double, Double) -> Double {
    { c, lambda in
      let argument = 1 - 2 * c * (eta - lambda) - c * c * (1 - eta * eta)
      return argument > 0 ? -0.5 * log(argument) : .infinity
    }
  }

  /// The same over finite data: `products` holds y_r x_r and x_r² of every sample.
  package static func sampleLogMoment(
    products: [(cross: Double, square: Double)]
  ) -> @Sendable (Double, Double) -> Double {
    { c, lambda in
      logSumExp(products.map { c * ($0.cross - lambda * $0.square) }) - log(Double(products.count))
    }
  }
}
