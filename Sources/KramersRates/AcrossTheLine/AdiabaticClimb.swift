import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The climb along a feature's balanced line under minibatch SGD, with the weights across the line in the stationary
/// state of every point: they have covariance Σ(s) = O(h/B) and push the feature down.
///
/// ```
/// A(s) = −E′(1 + hE″/2) − ½ tr[H′Σ],     HΣ + ΣH − hHΣH = εC,    ε = h/B
/// 0 = A(s)φ + ε⁻¹ ln⟨exp(−εφ(u − ū))⟩,   Φ′(s) = φ,              u the per-sample gradient along the line
/// ```
///
/// H and C across the line are closed blocks (``TransverseBlock``): only weights that touch the lost feature see it
/// move. With the covariance alone φ is −A/D, D = εC_ss/2; all cumulants of the batch are in the logarithm. τ is then
/// the exact passage time of a process with the drift −φD and the diffusion D.
///
/// Derivation: zero probability current in s of the quasi-stationary density gives Φ′ = −⟨b_s⟩/⟨D_ss⟩ exactly, averages
/// at fixed s; b_s is expanded to second order in the weights across the line, whose density is taken to be that of
/// a point held still. What is left out: that they lag behind the climb, and that a climb selects those that help.
struct AdiabaticClimb: Sendable {
  let line: BalancedLine
  let moments: ResidualMoments
  /// λ^{1/L} of the features that stay learned.
  let learned: [Double]
  let learningRate: Double
  let noiseScale: Double
  /// Points along s, ascending.
  let arcLengths: [Double]
  /// −E′(s), the landscape's force.
  private(set) var landscapeForces = [Double]()
  /// −½ tr[H′Σ] of every part, in the order of `parts`, at every point.
  private(set) var partForces = [[Double]]()
  /// A(s).
  private(set) var drifts = [Double]()
  /// D(s).
  private(set) var diffusions = [Double]()
  /// Φ′(s).
  private(set) var slopes = [Double]()
  /// The stiffest curvature across the line between saddle and minimum.
  private(set) var stiffestCurvature = 0.0
  /// The largest variance of a weight's direction across the line there, as a share of a².
  private(set) var largestSpread = 0.0

  /// What pushes: each learned feature, then each feature that is not learned, then inputs and outputs without one.
  enum Part: Sendable, Equatable {
    case learned(feature: Int)
    case unlearned(feature: Int)
    case featurelessInputs
    case featurelessOutputs
  }
  let parts: [Part]

