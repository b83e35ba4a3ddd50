internal import GRDB
import NumericalMethods

/// Blocks on their way from many stores into one.
struct MergedBlocks {
  let target: RunStore
  /// Runs that were added, and those that were there already.
  private(set) var added = 0
  private(set) var skipped = 0

  init(target: RunStore) { self.target = target }

  /// - Throws: `InvalidInput` for a block that is there with other runs, or of which other single runs are there.
  mutating func add(
    _ block: RunBlock, cell: Int, _ name: String, store: String, _ db: Database
  ) throws {
    if let known = try RunStore.block(block.number, cell: cell, db) {
      guard known.agrees(with: block) else { throw Self.conflict(block, name, store) }
      skipped += RunBlock.size
      return
    }
    let single = try target.histogram(ofRunsIn: block.number, cell: cell, db)
    if let single, !block.histogram.mayContain(single) {
      throw Self.conflict(block, name, store)
    }
    try block.insert(cell, db)
    try RunStore.forgetRuns(of: block.number, cell: cell, db)
    added += RunBlock.size - (single?.runs ?? 0)
  }

  static func conflict(_ block: RunBlock, _ cell: String, _ store: String) -> InvalidInput {
    InvalidInput(
      "the \(RunBlock.size) runs from number \(block.replicas.lowerBound) on of cell '\(cell)' are in '\(store)' with other results than those merged before; 'metastable results verify' says which are right"
    )
  }
}
