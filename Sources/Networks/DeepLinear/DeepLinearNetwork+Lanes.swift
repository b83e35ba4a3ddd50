public import NumericalMethods

// Eight networks at once. The passes are those of `lossGradient`, for inputs X of c columns:
//
//   P_l = W_l P_{l−1},  P_0 = X;   B_{l−1} = W_lᵀ B_l from B_L;   ∂E/∂W_l = B_l P_{l−1}ᵀ + β W_l
//
// With X = I (c = p) the columns are input directions and B_L = W S_xx − S_yx holds the moments of a batch;
// with X a batch (c = B) they are its samples and B_L = (W X − Y)/B. Scratch: P_1 … P_L, then two buffers
// for B.
extension DeepLinearNetwork {
  /// Vectors of scratch that the two passes need for c columns.
  @inlinable
  package func laneScratchCount(columns: Int) -> Int {
    (widths.dropFirst().reduce(0, +) + 2 * widths.max()!) * columns
  }

  /// P_L = W_L … W_1 X, q × c.
  ///
  /// - Parameter input: X, p × c; nil for the identity.
  @inlinable
  package func forward<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, input: UnsafePointer<Vector>?, columns: Int,
    scratch: UnsafeMutablePointer<Vector>
  ) -> UnsafePointer<Vector> {
    widths.withUnsafeBufferPointer { widths in
      var weights = point
      var below = input
      var above = scratch
      for l in 1..<widths.count {
        let height = widths[l]
        let width = widths[l - 1]
        if let below {
          multiply(
            LaneMatrix(weights, columns: width), LaneMatrix(below, columns: columns),
            into: above, rows: height, inner: width, columns: columns)
        } else {
          above.update(from: weights, count: height * width)
        }
        below = UnsafePointer(above)
        above += height * columns
        weights += height * width
      }
      return below!
    }
  }

  /// Where ``backward(lanes:input:columns:into:scratch:)`` expects B_L, q × c.
  @inlinable
  package func laneErrors<Vector: Lanes>(
    columns: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> UnsafeMutablePointer<Vector> {
    scratch + widths.dropFirst().reduce(0, +) * columns
  }

  /// The gradient, weight decay included, after ``forward(lanes:input:columns:scratch:)`` and with B_L at
  /// ``laneErrors(columns:scratch:)``.
  @inlinable
  package func backward<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, input: UnsafePointer<Vector>?, columns: Int,
    into gradient: UnsafeMutablePointer<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    var back = laneErrors(columns: columns, scratch: scratch)
    var products = back
    var spare = back + widths.max()! * columns
    widths.withUnsafeBufferPointer { widths in
      var weights = point + dimension
      var output = gradient + dimension
      for l in stride(from: widths.count - 1, through: 1, by: -1) {
        let height = widths[l]
        let width = widths[l - 1]
        weights -= height * width
        output -= height * width
        products -= height * columns
        let below = l > 1 ? UnsafePointer(products - width * columns) : input
        if let below {
          multiply(
            LaneMatrix(back, columns: columns), LaneMatrix(below, columns: columns).transposed,
            into: output, rows: height, inner: columns, columns: width, adding: weights,
            times: weightDecay)
        } else {
          let decay = Vector(repeating: weightDecay)
          for i in 0..<(height * width) {
            output[i] = weights[i].multiplied(by: decay, adding: back[i])
          }
        }
        guard l > 1 else { break }
        multiply(
          LaneMatrix(weights, columns: width).transposed, LaneMatrix(back, columns: columns),
          into: spare, rows: width, inner: height, columns: columns)
        swap(&back, &spare)
      }
    }
  }

  // MARK: - The whole data set

  public var laneScratchCount: Int { laneScratchCount(columns: widths[0]) }

  @inlinable
  public func gradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, into gradient: UnsafeMutablePointer<Vector>,
    scratch: UnsafeMutablePointer<Vector>
  ) {
    let p = widths[0]
    let q = widths[widths.count - 1]
    let map = forward(lanes: point, input: nil, columns: p, scratch: scratch)
    let errors = laneErrors(columns: p, scratch: scratch)
    moments.cross.elements.withUnsafeBufferPointer { cross in
      if whiteInputs {
        for i in 0..<(q * p) { errors[i] = map[i] - Vector(repeating: cross[i]) }
      } else {
        moments.inputs.elements.withUnsafeBufferPointer { inputs in
          for i in 0..<q {
            for j in 0..<p {
              var sum = Vector(repeating: -cross[i * p + j])
              for k in 0..<p {
                sum = map[i * p + k].multiplied(
                  by: Vector(repeating: inputs[k * p + j]), adding: sum)
              }
              errors[i * p + j] = sum
            }
          }
        }
      }
    }
    backward(lanes: point, input: nil, columns: p, into: gradient, scratch: scratch)
  }
}
