public import Escapes
import Landscapes
public import NumericalMethods

/// The amplitude of one feature in a deep linear network, uᵀ W_L … W_1 v, with u and v the feature's
/// singular vectors of Σyx.
///
/// On the aligned states of the theory it equals the end-to-end singular value λ of that feature; it is
/// followed instead of σ_r because it costs one forward pass and keeps its feature when values cross.
public struct ModeAmplitude: OrderParameter {
  @usableFromInline let widths: [Int]
  @usableFromInline let inputVector: [Double]
  @usableFromInline let outputVector: [Double]

  /// - Parameter feature: 0 is the strongest.
  public init(network: DeepLinearNetwork, feature: Int) throws {
    let features = try network.moments.features()
    guard features.values.indices.contains(feature) else {
      throw InvalidInput(
        "feature \(feature + 1) was asked for, but the data offer only \(features.values.count)")
    }
    widths = network.widths
    inputVector = features.right.column(feature)
    outputVector = features.left.column(feature)
  }

  public var scratchCount: Int { 2 * widths.max()! }

  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    var below = scratch
    var above = scratch + widths.max()!
    for i in 0..<widths[0] { below[i] = inputVector[i] }
    var weights = point
    for l in 1..<widths.count {
      for j in 0..<widths[l] { above[j] = dot(weights + j * widths[l - 1], below, widths[l - 1]) }
      weights += widths[l] * widths[l - 1]
      swap(&below, &above)
    }
    return outputVector.withUnsafeBufferPointer { dot(below, $0.baseAddress!, $0.count) }
  }

  public var laneScratchCount: Int { 2 * widths.max()! }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    var below = scratch
    var above = scratch + widths.max()!
    for i in 0..<widths[0] { below[i] = Vector(repeating: inputVector[i]) }
    var weights = point
    for l in 1..<widths.count {
      let width = widths[l - 1]
      multiply(
        LaneMatrix(weights, columns: width), LaneMatrix(below, columns: 1), into: above,
        rows: widths[l], inner: width, columns: 1)
      weights += widths[l] * width
      swap(&below, &above)
    }
    var sum = Vector.zero
    for k in outputVector.indices {
      sum = below[k].multiplied(by: Vector(repeating: outputVector[k]), adding: sum)
    }
    return sum
  }
}
