public import Landscapes
package import NumericalMethods

/// A metastable state, what lies behind it, and where the clock stops: what theories predict and dynamics
/// simulate.
///
/// ```swift
/// theory.prediction(of: escape, under: noise)
/// dynamics.ensemble(of: escape, cap: 1e5)
/// ```
///
/// ``WellEscape`` makes one of any landscape; conform where a problem knows more of itself, such as its
/// stationary points in closed form.
public protocol Escape<Landscape, Parameter>: Sendable {
  associatedtype Landscape: EnergyLandscape
  associatedtype Parameter: OrderParameter

  /// One word or two: "double-well".
  var name: String { get }

  /// For a heading: "Escape in double-well".
  var title: String { get }

  /// E.
  var landscape: Landscape { get }

  /// θ of the minimum that is left, and of every run at t = 0.
  var start: [Double] { get }

  /// θ of the minimum behind the last saddle.
  var product: [Double] { get }

  /// The set where the clock stops.
  var target: TargetSet<Parameter> { get }

  /// Where the clock stops, as the end of a sentence: "x reaches +1, the other minimum, from −1".
  var stopDescription: String { get }

  /// The same in few words: "the other minimum".
  var clockStop: String { get }

  /// The saddles on the way from start to product, each with the minima on both sides.
  ///
  /// - Throws: `InvalidInput` or `NumericalFailure` where they are not found.
  func passes() throws -> [Pass]

  /// What lies behind the start, in one dimension; nil where it is not known.
  var behind: Behind? { get }

  /// How far the energy falls from the last saddle to where the clock stops, in loss units.
  func fallBehindLastSaddle() throws -> Double

  /// ΔE where it is known in closed form, in loss units.
  var knownBarrierHeight: Double? { get throws }

  /// dt of Langevin dynamics that keeps the O(dt) bias near a per cent.
  var timeStep: Double { get }

  /// What must be known of how it was made, a sentence each.
  var notes: [String] { get }

  /// What has been computed of it already, for all who ask.
  var memo: Memo { get }

  /// A short name of all that decides the numbers of a run besides the dynamics: energies, points, target, data.
  /// Two escapes with equal ones may share a store.
  var fingerprint: String { get }
}

/// One saddle with the minima on both sides.
public typealias Pass = MinimumEnergyPath.Pass

/// What lies behind the start of a one-dimensional escape, which decides whether and how often it comes back.
public enum Behind: Sendable, Equatable {
  /// A wall; the point where it may be taken to reflect.
  case wall(at: Double)
  /// The same again: the period, and the drop of the energy from one period to the next one forwards.
  case repetition(period: Double, drop: Double)
}

extension Escape {
  public var title: String { "Escape in \(name)" }

  public var clockStop: String { "the product well" }

  public var behind: Behind? { nil }

  public var knownBarrierHeight: Double? { nil }

  public var notes: [String] { [] }

  /// Nothing is kept.
  public var memo: Memo { Memo() }

  /// On the path of least energy, by the string method.
  public func passes() throws -> [Pass] {
    try memo.value("passes") {
      try landscape.minimumEnergyPath(from: start, to: product).passes()
    }
  }

  /// Of the name, the ends, the target, and E and ∇E at some points on and about the chord between the ends.
  public var fingerprint: String { probe().text }

  package func probe() -> Fingerprint {
    var fingerprint = Fingerprint()
    fingerprint.add(name)
    fingerprint.add(start)
    fingerprint.add(product)
    fingerprint.add("\(target.side) \(target.parameter.name)")
    fingerprint.add(target.threshold)
    for i in 0...8 {
      // Off the chord by a different amount in each coordinate, as a symmetry would hide a change on it.
      let share = Double(i) / 8
      let point = start.indices.map { j in
        start[j] + share * (product[j] - start[j]) + 0.01 * Double((i * (j + 3)) % 7)
      }
      fingerprint.add(landscape.energy(at: point))
      fingerprint.add(landscape.gradient(at: point))
      fingerprint.add(target.parameter.value(at: point))
    }
    return fingerprint
  }

  /// Down to the minimum behind it.
  public func fallBehindLastSaddle() throws -> Double { try passes().last!.backwardBarrier }

  /// The drop of the energy from one period to the next, where the landscape repeats itself.
  package var drop: Double? {
    if case .repetition(_, let drop) = behind { drop } else { nil }
  }

  /// Why the mean time is infinite, where it is.
  package var neverStops: String? {
    guard let drop, drop <= 0 else { return nil }
    return drop < 0
      ? "the force pulls backwards: some runs never advance by a period, so the mean time is infinite"
      : "without a force the steps forwards and backwards balance: every run advances by a period in the end, but the mean time is infinite"
  }
}
