import Escapes
public import Landscapes

/// The basin of a network that holds a feature, whatever its loss: what theories of noise along and across a path ask for.
public protocol NetworkBasin: FeatureLoss {
  /// The state that is left.
  var minimum: StationaryPoint { get }

  /// The minimum's branch round its fold and down to this β; nil where the saddle was found on a path between two minima.
  var branch: EquilibriumBranch? { get }

  /// The saddle that the valley leads over: the state of the branch behind the fold at this β, of whatever index, or that of
  /// the path.
  var branchSaddle: StationaryPoint { get }

  /// The saddle of index 1: that of the branch, or where modes went soft on the way the one a rotation away.
  var saddle: StationaryPoint { get }

  /// The direction in which the overlap with the feature grows fastest at the minimum, of length 1.
  func overlapDirection() throws -> [Double]

  /// The valley from the minimum over the branch's saddle to where the clock stops.
  func path() throws -> BasinPath
}

/// Places at which E is stationary at a fixed overlap q = uᵀ⟨f xᵀ⟩v with the feature, u and v its directions in the
/// minimum.
public struct BasinPath: Sendable {
  /// From behind the minimum, where q is larger, to beyond the saddle.
  package let places: [ConstrainedPath.Place]
  /// Which of them is the minimum.
  package let minimum: Int
  /// Which of them is the branch's saddle.
  package let saddle: Int

  /// q, θ and E of every place, in order.
  public var levels: [(overlap: Double, point: [Double], energy: Double)] {
    places.map { ($0.level, $0.point, $0.energy) }
  }

  /// The highest E on the way from the minimum to the saddle, over that of the minimum.
  public var barrierHeight: Double {
    places[minimum...saddle].map(\.energy).max()! - places[minimum].energy
  }
}
