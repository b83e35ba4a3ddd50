import ArgumentParser
import Metastable

/// Options that change no number and are no part of a configuration.
protocol UnrecordedOptions {}

extension RunOptions: UnrecordedOptions {}

/// How many runs an ensemble takes.
struct EnsembleOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Run until the interval of τ lies within this share of its value, 0.1 for 10 %, instead of a number of runs. Sequentially valid. Exit code 79 where it is missed."
  )
  var untilRelativeError: Double?

  @Option(
    parsing: .unconditional,
    help: "The most runs. Default: ten times the escapes it needs.")
  var maxRuns: Int?

  func extent(runs: Int, level: Double) throws -> EnsembleExtent {
    guard let untilRelativeError else { return try EnsembleExtent(runs: runs) }
    return try EnsembleExtent(
      untilRelativeError: untilRelativeError, level: level, atMost: maxRuns)
  }
}

/// Which share of the runs is this command's.
struct ShardOptions: ParsableArguments, UnrecordedOptions {
  @Option(
    help:
      "Run only the k-th of n shares, k/n, into a folder of its own; 'results merge' joins them.")
  var shard: ShardName?

  @Flag(help: "Let a folder that belongs to one share take the runs of another, or of all.")
  var reshard = false

  /// - Throws: `InvalidInput` where the shares cannot know how many runs are needed.
  func shard(of extent: EnsembleOptions) throws -> Shard? {
    guard shard == nil || extent.untilRelativeError == nil else {
      throw InvalidInput(
        "--shard and --until-relative-error exclude each other: no shard knows how many escapes the others have seen; give --runs"
      )
    }
    return try share()
  }

  /// The same where the number of runs is given.
  func share() throws -> Shard? { try shard.map { try Shard($0.index, of: $0.count) } }
}

/// `2/8`.
struct ShardName: ExpressibleByArgument, Sendable {
  let index: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.index = index
    self.count = count
  }
}

/// A time on the wall: `90`, `90s`, `15m`, `2h`, `1d`, or as Slurm writes it, `1:30:00` and `2-00:00:00`.
struct WallTime: ExpressibleByArgument, Sendable {
  let seconds: Double

  init?(argument: String) {
    guard let seconds = Self.seconds(argument), seconds > 0, seconds < 1e9 else { return nil }
    self.seconds = seconds
  }

  private static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    func number(_ text: some StringProtocol) -> Double? {
      guard !text.isEmpty, text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else {
        return nil
      }
      return Double(text)
    }
    if let last = text.last, let unit = units[last] {
      return number(text.dropLast()).map { $0 * unit }
    }
    let days = text.split(separator: "-", omittingEmptySubsequences: false)
    guard days.count <= 2 else { return nil }
    let parts = days.last!.split(separator: ":", omittingEmptySubsequences: false).map(number)
    guard parts.count <= 3, !parts.contains(nil) else { return nil }
    let clock = parts.compactMap { $0 }
    guard days.count == 2 else { return clock.reduce(0) { 60 * $0 + $1 } }
    // Slurm: after days come hours.
    guard let whole = number(days[0]) else { return nil }
    return zip(clock, [3600.0, 60, 1]).reduce(whole * 86400) { $0 + $1.0 * $1.1 }
  }
}
