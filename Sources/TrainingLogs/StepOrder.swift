/// In what order the steps of one metric of one run were written.
enum StepOrder: Equatable {
  case increasing
  /// Resumed, so that steps occur again.
  case resumed
  /// Begun anew at a record: there are several runs, or one that was started over.
  case begunAgain(Int)
  /// Gone back at a record to a step that was never logged.
  case disordered(Int)

  /// - Parameter isSampled: whether the log holds only some of the records, so that a resumed run need not come back to
  ///   a step that is there.
  init(_ steps: [Double], isSampled: Bool) {
    guard let first = steps.first else {
      self = .increasing
      return
    }
    var seen: Set<Double> = [first]
    var repeats: [Int] = []
    var isResumed = false
    for i in steps.indices.dropFirst() {
      let step = steps[i]
      if step < steps[i - 1] {
        guard step > first else {
          self = .begunAgain(i)
          return
        }
        guard isSampled || seen.contains(step) else {
          self = .disordered(i)
          return
        }
        isResumed = true
      }
      if !seen.insert(step).inserted {
        repeats.append(i)
        isResumed = true
      }
    }
    // A run resumed halfway repeats a third of its records; two runs in one repeat about half.
    if repeats.count > 1, Double(repeats.count) > 0.45 * Double(steps.count) {
      self = .begunAgain(repeats[0])
    } else {
      self = isResumed ? .resumed : .increasing
    }
  }
}
