import Landscapes
import NumericalMethods

/// A state of rest of a network with too many weights for a dense Hessian: its energy, and the extreme eigenvalues of its
/// Hessian and of the covariance C of its samples' gradients.
public struct WideState: Sendable {
  /// θ.
  public let point: [Double]
  /// E.
  public let energy: Double
  /// |∇E|.
  public let gradientNorm: Double
  /// The lowest distinct ω, ascending.
  public let lowest: [Double]
  /// The highest distinct ω, descending.
  public let highest: [Double]
  /// The largest error that a listed ω may have.
  public let residual: Double
  /// The highest distinct eigenvalues of C, descending.
  public let noise: [Double]
  /// tr C.
  public let noiseTrace: Double
  /// The unit vector of the lowest ω.
  let lowestMode: [Double]

  /// |ω| up to this share of the largest is soft: neither stable nor unstable as far as the state is known.
  public static let softShare = 1e-3

  /// How many of the listed ω are negative, soft ones apart; an eigenvalue that the Hessian has several times counts once.
  public var stiffIndex: Int { lowest.count { $0 < -softCut } }

  /// |ω| of soft modes.
  public var softCut: Double { Self.softShare * max(abs(highest[0]), abs(lowest[0])) }

  /// How much lower E may be at rest: |∇E|²/2ω were all of the gradient along the softest mode, soft ones apart.
  public var energyUncertainty: Double {
    let softest = max(softCut, lowest.map(abs).min()!)
    return 0.5 * gradientNorm * gradientNorm / softest
  }

  private static let modes = 6

  init(_ landscape: some NetworkLandscape, at point: [Double]) throws {
    let extremes = try ExtremeEigenvalues(
      of: SymmetricOperator(hessianOf: landscape, at: point), lowest: Self.modes,
      highest: Self.modes, tolerance: 1e-5, maximumSteps: 200, seed: 1)
    let samples = try landscape.sampleGradients(at: point)
    let noise = try ExtremeEigenvalues(
      of: samples.covariance, lowest: 0, highest: Self.modes, tolerance: 1e-6, maximumSteps: 200,
      seed: 1)
    self.point = point
    energy = landscape.energy(at: point)
    gradientNorm = norm(landscape.gradient(at: point))
    lowest = extremes.lowest.map(\.value)
    highest = extremes.highest.map(\.value)
    residual = (extremes.lowest + extremes.highest).map(\.residual).max()!
    noiseTrace = samples.trace
    self.noise = noise.highest.map(\.value).filter { $0 > 1e-14 * samples.trace }
    lowestMode = extremes.lowest[0].vector
  }
}
