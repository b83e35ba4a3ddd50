import ArgumentParser
import Metastable

/// A phase diagram over two parameters instead of β alone.
struct PlaneOptions: ParsableArguments {
  @Option(
    help:
      "A diagram over two parameters: the one from left to right with its range, such as beta=0.28..0.36, :log behind it for even steps of the logarithm. Of beta, temperature, inverse-noise (B/h), learning-rate, batch-size, momentum, eta, depth, width and samples."
  )
  var x: String?

  @Option(help: "The parameter from bottom to top, in the same way.")
  var y: String?

  @Option(
    parsing: .unconditional,
    help: "Cells of the finest grid along x and y; a coarser one is refined along boundaries.")
  var cells = GridSize(columns: 60, rows: 40)

  @Option(
    help:
      "What is shown, and whose boundaries are followed: some of ln-tau, rank, order, minima, barrier and mechanism. Default: all that there are."
  )
  var field: String?

  @Option(
    parsing: .unconditional,
    help: "Time t = steps × h of a run: draws where τ is as long, beyond which a run looks stuck.")
  var budget: Double?

  @Option(
    parsing: .unconditional,
    help: "Temperature T of white noise, in loss units, where it is on no axis.")
  var temperature: Double?

  @Option(
    parsing: .unconditional, help: "Learning rate h of SGD, where no axis says it.")
  var learningRate: Double?

  @OptionGroup var batch: BatchOptions

  @Option(
    parsing: .unconditional,
    help:
      "First passages that are run in each cell, or replicates of splitting where that many would take too long."
  )
  var runs: Int?

  @Flag(
    help:
      "Sweep up and down in β as well, for each value of the other axis that changes the states."
  )
  var sweep = false

  @Option(parsing: .unconditional, help: "Confidence level of every interval.")
  var level = 0.95

  /// Whether a plane is asked for.
  var isGiven: Bool { x != nil }

  /// - Throws: `InvalidInput` where they are no axes.
  func axes() throws -> (x: PhaseAxis, y: PhaseAxis) {
    guard let x, let y else {
      throw InvalidInput(
        "--x is one of two axes, but there is no --y; give one, such as --y inverse-noise=50..400")
    }
    return (
      try PhaseAxis(parsing: x, count: cells.columns), try PhaseAxis(parsing: y, count: cells.rows)
    )
  }
}

/// `60x40`.
struct GridSize: ExpressibleByArgument, Sendable {
  let columns: Int
  let rows: Int

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let columns = Int(parts[0]), let rows = Int(parts[1]) else {
      return nil
    }
    self.init(columns: columns, rows: rows)
  }

  var text: String { "\(columns)x\(rows)" }
  var defaultValueDescription: String { text }
}
