import DataFiles

/// A point of a sweep: one ensemble of passages, or one curve.
public struct StoreCell: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// Independent runs, each with a passage time.
    case passages
    /// One long run, with records on its way.
    case curve
  }

  /// What it is called, in this store.
  public let name: String
  public let kind: Kind
  /// What distinguishes it from the other cells, as JSON text.
  public let parameters: String
  /// Its part of the name of a random stream.
  public let streamCell: Int?
  public let timeStep: Double?
  /// The time at which runs are censored.
  public let cap: Double?

  public init(
    name: String, kind: Kind, parameters: JSONValue = [:], streamCell: Int? = nil,
    timeStep: Double? = nil, cap: Double? = nil
  ) {
    self.name = name
    self.kind = kind
    self.parameters = parameters.rendered()
    self.streamCell = streamCell
    self.timeStep = timeStep
    self.cap = cap
  }

  init(
    name: String, kind: Kind, parametersText: String, streamCell: Int?, timeStep: Double?,
    cap: Double?
  ) {
    self.name = name
    self.kind = kind
    parameters = parametersText
    self.streamCell = streamCell
    self.timeStep = timeStep
    self.cap = cap
  }
}
