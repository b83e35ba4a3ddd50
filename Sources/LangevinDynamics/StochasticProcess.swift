public import NumericalMethods

/// One step of a Markov state with its own noise.
///
/// Ensembles and first-passage code know only this: overdamped Langevin dynamics and real minibatch SGD
/// are the same to them. The state is one flat buffer of doubles, the first D of them the position θ, so
/// that copying the buffer copies the process.
public protocol StochasticProcess: Sendable {
  /// D, the number of parameters at the front of the state.
  var dimension: Int { get }

  /// The length of the whole Markov state (position, velocity, order of samples, …).
  var stateCount: Int { get }

  /// How many doubles of scratch memory `step` needs.
  var scratchCount: Int { get }

  /// The time t that one step takes (dt, or the learning rate h).
  var timeStep: Double { get }

  /// The variance per step of each coordinate where the noise is additive, Gaussian and isotropic; nil
  /// elsewhere. It lets first passages between two steps be seen (a Brownian bridge).
  var coordinateVariance: Double? { get }

  /// Completes the state from a start point already written into its first D numbers.
  func prepare(_ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource)

  /// Advances the state by one step.
  func step(
    _ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource,
    scratch: UnsafeMutablePointer<Double>)
}

extension StochasticProcess {
  public var stateCount: Int { dimension }
  public var coordinateVariance: Double? { nil }
  public func prepare(_ state: UnsafeMutablePointer<Double>, random: borrowing RandomSource) {}
}
