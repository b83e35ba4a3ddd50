/// A group of timings that belong together.
struct Suite: Sendable {
  let name: String
  /// What it measures, in a few words.
  let purpose: String
  let run: @Sendable (Recorder) throws -> Void

  static let all: [Suite] = [
    .targets, .overdamped, .sgd, .perceptron, .scaling, .threads, .random, .interval, .memory,
    .barriers,
  ]
}
