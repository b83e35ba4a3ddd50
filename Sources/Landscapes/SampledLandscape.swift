public import NumericalMethods

/// A landscape that is the mean loss of samples drawn without end, as in online training:
///
/// ```
/// E(θ) = ⟨ℓ(θ; z)⟩ + (β/2)‖θ‖²,   ∇E(θ) = ⟨∇ℓ(θ; z)⟩ + βθ,   C(θ) = Cov(∇ℓ(θ; z))
/// ```
///
/// E and ∇E are known in closed form, ∇ℓ of one sample can be drawn: theory has the first, `OnlineSGD`
/// the second.
public protocol SampledLandscape: EnergyLandscape {
  /// β, zero by default.
  var weightDecay: Double { get }

  /// How many doubles of scratch memory a sample needs.
  var sampleScratchCount: Int { get }

  /// How many vectors of scratch memory eight samples need.
  var sampleLaneScratchCount: Int { get }

  /// Draws z and adds w∇ℓ(θ; z), D numbers.
  func addSampleGradient(
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    random: borrowing RandomSource, scratch: UnsafeMutablePointer<Double>)

  /// The same in each lane, every lane with a sample of its own.
  func addSampleGradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, weight: Vector, to gradient: UnsafeMutablePointer<Vector>,
    random: inout LaneRandom<Vector>, scratch: UnsafeMutablePointer<Vector>)
}

extension SampledLandscape {
  @inlinable public var weightDecay: Double { 0 }

  /// u·(∇ℓ(θ; z) + βθ) of `count` samples: their mean is u·∇E and their variance uᵀCu.
  ///
  /// - Parameter direction: u, D numbers.
  public func sampleSlopes(
    at point: [Double], along direction: [Double], count: Int, random: borrowing RandomSource
  ) -> [Double] {
    var gradient = [Double](repeating: 0, count: dimension)
    return withScratch(sampleScratchCount) { scratch in
      (0..<count).map { _ in
        for i in gradient.indices { gradient[i] = weightDecay * point[i] }
        addSampleGradient(at: point, weight: 1, to: &gradient, random: random, scratch: scratch)
        return inner(direction, gradient)
      }
    }
  }
}
