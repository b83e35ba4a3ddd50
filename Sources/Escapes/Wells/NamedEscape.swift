public import Landscapes
import NumericalMethods

/// The escapes of textbooks, by name.
public enum NamedEscape: String, CaseIterable, Sendable {
  case doubleWell = "double-well"
  case tiltedDoubleWell = "tilted-double-well"
  case washboard
  case mullerBrown = "muller-brown"

  /// - Parameter tilt: c of the tilted double well, or F of the washboard.
  /// - Throws: `InvalidInput` where the tilt leaves no second minimum.
  public func escape(tilt: Double = 0.1) throws -> any Escape {
    switch self {
    case .doubleWell: WellEscape.doubleWell
    case .tiltedDoubleWell: try WellEscape.tiltedDoubleWell(tilt: tilt)
    case .washboard: try WellEscape.washboard(force: tilt)
    case .mullerBrown: WellEscape.mullerBrown
    }
  }
}

extension WellEscape where Landscape == QuarticDoubleWell, Parameter == Coordinate {
  /// From −1 to +1 in E = x⁴/4 − x²/2: ΔE = 1/4.
  public static var doubleWell: WellEscape {
    WellEscape(
      QuarticDoubleWell(), start: [-1], product: [1], target: .coordinate(0, above: 1),
      name: NamedEscape.doubleWell.rawValue,
      stopDescription: "x reaches +1, the other minimum, from −1", clockStop: "the other minimum",
      behind: .wall(at: -8), knownBarrierHeight: 0.25, timeStep: 0.005, saddleGuess: [0])
  }

  /// The same with the term +cx, from the left minimum to the right one.
  ///
  /// - Throws: `InvalidInput` unless |c| < 2/(3√3), beyond which there is one minimum.
  public static func tiltedDoubleWell(tilt: Double) throws -> WellEscape {
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
    return WellEscape(
      landscape, start: [left], product: [right], target: .coordinate(0, above: right),
      name: NamedEscape.tiltedDoubleWell.rawValue,
      stopDescription:
        "x reaches \(sixDigits(right)), the right minimum, from \(sixDigits(left))",
      clockStop: "the other minimum", behind: .wall(at: -8),
      knownBarrierHeight: landscape.energy(at: [saddle]) - landscape.energy(at: [left]),
      timeStep: 0.005, saddleGuess: [saddle])
  }
}

extension WellEscape where Landscape == PeriodicWashboard, Parameter == Coordinate {
  /// One period 2π forwards in E = −cos x − Fx.
  ///
  /// - Throws: `InvalidInput` unless |F| < 1, beyond which there is no minimum.
  public static func washboard(force: Double) throws -> WellEscape {
    guard abs(force) < 1 else {
      throw InvalidInput(
        "force F must be smaller than the amplitude 1 for minima, but is \(force)")
    }
    let landscape = PeriodicWashboard(amplitude: 1, force: force)
    let minimum = try root(
      of: { landscape.gradient(at: [$0])[0] }, in: -1.570796...1.570796, while: "the minimum")
    return WellEscape(
      landscape, start: [minimum], product: [minimum + 2 * Double.pi],
      target: .coordinate(0, above: minimum + 2 * Double.pi),
      name: NamedEscape.washboard.rawValue,
      stopDescription: "x advances by one period 2π to the next minimum",
      clockStop: "the next minimum",
      behind: .repetition(period: 2 * Double.pi, drop: 2 * Double.pi * force),
      knownBarrierHeight:
        landscape.energy(at: [Double.pi - minimum]) - landscape.energy(at: [minimum]),
      timeStep: 0.005, saddleGuess: [Double.pi - minimum])
  }
}

extension WellEscape where Landscape == MullerBrown, Parameter == Distance {
  /// From the deepest minimum of the Müller–Brown surface over the intermediate one to the far one.
  public static var mullerBrown: WellEscape {
    let product = [0.623499404930877, 0.028037758528687]
    return WellEscape(
      MullerBrown(), start: [-0.558223634633024, 1.441725841804669], product: product,
      target: .ball(around: product, radius: 0.1), name: NamedEscape.mullerBrown.rawValue,
      stopDescription:
        "the point comes within 0.1 of the minimum (0.6235, 0.0280), from (−0.5582, 1.4417)",
      clockStop: "the far minimum", behind: nil, knownBarrierHeight: nil, timeStep: 1e-5,
      saddleGuess: [-0.822001558732732, 0.624312802814871])
  }
}
