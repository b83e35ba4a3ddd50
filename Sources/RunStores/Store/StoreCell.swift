package import DataFiles

/// A point of a sweep: one ensemble of passages, or one curve.
package struct StoreCell: Sendable, Equatable {
  package enum Kind: String, Sendable {
    /// Independent runs, each with a passage time.
    case passages
    /// One long run, with records on its way.
    case curve
  }

  /// What it is called, in this store.
  package let name: String
  package let kind: Kind
  /// What distinguishes it from the other cells, as JSON text.
  package let parameters: String
  /// Every other value that decides its numbers, by name, seed and data included; empty where it was written before
  /// these were kept.
  package let identity: [String: String]
  /// Its part of the name of a random stream.
  package let streamCell: Int?
  package let timeStep: Double?
  /// The time at which runs are censored.
  package let cap: Double?

  package init(
    name: String, kind: Kind, parameters: JSONValue = [:], identity: [String: String] = [:],
    streamCell: Int? = nil, timeStep: Double? = nil, cap: Double? = nil
  ) {
    self.init(
      name: name, kind: kind, parametersText: parameters.rendered(), identity: identity,
      streamCell: streamCell, timeStep: timeStep, cap: cap)
  }

  init(
    name: String, kind: Kind, parametersText: String, identity: [String: String],
    streamCell: Int?, timeStep: Double?, cap: Double?
  ) {
    self.name = name
    self.kind = kind
    parameters = parametersText
    self.identity = identity
    self.streamCell = streamCell
    self.timeStep = timeStep
    self.cap = cap
  }

  /// Whether each of its runs is kept, or sums over blocks of them: see `RunBlock`.
  package var keepsRuns: Bool { identity[Self.keepKey] != "none" }

  /// The key of that in ``identity``, where it is "none".
  static let keepKey = "keep-runs"

  /// Whether its runs are replicates of splitting, whose times are estimates of the mean.
  package var isSplitting: Bool { identity[Self.methodKey] == "splitting" }

  /// The key of the method in ``identity``, where it is another one than runs from the start to the target.
  package static let methodKey = "method"

  /// What keeps the runs of this cell from being those of another one of its name: "seed: 1 there, 2 here"; empty
  /// where nothing does.
  func differences(from other: StoreCell) -> [String] {
    var pairs = [
      ("kind", kind.rawValue, other.kind.rawValue), ("parameters", parameters, other.parameters),
      ("stream", "\(streamCell ?? -1)", "\(other.streamCell ?? -1)"),
      ("dt", "\(timeStep ?? 0)", "\(other.timeStep ?? 0)"),
      ("cap", "\(cap ?? 0)", "\(other.cap ?? 0)"),
    ]
    if !identity.isEmpty && !other.identity.isEmpty {
      pairs += Set(identity.keys).union(other.identity.keys).sorted().map {
        ($0, identity[$0] ?? "none", other.identity[$0] ?? "none")
      }
    }
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) there, \($0.2) here" }
  }

  /// The identity as JSON text with its keys in order; nil where there is none.
  var identityText: String? {
    guard !identity.isEmpty else { return nil }
    return JSONValue.object(
      identity.sorted { $0.key < $1.key }.map { (key: $0.key, value: .string($0.value)) }
    ).rendered()
  }
}
