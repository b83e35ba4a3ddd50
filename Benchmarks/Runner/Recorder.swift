import Foundation
import Metastable

/// Times work, keeps the rows of a suite, and prints them as they come.
final class Recorder {
  private(set) var rows: [Row] = []
  let isQuick: Bool
  private let isSilent: Bool
  private var lastHeading = ""

  init(isQuick: Bool, isSilent: Bool) {
    self.isQuick = isQuick
    self.isSilent = isSilent
  }

  /// Repetitions, and the processor time of one.
  var rounds: Int { isQuick ? 3 : 15 }
  var slice: Double { isQuick ? 4e6 : 25e6 }

  /// A number of runs or steps, less of it where things are to be quick.
  func scaled(_ count: Int) -> Int { isQuick ? max(1, count / 10) : count }

  static let stepUnit = "ns per step per replica"

  /// Times each kind of work of a row, in turn.
  func time(_ work: String, unit: String = stepUnit, note: String? = nil, _ variants: [Work]) {
    for (variant, samples) in zip(
      variants, interleaved(variants, rounds: rounds, nanoseconds: slice))
    {
      add(Row(work, variant.name, unit: unit, samples, note: note))
    }
  }

  /// Races one kind of work against another.
  func race(_ first: Work, against second: Work) -> Pair {
    let samples = interleaved([first, second], rounds: rounds, nanoseconds: slice)
    return Pair(first: samples[0], second: samples[1])
  }

  func begin(_ suite: Suite) {
    guard !isSilent else { return }
    print("\n\(suite.name): \(suite.purpose)")
  }

  func add(_ row: Row) {
    rows.append(row)
    guard !isSilent else { return }
    let isRace = row.against != nil
    let heading =
      isRace
      ? "least".leftPadded(to: 12) + "theirs".leftPadded(to: 12) + "ratio".leftPadded(to: 9)
        + "paired".leftPadded(to: 9) + "target".leftPadded(to: 8)
      : "least".leftPadded(to: 12) + "median".leftPadded(to: 12)
    if heading != lastHeading { print("".padded(to: Self.nameWidth) + heading) }
    lastHeading = heading
    var name = row.work
    if let variant = row.variant { name += ", " + variant }
    var line = name.padded(to: Self.nameWidth) + Self.short(row.minimum).leftPadded(to: 12)
    if isRace {
      line += Self.short(row.baselineMinimum).leftPadded(to: 12)
      line +=
        Self.short(row.ratio).leftPadded(to: 9) + Self.short(row.pairedRatio).leftPadded(to: 9)
      line += Self.short(row.target).leftPadded(to: 8) + "  " + (row.verdict ?? "")
    } else {
      line += Self.short(row.median).leftPadded(to: 12) + "  " + row.unit
    }
    print(line.trimmedRight)
    if let against = row.against { print("    against \(against); \(row.unit)") }
    if let note = row.note { print("    " + note) }
    fflush(nil)
  }

  private static let nameWidth = 56

  private static func short(_ number: Double?) -> String {
    guard let number, number.isFinite else { return "–" }
    return String(format: number < 0.1 ? "%.3g" : number < 100 ? "%.2f" : "%.0f", number)
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }

  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(1, width - count)) + self
  }

  fileprivate var trimmedRight: String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }
}