  /// - Parameters:
  ///   - learned: λ^{1/L} of the features that stay learned, strongest first; as many as the lost one's number.
  ///   - count: of points.
  /// - Throws: `NumericalFailure` where the weights across the line are not stable.
  init(
    line: BalancedLine, moments: ResidualMoments, learned: [Double], learningRate h: Double,
    noiseScale: Double, count: Int = 160
  ) throws {
    let mode = line.mode
    let root = Double(mode.depth).squareRoot()
    let upper = min(line.reflecting, line.minimum + 0.25 * root)
    arcLengths = (0..<count).map {
      line.absorbing + (upper - line.absorbing) * Double($0) / Double(count - 1)
    }
    self.line = line
    self.moments = moments
    self.learned = learned
    learningRate = h
    self.noiseScale = noiseScale
    parts =
      moments.others.indices.map {
        $0 < learned.count ? .learned(feature: $0) : .unlearned(feature: $0 + 1)
      } + [.featurelessInputs, .featurelessOutputs]
    for s in arcLengths {
      let blocks = try LinePoint(line, at: s, moments: moments).blocks(learned: learned)
      var forces = [Double]()
      for block in blocks {
        let state: (covariance: Matrix, stiffest: Double)
        do {
          state = try block.stationaryCovariance(noiseScale: noiseScale, learningRate: h)
        } catch let error as UnstableAcross {
          guard s < line.saddle || s > line.minimum else {
            throw error.failure(singularValue: mode.singularValue(arcLength: s))
          }
          // Off the climb: what pushes there matters little.
          forces.append(partForces.last.map { $0[forces.count] } ?? 0)
          continue
        }
        forces.append(-0.5 * block.multiplicity * trace(block.slope, state.covariance))
        if s >= line.saddle, s <= line.minimum, block.multiplicity > 0 {
          stiffestCurvature = max(stiffestCurvature, state.stiffest)
          let widest = try state.covariance.symmetricEigensystem().values.last ?? 0
          largestSpread = max(largestSpread, widest / (s / root * s / root))
        }
      }
      partForces.append(forces)
      let drift = -line.slope(s) * (1 + 0.5 * h * line.curvature(s)) + forces.reduce(0, +)
      let diffusion = 0.5 * noiseScale * moments.noise.covariance(of: mode, arcLength: s)
      landscapeForces.append(-line.slope(s))
      drifts.append(drift)
      diffusions.append(diffusion)
      // The logarithm of the moment holds the loss's part of −E′φ; the rest of A is added.
      do {
        // Its parabola has the root at −A/D.
        let guess = -drift / diffusion
        let shift = drift + line.slope(s)
        slopes.append(
          abs(guess) < 1e-9
            ? guess
            : try rootBesideZero(
              of: { alongTheLine($0, at: s) + shift * $0 }, from: guess,
              within: 1e6 * abs(guess), at: s, while: "the effective slope"))
      } catch is OneSidedNoise where s > line.minimum {
        // Above the minimum all batches may push down, where no climb leads.
        slopes.append(-drift / diffusion)
      }
    }
  }

  /// ε⁻¹ ln⟨exp(−εφu)⟩ − φβs: the line's own part of the condition on Φ′, with all cumulants.
  func alongTheLine(_ phi: Double, at s: Double) -> Double {
    let lambda = line.mode.singularValue(arcLength: s)
    return moments.logMoment(noiseScale * phi * line.lever(s), lambda) / noiseScale
      - phi * line.mode.weightDecay * s
  }

  /// Where A vanishes: the saddle and the minimum under this noise; nil where no barrier is left.
  var trap: (saddle: Double, minimum: Double)? {
    var zeros = [(s: Double, isStable: Bool)]()
    for i in 1..<arcLengths.count where drifts[i - 1] * drifts[i] < 0 {
      let t = drifts[i - 1] / (drifts[i - 1] - drifts[i])
      zeros.append(
        (arcLengths[i - 1] + t * (arcLengths[i] - arcLengths[i - 1]), drifts[i - 1] > 0))
    }
    guard let stable = zeros.lastIndex(where: \.isStable), stable > 0 else { return nil }
    return (zeros[stable - 1].s, zeros[stable].s)
  }

  /// ΔΦ = ∫ Φ′ ds from the saddle to the minimum under this noise, taken positive; nil where there is none.
  func barrier() throws -> Double? {
    guard let trap else { return nil }
    let spline = try CubicSpline(arcLengths, slopes)
    let steps = 400
    let width = (trap.minimum - trap.saddle) / Double(steps)
    return -(0..<steps).reduce(0) { $0 + spline(trap.saddle + (Double($1) + 0.5) * width) } * width
  }

  /// The largest force left between saddle and minimum, as a share of the landscape's.
  var forceLeft: Double { drifts.max()! / landscapeForces.max()! }

  /// ln of the mean passage time from the minimum of the landscape.
  ///
  /// - Parameter slopes: Φ′ at every point, those of this climb where it is left out.
  func logMeanFirstPassageTime(slopes: [Double]? = nil) throws -> Double {
    let force = try CubicSpline(arcLengths, zip(slopes ?? self.slopes, diffusions).map { $0 * $1 })
    let diffusion = try CubicSpline(arcLengths, diffusions)
    return try OneDimensionalProblem(
      start: line.minimum, reflecting: arcLengths.last!, absorbing: line.absorbing,
      slope: { force($0) }, diffusion: { diffusion($0) }
    ).logMeanFirstPassageTime(tolerance: 1e-6)
  }
}
