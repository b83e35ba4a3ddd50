public import EscapeStatistics
public import Landscapes
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The local learning coefficient of a minimum, by Langevin dynamics:
///
/// ```
/// λ̂ = n β* (⟨E⟩ − E(w*)),   ⟨·⟩ over exp(−U),   U(w) = n β* E(w) + (γ/2)‖w − w*‖²,   β* = 1/ln n
/// ```
///
/// n is the number of samples, E their mean loss and n β* an inverse temperature: E is sampled at T = 1/(n β*). It
/// counts how the volume of low loss around w* grows: λ = D/2 where the minimum is regular, less where it is
/// degenerate. Exactly, for a finite n:
///
/// - a quadratic minimum of curvatures ω gives λ̂ = ½ Σ n β*ω/(n β*ω + γ), which is D/2 for γ → 0;
/// - E = Σ c|w_i|^k gives D/k for γ → 0;
/// - E = (xy)² gives ½ up to terms in 1/ln(n β*), since its multiplicity is 2.
///
/// What keeps w near w* is γ: with γ = 0 flat directions run away. Dynamics is that of ``LeimkuhlerMatthews`` with
/// gradients of all samples (SGLD in the limit of whole batches), exact in a harmonic well at any stable time step. The
/// time step has ω dt ≈ ½ for the largest curvature ω of U that a pilot meets.
///
/// The interval is that of the mean over chains, by Student's law; it holds where each chain forgot its start, which
/// ``drift`` and ``time`` tell: flat directions relax within 1/γ.
///
/// Source: E. Lau, Z. Furman, G. Wang, D. Murfet and S. Wei, The local learning coefficient, AISTATS (2025),
/// arXiv:2308.12108; S. Watanabe, J. Mach. Learn. Res. 14, 867 (2013), for β* = 1/ln n.
public struct LocalLearningCoefficient: Sendable {
  /// What is chosen.
  public struct Settings: Sendable {
    /// n β*, an inverse temperature; E is sampled at its inverse.
    public var inverseTemperature: Double
    /// γ.
    public var localisation: Double
    /// Independent chains; at least two.
    public var chains: Int
    /// Of each chain, the first half of which is dropped.
    public var steps: Int
    /// Of every random stream.
    public var seed: UInt64
    /// Of the interval.
    public var level: Double
    /// Threads; results do not depend on it.
    public var threads: Int?

    /// Settings for n samples at β*; β* = 1/ln n where it is nil.
    ///
    /// - Throws: `InvalidInput` where a number makes no sense.
    public init(
      samples: Int, inverseTemperature: Double? = nil, localisation: Double = 1, chains: Int = 4,
      steps: Int = 4000, seed: UInt64, level: Double = 0.95, threads: Int? = nil
    ) throws {
      try Require.atLeast(2, "number of samples of a learning coefficient", samples)
      if let inverseTemperature {
        try Require.positive("inverse temperature β*", inverseTemperature)
      }
      try Require.nonNegative("localisation γ", localisation)
      try Require.atLeast(2, "number of chains", chains)
      try Require.atLeast(16, "number of steps of a chain", steps)
      try Require.fraction("confidence level", level)
      // 1/ln 2 is above 1: as cold as the samples are.
      self.inverseTemperature =
        Double(samples) * (inverseTemperature ?? min(1, 1 / log(Double(samples))))
      self.localisation = localisation
      self.chains = chains
      self.steps = steps
      self.seed = seed
      self.level = level
      self.threads = threads
    }
  }

  /// λ̂ with its interval.
  public let estimate: Estimate
  /// Of each chain.
  public let chains: [Double]
  /// dt.
  public let timeStep: Double
  /// Of a chain, steps × dt; flat directions relax within 1/γ.
  public let time: Double
  /// How far the last quarter of the chains is above the third, in standard errors.
  public let drift: Double
  /// n β*.
  public let inverseTemperature: Double

  /// - Parameter point: w*.
  /// - Throws: `NumericalFailure` where no time step is found that keeps the chains finite.
  public init(
    of landscape: some EnergyLandscape, at point: [Double], settings: Settings
  ) throws {
    let tethered = TetheredLandscape(
      landscape, factor: settings.inverseTemperature, stiffness: settings.localisation,
      centre: point)
    var dt = try Self.timeStep(of: tethered, at: point, settings)
    var halves = try Self.excess(of: landscape, tethered, at: point, timeStep: dt, settings)
    // Steep places that the pilot did not come to throw a chain out.
    for _ in 0..<2 where !halves.allSatisfy({ $0.third.isFinite && $0.last.isFinite }) {
      dt /= 4
      halves = try Self.excess(of: landscape, tethered, at: point, timeStep: dt, settings)
    }
    guard halves.allSatisfy({ $0.third.isFinite && $0.last.isFinite }) else {
      throw NumericalFailure(
        "the chains of the learning coefficient ran away at the time step \(sixDigits(dt)); use a larger localisation"
      )
    }
    chains = halves.map { ($0.third + $0.last) / 2 }
    let differences = Self.meanAndError(halves.map { $0.last - $0.third })
    drift = differences.error > 0 ? differences.mean / differences.error : 0
    let (mean, error) = Self.meanAndError(chains)
    let width =
      error
      * Distributions.studentQuantile(
        (1 + settings.level) / 2, degreesOfFreedom: Double(settings.chains - 1))
    estimate = Estimate(
      value: mean, lower: mean - width, upper: mean + width, level: settings.level,
      method: "mean over \(settings.chains) chains of Langevin dynamics, Student's law",
      events: nil, censored: nil)
    timeStep = dt
    time = dt * Double(settings.steps)
    inverseTemperature = settings.inverseTemperature
  }

