public import Landscapes
import NumericalMethods

/// The escape from one minimum of a landscape to another.
///
/// ```swift
/// let escape = try WellEscape(
///   landscape, from: [-1, 0], to: [1, 0], reaching: .ball(around: [1, 0], radius: 0.3), name: "my wells")
/// ```
public struct WellEscape<Landscape: EnergyLandscape, Parameter: OrderParameter>: Escape {
  public let name: String
  public let landscape: Landscape
  public let start: [Double]
  public let product: [Double]
  public let target: TargetSet<Parameter>
  public let stopDescription: String
  public let clockStop: String
  public let behind: Behind?
  public let knownBarrierHeight: Double?
  public let timeStep: Double
  public let memo = Memo()
  /// Near the saddle that limits the escape, where that is known.
  private let saddleGuess: [Double]?

  /// - Parameters:
  ///   - start, product: points near the two minima; they are relaxed to them.
  ///   - target: where the clock stops; the product lies in it and the start does not.
  ///   - name: a word or two, for headings.
  ///   - behind: what lies behind the start, in one dimension; by default a wall, wherever the energy has
  ///     risen enough.
  ///   - timeStep: dt of Langevin dynamics; by default a hundredth of the fastest relaxation time at either
  ///     minimum.
  /// - Throws: `InvalidInput` where a point does not fit or relaxes to no minimum, both relax to the same,
  ///   the product lies outside of the target or the start in it.
  public init(
    _ landscape: Landscape, from start: [Double], to product: [Double],
    reaching target: TargetSet<Parameter>, name: String = "the landscape", behind: Behind? = nil,
    timeStep: Double? = nil
  ) throws {
    let left = try landscape.minimum(near: start, called: "start")
    let right = try landscape.minimum(near: product, called: "product")
    let distance = distance(left.point, right.point)
    guard distance > 1e-6 * (1 + norm(left.point)) else {
      throw InvalidInput(
        "start and product relax to the same minimum (E = \(left.energy)), so there is nothing to escape to; give points of two basins"
      )
    }
    let (before, after) = (
      target.parameter.value(at: left.point), target.parameter.value(at: right.point)
    )
    guard target.distance(before) > 0 else {
      throw InvalidInput(
        "the start has order parameter \(before), which is already \(target.side.rawValue) the threshold \(target.threshold); start elsewhere or move the threshold"
      )
    }
    // A threshold at the minimum itself is common; relaxing it moves it by roundoff.
    guard target.distance(after) <= 1e-9 * (1 + abs(target.threshold)) else {
      throw InvalidInput(
        "the product has order parameter \(after), which is not \(target.side.rawValue) the threshold \(target.threshold), so the clock would not stop there; move the threshold"
      )
    }
    if let timeStep { try Require.positive("time step dt", timeStep) }
    let fastest = max(left.largestCurvature, right.largestCurvature)
    self.init(
      landscape, start: left.point, product: right.point, target: target, name: name,
      stopDescription:
        "\(target.parameter.name) \(target.side == .above ? "rises" : "falls") to \(sixDigits(target.threshold)), in the basin of the minimum \(sixDigits(right.point)), from \(sixDigits(left.point))",
      clockStop: "the product well", behind: behind, knownBarrierHeight: nil,
      timeStep: timeStep ?? 0.01 / fastest, saddleGuess: nil)
  }

  /// An escape that is known: nothing is relaxed or checked.
  package init(
    _ landscape: Landscape, start: [Double], product: [Double], target: TargetSet<Parameter>,
    name: String, stopDescription: String, clockStop: String, behind: Behind?,
    knownBarrierHeight: Double?, timeStep: Double, saddleGuess: [Double]?
  ) {
    self.landscape = landscape
    self.start = start
    self.product = product
    self.target = target
    self.name = name
    self.stopDescription = stopDescription
    self.clockStop = clockStop
    self.behind = behind
    self.knownBarrierHeight = knownBarrierHeight
    self.timeStep = timeStep
    self.saddleGuess = saddleGuess
  }

  /// On a line with a guess, the saddle next to it; elsewhere those on the path of least energy.
  public func passes() throws -> [Pass] {
    try memo.value("passes") {
      guard landscape.dimension == 1, let saddleGuess else {
        return try landscape.minimumEnergyPath(from: start, to: product).passes()
      }
      return [
        Pass(
          from: try landscape.refinedMinimum(from: start).required(),
          saddle: try landscape.saddle(from: saddleGuess).required(),
          to: try landscape.refinedMinimum(from: product).required())
      ]
    }
  }
}

extension EnergyLandscape {
  fileprivate func minimum(near point: [Double], called name: String) throws -> StationaryPoint {
    guard point.count == dimension else {
      throw InvalidInput(
        "the \(name) has \(point.count) numbers, but the landscape has \(dimension) parameters; give one number for each"
      )
    }
    let outcome = try refinedMinimum(from: point)
    guard outcome.isConverged else {
      throw InvalidInput("the \(name) \(sixDigits(point)) is not near a minimum: \(outcome)")
    }
    return outcome.stationaryPoint
  }
}
