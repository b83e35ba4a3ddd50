public import Escapes
public import Landscapes
public import LangevinDynamics
public import NumericalMethods

/// SGD on fresh samples, B of them a step, of any landscape that can draw one:
///
/// ```
/// θ ← θ − h[(1/B) Σ_b ∇ℓ(θ; z_b) + βθ]
/// ```
///
/// with momentum where the settings have it. There are no epochs: no sample comes twice.
public struct OnlineSGD<Landscape: SampledLandscape>: LaneProcess {
  public let landscape: Landscape
  public let settings: SGDSettings

  /// - Parameter settings: the sampling does not matter.
  public init(_ landscape: Landscape, settings: SGDSettings) {
    self.landscape = landscape
    self.settings = settings
  }

  @inlinable public var dimension: Int { landscape.dimension }
  @inlinable public var stateCount: Int { settings.motionCount(dimension) }
  @inlinable public var scratchCount: Int { dimension + landscape.sampleScratchCount }
  @inlinable public var laneScratchCount: Int { dimension + landscape.sampleLaneScratchCount }
  @inlinable public var timeStep: Double { settings.learningRate }

  public func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch gradient: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<dimension { gradient[i] = landscape.weightDecay * state[i] }
    let weight = 1 / Double(settings.batchSize)
    for _ in 0..<settings.batchSize {
      landscape.addSampleGradient(
        at: state, weight: weight, to: gradient, random: random, scratch: gradient + dimension)
    }
    settings.descend(state, along: gradient, dimension: dimension)
  }

  @inlinable
  public func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch gradient: UnsafeMutablePointer<Vector>
  ) {
    let dimension = dimension
    let decay = Vector(repeating: landscape.weightDecay)
    for i in 0..<dimension { gradient[i] = decay * state[i] }
    let weight = Vector(repeating: 1 / Double(settings.batchSize))
    for _ in 0..<settings.batchSize {
      landscape.addSampleGradient(
        lanes: state, weight: weight, to: gradient, random: &random, scratch: gradient + dimension)
    }
    settings.descend(lanes: state, along: gradient, dimension: dimension)
  }
}

extension OnlineSGD {
  /// First passages from the start of an escape in this landscape into its target.
  ///
  /// - Parameters:
  ///   - stride: steps between two looks at the order parameter.
  ///   - cap: the time at which a run is censored.
  /// - Throws: `InvalidInput` where the cap is not positive.
  @inlinable
  public func passages<Parameter>(
    of escape: WellEscape<Landscape, Parameter>, cap: Double, stride: Int = 1
  ) throws -> PassageEnsemble {
    PassageEnsemble(
      try FirstPassage(
        process: self, start: escape.start, target: escape.target, cap: cap, stride: stride))
  }
}