  /// n β*(⟨E⟩ − E(w*)) of each chain, over the third quarter of its steps and over the last.
  private static func excess<Base: EnergyLandscape>(
    of landscape: Base, _ tethered: TetheredLandscape<Base>, at point: [Double],
    timeStep dt: Double, _ settings: Settings
  ) throws -> [(third: Double, last: Double)] {
    let process = try LeimkuhlerMatthews(landscape: tethered, temperature: 1, timeStep: dt)
    let origin = landscape.energy(at: point)
    let stride = 4
    return parallelMap(count: settings.chains, threads: settings.threads) { chain in
      let key = StreamKey(seed: settings.seed, purpose: .dynamics, cell: 1, replica: chain)
      let extra = RandomSource(
        StreamKey(seed: settings.seed, purpose: .probes, cell: 1, replica: chain))
      var walker = Walker(process, at: point, key: key)
      var sums = (third: 0.0, last: 0.0)
      var counts = (third: 0.0, last: 0.0)
      let amplitude = 0.5 * (2 * dt).squareRoot()
      while walker.steps < settings.steps {
        walker.step(stride)
        guard walker.steps > settings.steps / 2 else { continue }
        // The stationary law is that of the mid-points.
        let energy = landscape.energy(at: walker.position.map { $0 + amplitude * extra.normal() })
        if walker.steps <= 3 * settings.steps / 4 {
          sums.third += energy - origin
          counts.third += 1
        } else {
          sums.last += energy - origin
          counts.last += 1
        }
      }
      let scale = settings.inverseTemperature
      return (scale * sums.third / counts.third, scale * sums.last / counts.last)
    }
  }

  private static func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (sum / (n - 1) / n).squareRoot())
  }

  /// dt with ω dt ≤ ½ for the largest curvature at w* and where short chains come to.
  private static func timeStep(
    of landscape: TetheredLandscape<some EnergyLandscape>, at point: [Double], _ settings: Settings
  ) throws -> Double {
    func curvature(_ place: [Double]) throws -> Double {
      try ExtremeEigenvalues(
        of: SymmetricOperator(hessianOf: landscape, at: place), lowest: 1, highest: 1,
        tolerance: 0.01, maximumSteps: 20, seed: settings.seed
      ).largestMagnitude
    }
    func step(_ curvature: Double) -> Double { curvature > 0 ? 0.5 / curvature : 0.5 }
    var dt = step(try curvature(point))
    for _ in 0..<40 {
      let process = try LeimkuhlerMatthews(landscape: landscape, temperature: 1, timeStep: dt)
      var steepest = 0.0
      var isFinite = true
      for chain in 0..<2 where isFinite {
        var walker = Walker(
          process, at: point,
          key: StreamKey(seed: settings.seed, purpose: .dynamics, cell: 2, replica: chain))
        walker.step(100)
        let position = walker.position
        isFinite = position.allSatisfy { $0.isFinite && abs($0) < 1e100 }
        if isFinite { steepest = max(steepest, (try? curvature(position)) ?? .infinity) }
      }
      guard isFinite, steepest.isFinite else {
        dt /= 4
        continue
      }
      if steepest * dt <= 0.75 { return dt }
      dt = step(steepest)
    }
    throw NumericalFailure(
      "no time step keeps the chains of the learning coefficient finite; use a larger localisation"
    )
  }
}

/// c·E(w) + (γ/2)‖w − w*‖².
struct TetheredLandscape<Base: EnergyLandscape>: EnergyLandscape {
  let base: Base
  let factor: Double
  let stiffness: Double
  let centre: [Double]

  init(_ base: Base, factor: Double, stiffness: Double, centre: [Double]) {
    self.base = base
    self.factor = factor
    self.stiffness = stiffness
    self.centre = centre
  }

  var dimension: Int { base.dimension }
  var scratchCount: Int { base.scratchCount }

  func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var square = 0.0
    for i in centre.indices { square += (point[i] - centre[i]) * (point[i] - centre[i]) }
    return factor * base.energy(at: point, scratch: scratch) + 0.5 * stiffness * square
  }

  func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let energy = base.gradient(at: point, into: gradient, scratch: scratch)
    var square = 0.0
    for i in centre.indices {
      let shift = point[i] - centre[i]
      gradient[i] = factor * gradient[i] + stiffness * shift
      square += shift * shift
    }
    return factor * energy + 0.5 * stiffness * square
  }

  func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    zip(base.hessianVectorProduct(at: point, along: direction), direction).map {
      factor * $0 + stiffness * $1
    }
  }
}
