import EscapeStatistics
public import Escapes
public import NumericalMethods

/// Where a process is while it stays: the set A about its start that it keeps coming back to, and the surface Σ around A
/// that ends a loop, both by the order parameter's distance d from the target.
///
/// A = {d ≥ `inner`}, Σ = {d ≤ `outer`}: median and lowest tenth of d on a pilot run, so that a loop A → Σ → A is short
/// and visits where the process is.
@usableFromInline package struct StartSet: Sendable, Equatable {
  /// The edge of A.
  @usableFromInline package let inner: Double
  /// Σ.
  @usableFromInline package let outer: Double
  /// Steps after which the start is forgotten.
  @usableFromInline package let settlingSteps: Int

  /// Steps of a loop on average.
  package let loopSteps: Double

  /// Steps of a pilot run at most.
  private static let mostSteps = 1 << 20
  private static let fewestSteps = 1 << 11
  /// Loops between escapes, or they do not forget the start.
  private static let fewestLoops = 10.0
  private static let quantiles = (inner: 0.5, outer: 0.1)

  /// The level that a distance is at: 0 at Σ and farther, the number of levels in B.
  @inlinable func level(_ distance: Double, of levels: Int) -> Int {
    guard distance > 0 else { return levels }
    let share = (outer - distance) / outer
    return max(0, min(levels - 1, Int(Double(levels) * share)))
  }

  /// The distance at which a level begins, a little farther: nothing that is not nearer than this is at that level.
  func distance(ofLevel level: Int, of levels: Int) -> Double {
    outer * (1 - Double(level) / Double(levels) + 1e-9)
  }

  /// From a pilot run, twice as long until both of its halves agree about where it stays.
  ///
  /// - Parameter score: the distance from the target.
  /// - Throws: `InvalidInput` where d does not move, the run escapes, or does not come to rest.
  @usableFromInline init<Process, Parameter>(
    of passage: FirstPassage<Process, Parameter>, by score: some OrderParameter, key: StreamKey
  ) throws {
    var walker = passage.walker(key)
    let origin = walker.snapshot()!
    var steps = Self.fewestSteps
    var (total, escapes) = (0, 0)
    func notRare(_ loop: String = "") -> InvalidInput {
      InvalidInput(
        "a pilot run escaped \(escapes) times within \(total) steps\(loop): the event is not rare, and splitting has nothing to split; use --method brute-force, or a smaller step where that is what is too large"
      )
    }
    while true {
      var distances = [Double]()
      distances.reserveCapacity(steps)
      for _ in 0..<steps {
        walker.step()
        total += 1
        let distance = walker.value(of: score)
        guard distance.isFinite else {
          throw InvalidInput("a pilot run diverged within \(total) steps; use a smaller step")
        }
        if distance > 0 {
          distances.append(distance)
          continue
        }
        // From the start again, on a stream of its own.
        escapes += 1
        guard escapes < 64 else {
          throw notRare()
        }
        walker.restore(
          origin,
          key: StreamKey(
            seed: key.seed, purpose: key.purpose, cell: Int(key.cell),
            replica: Int(key.replica) + escapes))
      }
      let (first, second) = (
        Array(distances[..<(distances.count / 2)]).sorted(),
        Array(distances[(distances.count / 2)...]).sorted()
      )
      guard let (inner, outer) = Self.edges(second),
        let (innerBefore, outerBefore) = Self.edges(first)
      else {
        throw InvalidInput(
          "the order parameter stays at \(distances.last.map(brief) ?? "the start") from the target for \(total) steps: nothing moves it from the start (an absorbing state?), so there is no escape to split"
        )
      }
      let width = inner - outer
      if max(abs(inner - innerBefore), abs(outer - outerBefore)) < 0.15 * width {
        var (loops, isOut) = (0, false)
        for distance in distances {
          if distance <= outer { isOut = true }
          if isOut, distance >= inner { (loops, isOut) = (loops + 1, false) }
        }
        let loopSteps = Double(steps) / Double(max(loops, 1))
        guard escapes == 0 || Double(total) / Double(escapes) > Self.fewestLoops * loopSteps else {
          throw notRare(", one loop about the start taking \(brief(loopSteps))")
        }
        self.inner = inner
        self.outer = outer
        self.loopSteps = loopSteps
        settlingSteps = steps / 4
        return
      }
      guard steps < Self.mostSteps else {
        throw InvalidInput(
          "the state about the start did not come to rest within \(total) steps; start nearer to where it stays, or use --method brute-force"
        )
      }
      steps *= 2
    }
  }

  /// nil where all are the same, to rounding.
  private static func edges(_ sorted: [Double]) -> (inner: Double, outer: Double)? {
    guard sorted.count > 1 else { return nil }
    func at(_ share: Double) -> Double { sorted[Int(share * Double(sorted.count - 1))] }
    let (inner, outer) = (at(quantiles.inner), at(quantiles.outer))
    return inner - outer > 1e-9 * inner ? (inner, outer) : nil
  }
}
