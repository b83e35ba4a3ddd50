import Escapes
import Foundation
import KramersRates
import Landscapes
import LangevinDynamics
import NumericalMethods

/// An escape in a landscape known by name: where it starts and where the clock stops.
public struct NamedEscape: Sendable {
  public enum Name: String, CaseIterable, Sendable {
    case doubleWell = "double-well"
    case tiltedDoubleWell = "tilted-double-well"
    case washboard
    case mullerBrown = "muller-brown"
  }

  public let name: String
  public let stopDescription: String
  /// dt of Langevin dynamics that keeps the O(dt) bias near a per cent.
  public let defaultTimeStep: Double
  /// ΔE where it is known in closed form.
  public let barrierHeight: Double?
  package let landscape: any EnergyLandscape
  /// The minimum that is left.
  package let start: [Double]
  /// Near the saddle that limits the escape.
  let saddleGuess: [Double]
  /// The minimum that is reached.
  package let product: [Double]
  private let target: Target
  /// What lies behind the start, in one dimension.
  package let behind: Behind?

  /// What lies behind the start, which decides whether and how often an escape comes back.
  package enum Behind {
    /// A wall; the point where it may be taken to reflect.
    case wall(at: Double)
    /// The same again: the period, and the drop of the energy from one period to the next one forwards.
    case repetition(period: Double, drop: Double)
  }

  private enum Target {
    case above(Double)
    case ball(centre: [Double], radius: Double)
  }

  /// - Parameters:
  ///   - tilt: c of the tilted double well, or F of the washboard.
  public init(_ name: Name, tilt: Double = 0.1) throws {
    self.name = name.rawValue
    switch name {
    case .doubleWell:
      landscape = QuarticDoubleWell()
      start = [-1]
      saddleGuess = [0]
      product = [1]
      target = .above(1)
      behind = .wall(at: -8)
      stopDescription = "x reaches +1, the other minimum, from −1"
      defaultTimeStep = 0.005
      barrierHeight = 0.25
    case .tiltedDoubleWell:
      let landscape = QuarticDoubleWell(tilt: tilt)
      let limit = 2 / (3 * 3.0.squareRoot())
      guard abs(tilt) < limit else {
        throw InvalidInput(
          "tilt must be smaller than 2/(3√3) = \(limit) in size for two minima, but is \(tilt)")
      }
      let slope = { landscape.gradient(at: [$0])[0] }
      let turn = (1 / 3.0).squareRoot()
      let left = try root(of: slope, in: -2...(-turn), while: "the left minimum")
      let saddle = try root(of: slope, in: -turn...turn, while: "the saddle")
      let right = try root(of: slope, in: turn...2, while: "the right minimum")
      self.landscape = landscape
      start = [left]
      saddleGuess = [saddle]
      product = [right]
      target = .above(right)
      behind = .wall(at: -8)
      stopDescription =
        "x reaches \(Table.format(right)), the right minimum, from \(Table.format(left))"
      defaultTimeStep = 0.005
      barrierHeight = landscape.energy(at: [saddle]) - landscape.energy(at: [left])
    case .washboard:
      guard abs(tilt) < 1 else {
        throw InvalidInput(
          "force F must be smaller than the amplitude 1 for minima, but is \(tilt)")
      }
      let landscape = PeriodicWashboard(amplitude: 1, force: tilt)
      let minimum = try root(
        of: { landscape.gradient(at: [$0])[0] }, in: -1.570796...1.570796, while: "the minimum")
      self.landscape = landscape
      start = [minimum]
      saddleGuess = [Double.pi - minimum]
      product = [minimum + 2 * Double.pi]
      target = .above(minimum + 2 * Double.pi)
      behind = .repetition(period: 2 * Double.pi, drop: 2 * Double.pi * tilt)
      stopDescription = "x advances by one period 2π to the next minimum"
      defaultTimeStep = 0.005
      barrierHeight =
        landscape.energy(at: [Double.pi - minimum]) - landscape.energy(at: [minimum])
    case .mullerBrown:
      landscape = MullerBrown()
      start = [-0.558223634633024, 1.441725841804669]
      saddleGuess = [-0.822001558732732, 0.624312802814871]
      product = [0.623499404930877, 0.028037758528687]
      target = .ball(centre: product, radius: 0.1)
      behind = nil
      stopDescription =
        "the point comes within 0.1 of the minimum (0.6235, 0.0280), from (−0.5582, 1.4417)"
      defaultTimeStep = 1e-5
      barrierHeight = nil
    }
  }

  /// Overdamped Langevin dynamics.
  public func langevin(temperature: Double, timeStep: Double, cap: Double) throws -> PassageEnsemble
  {
    try Require.positive("temperature T", temperature)
    // Named one by one, so that the inner loops are compiled for each.
    switch landscape {
    case let landscape as QuarticDoubleWell:
      return try open(landscape, temperature: temperature, timeStep: timeStep, cap: cap)
    case let landscape as PeriodicWashboard:
      return try open(landscape, temperature: temperature, timeStep: timeStep, cap: cap)
    case let landscape as MullerBrown:
      return try open(landscape, temperature: temperature, timeStep: timeStep, cap: cap)
    default: return try open(landscape, temperature: temperature, timeStep: timeStep, cap: cap)
    }
  }

  private func open<Landscape: EnergyLandscape>(
    _ landscape: Landscape, temperature: Double, timeStep: Double, cap: Double
  ) throws -> PassageEnsemble {
    let process = try OverdampedLangevin(
      landscape: landscape, temperature: temperature, timeStep: timeStep)
    switch target {
    case .above(let threshold):
      return PassageEnsemble(
        try FirstPassage(
          process: process, start: start, target: TargetSet(Coordinate(0), .above, threshold),
          cap: cap))
    case .ball(let centre, let radius):
      return PassageEnsemble(
        try FirstPassage(
          process: process, start: start, target: TargetSet(Distance(to: centre), .below, radius),
          cap: cap))
    }
  }

  /// τ by quadrature, where the landscape is one-dimensional; infinite where the clock never stops on
  /// average.
  public func exactMeanFirstPassageTime(temperature: Double) throws -> Double? {
    try exactLogMeanFirstPassageTime(temperature: temperature).map { exp($0) }
  }

  /// ln τ of ``exactMeanFirstPassageTime(temperature:)``.
  func exactLogMeanFirstPassageTime(temperature: Double) throws -> Double? {
    try Require.positive("temperature T", temperature)
    guard let behind, case .above(let threshold) = target else { return nil }
    let landscape = self.landscape
    let (end, isPeriodic): (Double, Bool) =
      switch behind {
      case .wall(let place): (place, false)
      case .repetition(let period, _): (start[0] - period, true)
      }
    if neverStops != nil { return .infinity }
    return try OneDimensionalProblem(
      start: start[0], reflecting: end, absorbing: threshold, isPeriodic: isPeriodic,
      slope: { landscape.gradient(at: [$0])[0] }, diffusion: { _ in temperature }
    ).logMeanFirstPassageTime()
  }

  /// Why the mean time is infinite, where it is.
  var neverStops: String? {
    guard case .repetition(_, let drop) = behind, drop <= 0 else { return nil }
    return drop < 0
      ? "the force pulls backwards: some runs never advance by a period, so the mean time is infinite"
      : "without a force the steps forwards and backwards balance: every run advances by a period in the end, but the mean time is infinite"
  }
}
