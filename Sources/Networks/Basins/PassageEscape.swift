public import Escapes
public import Landscapes
import NumericalMethods

/// The escape of a network from one minimum to another that is given, along the path of least energy between them.
public struct PassageEscape<Landscape: NetworkLandscape, Parameter: OrderParameter>: NetworkPath {
  /// The states and the path.
  public let passage: NetworkPassage<Landscape>
  public let target: TargetSet<Parameter>
  public let name: String
  public let stopDescription: String
  public let notes: [String]
  public let memo = Memo()

  /// - Parameter knowsCopies: whether the clock stops as well where a run goes over an equivalent saddle.
  init(
    _ passage: NetworkPassage<Landscape>, _ target: TargetSet<Parameter>, name: String,
    stop: String, knowsCopies: Bool
  ) {
    self.passage = passage
    self.target = target
    self.name = name
    stopDescription = stop
    notes =
      passage.notes
      + (knowsCopies
        ? []
        : [
          "the clock knows one copy of the path: where symmetries lead over equivalent saddles, runs that take another do not stop it"
        ])
  }

  public var landscape: Landscape { passage.landscape }
  public var title: String { "\(name) at β = \(sixDigits(landscape.weightDecay))" }
  public var start: [Double] { passage.passes[0].from.point }
  public var product: [Double] { passage.passes.last!.to.point }
  public var clockStop: String { "the other minimum" }
  public var minimumEnergyPath: MinimumEnergyPath? { passage.path }

  public var timeStep: Double {
    0.02 / max(passage.passes[0].from.largestCurvature, passage.passes.last!.to.largestCurvature)
  }

  public func passes() throws -> [Pass] {
    memo.value("passes") { countingCopies(passage.passes) }
  }
}
