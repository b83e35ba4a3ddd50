import DataFiles
public import RunStores

/// What a verb does: it validates when it is made, and computes once it is asked for its result.
public protocol Experiment: Sendable {
  /// What it finds. Its JSON form is what stands under `results` in a document.
  associatedtype Result: Codable & Sendable

  /// Runs what the context's store lacks, and computes.
  ///
  /// - Throws: `StoppedEarly` where the context stops it, with everything kept.
  func result(in context: RunContext) throws -> Result
}

extension Experiment {
  /// The result, with nothing kept and nobody watching.
  public func result() throws -> Result { try result(in: RunContext()) }
}
