public import Escapes
import NumericalMethods

extension ReLUCommittee {
  /// The escape from a spurious minimum of k students of k teachers to the teachers: the clock stops where the loss
  /// is 0.3 of that in the minimum.
  ///
  /// In the minimum k − 1 students have found a teacher each, and share what the last one should do. One of them turns to
  /// the last teacher, and the last student takes its place: k − 1 ways, all alike, of which
  /// `passes()` has one.
  ///
  /// - Throws: `InvalidInput` for k < 6, where there is no such minimum; `NumericalFailure` where it is not found.
  public static func trap(units k: Int) throws -> WellEscape<
    ReLUCommittee, LossLevel<ReLUCommittee>
  > {
    guard (6...20).contains(k) else {
      throw InvalidInput(
        "the spurious minimum is known for 6 to 20 units, not \(k); below 6 there is none")
    }
    let landscape = try ReLUCommittee(units: k, inputs: k)
    // Near the minimum of any of these k; it is relaxed from here.
    var near = [Double]()
    for unit in 0..<(k - 1) {
      for input in 0..<k { near.append(input == k - 1 ? 0.25 : input == unit ? 1 : -0.03) }
    }
    near += (0..<k).map { $0 == k - 1 ? -0.64 : 0.17 }
    let minimum = try landscape.refinedMinimum(from: near).required()
    guard minimum.energy > 1e-5 else {
      throw NumericalFailure("no spurious minimum was found for \(k) units")
    }
    let learned = (0..<k).map { unit in
      // The last two change places.
      let teacher = unit == k - 2 ? k - 1 : unit == k - 1 ? k - 2 : unit
      return (0..<k).map { $0 == teacher ? 1.0 : 0 }
    }
    return try WellEscape(
      landscape, from: minimum.point, to: learned.flatMap { $0 },
      reaching: TargetSet(LossLevel(landscape), .below, 0.3 * minimum.energy),
      name: "the trap of \(k) ReLU units")
  }
}
