/// An escape problem in one dimension: drift −E′(x) with diffusion D(x) (Itô), started at x₀, reflecting
/// at r behind the start and absorbing at b. Or periodic behind the start: E′ and D repeat themselves with the
/// period x₀ − r, and nothing reflects.
///
/// ```
/// dx = −E′(x) dt + √(2 D(x)) dW
/// ```
package struct OneDimensionalProblem: Sendable {
  /// E′(x).
  package let slope: @Sendable (Double) -> Double
  /// D(x) > 0 on the open interval between r and b.
  package let diffusion: @Sendable (Double) -> Double
  /// x₀.
  package let start: Double
  /// r; further from b than the start. Must be far enough that the process hardly gets there.
  package let reflecting: Double
  /// b, where the clock stops.
  package let absorbing: Double
  /// Whether E′ and D repeat themselves beyond r, with the period from r to x₀, rather than end there.
  package let isPeriodic: Bool

  package init(
    start: Double, reflecting: Double, absorbing: Double, isPeriodic: Bool = false,
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
    self.isPeriodic = isPeriodic
    self.slope = slope
    self.diffusion = diffusion
  }
}
