public import Landscapes
public import NumericalMethods

/// The regularised loss of a deep linear network f(x) = W_L … W_1 x in weight space:
///
/// ```
/// E(θ) = ½⟨‖y − f(x)‖²⟩ + (β/2)‖θ‖²
///      = ½ tr Σyy − tr(W Σyxᵀ) + ½ tr(W Σxx Wᵀ) + (β/2)‖θ‖²,   W = W_L … W_1
/// ```
///
/// Only second moments enter, so one gradient costs no pass over the data. θ holds W_1, …, W_L one after
/// the other, each row by row with the shape outputs × inputs (PyTorch's order).
public struct DeepLinearNetwork: WeightDecayedLandscape {
  /// p, H_1, …, H_{L−1}, q.
  public let widths: [Int]
  /// All that it sees of its data.
  public let moments: SecondMoments
  /// β, PyTorch's `weight_decay`.
  public let weightDecay: Double
  @usableFromInline let whiteInputs: Bool

  /// - Throws: `InvalidInput` where widths and moments do not fit, or β < 0.
  public init(widths: [Int], moments: SecondMoments, weightDecay: Double) throws {
    dimension = try NetworkSize.parameterCount(widths, withProducts: true)
    try Require.nonNegative("weight decay β", weightDecay)
    guard widths.first == moments.inputs.rows, widths.last == moments.cross.rows else {
      throw InvalidInput(
        "a network \(hyphenated(widths)) does not fit data with "
          + "\(moments.inputs.rows) inputs and \(moments.cross.rows) targets; make the first and last width equal to those"
      )
    }
    self.widths = widths
    self.moments = moments
    self.weightDecay = weightDecay
    whiteInputs = moments.inputsAreWhite
  }

  /// The same network at another weight decay.
  public func with(weightDecay: Double) throws -> DeepLinearNetwork {
    try DeepLinearNetwork(widths: widths, moments: moments, weightDecay: weightDecay)
  }

  /// L, the number of weight matrices.
  public var depth: Int { widths.count - 1 }

  public let dimension: Int

  // MARK: - Energy and gradient
  //
  // P_l = W_l … W_1 (H_l × p) is built forwards, B_l = (W_L … W_{l+1})ᵀ ∂E/∂W (H_l × p) backwards from
  // B_L = W Σxx − Σyx; then ∂E/∂W_l = B_l P_{l−1}ᵀ + β W_l.
  // Scratch: P_1 … P_L, then two buffers for B.

  public var scratchCount: Int {
    let p = widths[0]
    return widths.dropFirst().reduce(0) { $0 + $1 * p } + 2 * (widths.max()! * p)
  }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let map = endToEndMap(at: point, scratch: scratch)
    let p = widths[0]
    let q = widths[depth]
    let work = scratch + widths.dropFirst().reduce(0) { $0 + $1 * p }
    var energy = 0.5 * moments.targetSquare
    moments.cross.elements.withUnsafeBufferPointer {
      energy -= dot(map, $0.baseAddress!, p * q)
    }
    if whiteInputs {
      energy += 0.5 * dot(map, map, p * q)
    } else {
      work.update(repeating: 0, count: p * q)
      moments.inputs.elements.withUnsafeBufferPointer {
        multiplyAdd(map, $0.baseAddress!, into: work, rows: q, inner: p, columns: p)
      }
      energy += 0.5 * dot(map, work, p * q)
    }
    let count = dimension
    return energy + 0.5 * weightDecay * dot(point, point, count)
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    moments.inputs.elements.withUnsafeBufferPointer { inputs in
      moments.cross.elements.withUnsafeBufferPointer { cross in
        lossGradient(
          at: point, inputMoment: whiteInputs ? nil : inputs.baseAddress!,
          crossMoment: cross.baseAddress!, targetSquare: moments.targetSquare, into: gradient,
          scratch: scratch)
      }
    }
  }

  /// The gradient for given moments (of the data, or of one minibatch), weight decay included.
  ///
  /// - Parameters:
  ///   - inputMoment: Σxx, p × p; nil for the identity.
  ///   - crossMoment: Σyx, q × p.
  ///   - targetSquare: tr Σyy, for the returned energy only.
  @discardableResult
  @usableFromInline package func lossGradient(
    at point: UnsafePointer<Double>, inputMoment: UnsafePointer<Double>?,
    crossMoment: UnsafePointer<Double>, targetSquare: Double,
    into gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let p = widths[0]
    let q = widths[depth]
    let map = endToEndMap(at: point, scratch: scratch)
    var productsCount = 0
    for l in 1...depth { productsCount += widths[l] * p }
    var back = scratch + productsCount
    var spare = back + (widths.max()! * p)

    // B_L = W Σxx − Σyx, and the energy from the same product.
    back.update(repeating: 0, count: q * p)
    if let inputMoment {
      multiplyAdd(map, inputMoment, into: back, rows: q, inner: p, columns: p)
    } else {
      back.update(from: map, count: q * p)
    }
    var energy = 0.5 * targetSquare
    for i in 0..<(q * p) {
      energy += map[i] * (0.5 * back[i] - crossMoment[i])
      back[i] -= crossMoment[i]
    }

    // Layers from the last to the first.
    var weights = point + dimension
    var output = gradient + dimension
    var products = scratch + productsCount
    for l in stride(from: depth, through: 1, by: -1) {
      let height = widths[l]
      let width = widths[l - 1]
      weights -= height * width
      output -= height * width
      products -= height * p
      for i in 0..<(height * width) { output[i] = weightDecay * weights[i] }
      energy += 0.5 * weightDecay * dot(weights, weights, height * width)
      if l == 1 {
        for i in 0..<(height * width) { output[i] += back[i] }
      } else {
        multiplyAddTransposedRight(
          back, products - width * p, into: output, rows: height, inner: p, columns: width)
        spare.update(repeating: 0, count: width * p)
        multiplyAddTransposedLeft(
          weights, back, into: spare, rows: width, inner: height, columns: p)
        swap(&back, &spare)
      }
    }
    return energy
  }

  /// W = W_L … W_1 (q × p), built in `scratch` after P_1, …, P_{L−1}; the returned pointer is into it.
  @discardableResult
  @usableFromInline package func endToEndMap(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> UnsafePointer<Double> {
    let p = widths[0]
    var weights = point
    var previous = scratch
    previous.update(from: weights, count: widths[1] * p)
    weights += widths[1] * p
    for l in 1..<max(depth, 1) {
      let next = previous + widths[l] * p
      next.update(repeating: 0, count: widths[l + 1] * p)
      multiplyAdd(
        weights, previous, into: next, rows: widths[l + 1], inner: widths[l], columns: p)
      weights += widths[l + 1] * widths[l]
      previous = next
    }
    return UnsafePointer(previous)
  }

  /// W = W_L … W_1, q × p.
  public func endToEndMap(at point: [Double]) -> Matrix {
    withScratch(scratchCount) { scratch in
      let map = endToEndMap(at: point, scratch: scratch)
      let count = widths[depth] * widths[0]
      return Matrix(
        rows: widths[depth], columns: widths[0],
        elements: Array(UnsafeBufferPointer(start: map, count: count)))
    }
  }

  /// W_1, …, W_L of a parameter vector.
  public func layers(of point: [Double]) -> [Matrix] {
    precondition(point.count == dimension)
    var offset = 0
    return (0..<depth).map { l in
      let count = widths[l + 1] * widths[l]
      defer { offset += count }
      return Matrix(
        rows: widths[l + 1], columns: widths[l],
        elements: Array(point[offset..<offset + count]))
    }
  }
}
