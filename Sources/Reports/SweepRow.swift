/// A step of a sweep that goes up and comes down again, in one table.
struct SweepRow<Step> {
  /// "up" or "down".
  let direction: String
  let step: Step

  /// The steps of both, in the order in which they were run.
  static func rows(up: [Step], down: [Step]) -> [SweepRow] {
    [("up", up), ("down", down)].flatMap { direction, steps in
      steps.map { SweepRow(direction: direction, step: $0) }
    }
  }
}
