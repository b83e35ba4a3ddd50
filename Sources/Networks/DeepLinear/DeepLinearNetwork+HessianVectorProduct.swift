import Landscapes
import NumericalMethods

extension DeepLinearNetwork {
  /// Exact, by differentiating the gradient along `direction`. With W_l → W_l + εV_l:
  ///
  /// ```
  /// Ṗ_l = V_l P_{l−1} + W_l Ṗ_{l−1},   Ḃ_L = Ẇ Σxx,   Ḃ_{l−1} = V_lᵀ B_l + W_lᵀ Ḃ_l
  /// (Hv)_l = Ḃ_l P_{l−1}ᵀ + B_l Ṗ_{l−1}ᵀ + β V_l
  /// ```
  ///
  /// where P_l = W_l … W_1 and B_l = (W_L … W_{l+1})ᵀ(W Σxx − Σyx). It costs about three gradients.
  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    let count = dimension
    precondition(
      point.count == count && direction.count == count,
      "the network has \(count) parameters, but the point has \(point.count) and the direction \(direction.count)"
    )
    let p = widths[0]
    let productsCount = widths.dropFirst().reduce(0) { $0 + $1 * p }
    let backCount = widths.max()! * p
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialised in
      withScratch(2 * productsCount + 4 * backCount) { scratch in
        point.withUnsafeBufferPointer { weights in
          direction.withUnsafeBufferPointer { shifts in
            differentiateGradient(
              weights.baseAddress!, shifts.baseAddress!, into: buffer.baseAddress!,
              products: scratch, productShifts: scratch + productsCount,
              back: scratch + 2 * productsCount, backCount: backCount)
          }
        }
      }
      initialised = count
    }
  }

  private func differentiateGradient(
    _ point: UnsafePointer<Double>, _ direction: UnsafePointer<Double>,
    into output: UnsafeMutablePointer<Double>, products: UnsafeMutablePointer<Double>,
    productShifts: UnsafeMutablePointer<Double>, back backBuffers: UnsafeMutablePointer<Double>,
    backCount: Int
  ) {
    let p = widths[0]
    let q = widths[depth]

    // Forwards: P_l and Ṗ_l.
    endToEndMap(at: point, scratch: products)
    productShifts.update(from: direction, count: widths[1] * p)
    var parameters = widths[1] * p
    var offset = 0
    for l in 1..<max(depth, 1) {
      let height = widths[l + 1]
      let width = widths[l]
      let next = productShifts + offset + width * p
      next.update(repeating: 0, count: height * p)
      multiplyAdd(
        direction + parameters, products + offset, into: next, rows: height, inner: width,
        columns: p)
      multiplyAdd(
        point + parameters, productShifts + offset, into: next, rows: height, inner: width,
        columns: p)
      parameters += height * width
      offset += width * p
    }

    // B_L and Ḃ_L.
    var back = backBuffers
    var backShift = back + backCount
    var spare = backShift + backCount
    var spareShift = spare + backCount
    if whiteInputs {
      back.update(from: products + offset, count: q * p)
      backShift.update(from: productShifts + offset, count: q * p)
    } else {
      back.update(repeating: 0, count: q * p)
      backShift.update(repeating: 0, count: q * p)
      moments.inputs.elements.withUnsafeBufferPointer { inputs in
        multiplyAdd(
          products + offset, inputs.baseAddress!, into: back, rows: q, inner: p, columns: p)
        multiplyAdd(
          productShifts + offset, inputs.baseAddress!, into: backShift, rows: q, inner: p,
          columns: p)
      }
    }
    moments.cross.elements.withUnsafeBufferPointer {
      addScaled(-1, $0.baseAddress!, to: back, q * p)
    }

    // Layers from the last to the first; `parameters` and `offset` end where W_l and P_l begin.
    parameters = dimension
    for l in stride(from: depth, through: 1, by: -1) {
      let height = widths[l]
      let width = widths[l - 1]
      parameters -= height * width
      let result = output + parameters
      let shifts = direction + parameters
      for i in 0..<(height * width) { result[i] = weightDecay * shifts[i] }
      if l == 1 {
        addScaled(1, backShift, to: result, height * width)
        break
      }
      offset -= width * p
      multiplyAddTransposedRight(
        backShift, products + offset, into: result, rows: height, inner: p, columns: width)
      multiplyAddTransposedRight(
        back, productShifts + offset, into: result, rows: height, inner: p, columns: width)
      spare.update(repeating: 0, count: width * p)
      spareShift.update(repeating: 0, count: width * p)
      multiplyAddTransposedLeft(
        point + parameters, back, into: spare, rows: width, inner: height, columns: p)
      multiplyAddTransposedLeft(
        shifts, back, into: spareShift, rows: width, inner: height, columns: p)
      multiplyAddTransposedLeft(
        point + parameters, backShift, into: spareShift, rows: width, inner: height, columns: p)
      swap(&back, &spare)
      swap(&backShift, &spareShift)
    }
  }
}
