public import NumericalMethods

/// A process that can take a step for eight replicas at once, one per lane.
///
/// The vectorised engine runs these. The state of a lane has the layout of the scalar state, number i of
/// replica r in lane r of vector i. A step must treat lanes alike and independently: the same operations in
/// each, random numbers from each lane's own stream, so that a replica's path does not depend on its lane,
/// its neighbours or the time at which it entered. `prepare` must not draw.
public protocol LaneProcess: StochasticProcess {
  /// How many vectors of scratch memory a step needs.
  var laneScratchCount: Int { get }

  /// Advances every lane by one step.
  func step<Vector: Lanes>(
    lanes state: UnsafeMutablePointer<Vector>, random: inout LaneRandom<Vector>,
    scratch: UnsafeMutablePointer<Vector>)
}
