import ArgumentParser
import Foundation
import Metastable

/// The raw words of the lanes' generator, for a battery of tests.
struct RandomWords: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "random-words",
    abstract: "Writes the 64-bit words of the lanes to standard output, without end.",
    discussion: "For example: benchmarks random-words 1 | dieharder -a -g 200")

  @Argument(help: "The seed.")
  var seed: UInt64 = 1

  @Argument(help: "How many replicas give a word in turn.")
  var replicas: Int = 8

  func validate() throws {
    if replicas < 1 { throw ValidationError("at least one replica is needed, not \(replicas)") }
  }

  func run() throws {
    // A reader that has enough closes the pipe, which ends this quietly.
    signal(SIGPIPE, SIG_DFL)
    var streams = [LaneStream](
      repeating: LaneStream(), count: (replicas + laneCount - 1) / laneCount)
    for replica in 0..<replicas {
      streams[replica / laneCount].open(
        StreamKey(seed: seed, purpose: .dynamics, replica: replica), lane: replica % laneCount)
    }
    var words = [UInt64]()
    words.reserveCapacity(1 << 16 + replicas)
    while true {
      words.removeAll(keepingCapacity: true)
      while words.count < 1 << 16 {
        for i in streams.indices {
          let next = streams[i].next()
          for lane in 0..<min(laneCount, replicas - i * laneCount) { words.append(next[lane]) }
        }
      }
      try words.withUnsafeBytes { try FileHandle.standardOutput.write(contentsOf: $0) }
    }
  }
}
