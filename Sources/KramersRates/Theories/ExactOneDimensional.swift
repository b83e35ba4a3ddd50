public import Escapes
import Landscapes
import NumericalMethods

/// The exact mean first-passage time under white noise in one dimension, by quadrature:
/// τ = ∫_{x₀}^{b} dy e^{Φ(y)} ∫_{r}^{y} dz e^{−Φ(z)}/D(z), Φ(x) = ∫ E′/D.
public struct ExactOneDimensional: RateTheory {
  public let name = "exact 1-D"
  public var exactness: Exactness? { .exact }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature else { return nil }
    if let neverStops = escape.neverStops {
      return .absorbing(
        theory: name, noise: noise.strength, clockStop: escape.clockStop, reason: neverStops)
    }
    guard try escape.oneDimensionalProblem(temperature: temperature) != nil else { return nil }
    let (exact, slope) = try slope(at: temperature) {
      try escape.oneDimensionalProblem(temperature: $0)!.logMeanFirstPassageTime()
    }
    let barrier = try escape.passes()[0].forwardBarrier
    return RatePrediction(
      theory: name, noise: noise.strength, logMeanFirstPassageTime: exact,
      clockStop: escape.clockStop, logPrefactor: exact - barrier / temperature,
      apparentBarrier: slope, validity: .valid)
  }
}

extension Escape {
  /// τ under white noise of temperature T by quadrature, in units of t; infinite where the clock never stops
  /// on average, nil unless the landscape and the target are one-dimensional.
  ///
  /// - Throws: `InvalidInput` unless T > 0.
  public func exactMeanFirstPassageTime(temperature: Double) throws -> Double? {
    try Require.positive("temperature T", temperature)
    if neverStops != nil { return .infinity }
    return try oneDimensionalProblem(temperature: temperature)?.meanFirstPassageTime()
  }

  /// The escape under white noise, as a problem in one dimension.
  func oneDimensionalProblem(temperature: Double) throws -> OneDimensionalProblem? {
    guard landscape.dimension == 1, target.parameter.coordinate == 0, neverStops == nil else {
      return nil
    }
    let (end, isPeriodic): (Double, Bool)
    switch behind {
    case .wall(let place): (end, isPeriodic) = (place, false)
    case .repetition(let period, _): (end, isPeriodic) = (start[0] - period, true)
    case nil:
      guard let wall = try wall(temperature: temperature) else { return nil }
      (end, isPeriodic) = (wall, false)
    }
    let landscape = self.landscape
    return OneDimensionalProblem(
      start: start[0], reflecting: end, absorbing: target.threshold, isPeriodic: isPeriodic,
      slope: { landscape.gradient(at: [$0])[0] }, diffusion: { _ in temperature })
  }

  /// Where, behind the start, the energy stands 50 T above the saddle: nothing gets there. nil where it does
  /// not rise so far within 10⁶ distances from start to product.
  private func wall(temperature: Double) throws -> Double? {
    let saddle = try passes().map(\.saddle.energy).max()!
    let direction = start[0] - product[0]
    var step = 0.125
    while step <= 1e6 {
      let place = start[0] + step * direction
      if landscape.energy(at: [place]) >= saddle + 50 * temperature { return place }
      step *= 1.25
    }
    return nil
  }
}
