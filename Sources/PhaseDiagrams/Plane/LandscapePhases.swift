import Landscapes
import Networks
import NumericalMethods

/// What the landscape of a deep linear network says of one point of a phase diagram, in closed form.
///
/// ```
/// rank = #{β < β_c},   ground rank = #{β < β*},   m = Σ_learned λ₊η / Σ η²
/// ```
///
/// β_c where a learned state vanishes, β* where it has the loss of the unlearned one, λ₊ its singular value, η the
/// singular values of Σyx. In all weights the coexisting minima are the nested ones, which hold the strongest 0, 1, …,
/// rank features: rank + 1 of them for L ≥ 3, and one for L ≤ 2.
///
/// Validity: Σxx = I. Of more features than the narrowest layer has units, only as many of the strongest are learned.
///
/// Source: `DeepLinearMode`.
public struct LandscapePhases: Sendable, Equatable, Codable {
  /// Features that have a learned state: those that survive on the way up in β.
  public let rank: Int
  /// Features that the state of lowest loss holds.
  public let groundRank: Int
  /// Minima that differ by more than symmetry.
  public let minima: Int
  /// m, the share of ‖Σyx‖² that the fully learned state holds: 1 for β → 0, 0 where nothing is learned.
  public let order: Double
  /// ΔE of losing the weakest learned feature, in loss units; nil where there is none, or no barrier (L ≤ 2).
  public let barrier: Double?

  /// - Parameters:
  ///   - singularValues: η, strongest first.
  ///   - units: of the narrowest layer.
  /// - Throws: `InvalidInput` where a number makes no sense.
  package init(singularValues: [Double], depth: Int, weightDecay: Double, units: Int) throws {
    let modes = try singularValues.prefix(units).map {
      try DeepLinearMode(singularValue: $0, depth: depth, weightDecay: weightDecay)
    }
    let learned = modes.filter(\.isLearnable)
    rank = learned.count
    groundRank = modes.count { $0.coexistenceWeightDecay.map { weightDecay < $0 } ?? true }
    minima = depth >= 3 ? rank + 1 : 1
    let all = singularValues.reduce(0) { $0 + $1 * $1 }
    let held = try learned.reduce(0) {
      $0 + $1.singularValue * (try $1.learnedSingularValue() ?? 0)
    }
    order = all > 0 ? held / all : 0
    barrier = try learned.last?.barrierDown()
  }
}
