/// What escapes, and from which noise, as a title says it; not part of any document.
public struct EscapeSubject: Sendable {
  /// What escapes.
  public enum System: Sendable {
    /// A named landscape.
    case landscape(name: String)
    /// A network that goes from one rank to a neighbouring one.
    case network(from: Int, to: Int, widths: [Int], beta: Double)
  }

  /// What moves it.
  public enum Noise: Sendable {
    /// T of white noise.
    case temperature(Double)
    /// h and B of minibatch SGD.
    case sgd(learningRate: Double, batchSize: Int)
  }

  /// What escapes.
  public let system: System
  /// nil where none is needed: for barriers.
  public let noise: Noise?
}
