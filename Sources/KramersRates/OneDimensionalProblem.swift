/// An escape problem in one dimension: drift −E′(x) with diffusion D(x) (Itô), started at x₀, reflecting
/// at r behind the start and absorbing at b.
///
/// ```
/// dx = −E′(x) dt + √(2 D(x)) dW
/// ```
public struct OneDimensionalProblem: Sendable {
  /// E′(x).
  public let slope: @Sendable (Double) -> Double
  /// D(x) > 0 on the open interval between r and b.
  public let diffusion: @Sendable (Double) -> Double
  /// x₀.
  public let start: Double
  /// r; further from b than the start. Must be far enough that the process hardly gets there.
  public let reflecting: Double
  /// b, where the clock stops.
  public let absorbing: Double

  public init(
    start: Double, reflecting: Double, absorbing: Double,
    slope: @escaping @Sendable (Double) -> Double,
    diffusion: @escaping @Sendable (Double) -> Double
  ) {
    precondition(
      (reflecting <= start && start < absorbing) || (reflecting >= start && start > absorbing),
      "the start \(start) must lie between the reflecting end \(reflecting) and the absorbing end \(absorbing)"
    )
    self.start = start
    self.reflecting = reflecting
    self.absorbing = absorbing
    self.slope = slope
    self.diffusion = diffusion
  }
}
