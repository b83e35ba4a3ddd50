import Landscapes
public import NumericalMethods

extension GaussianNetworkLoss {
  /// x and y of a sample, then what its forward and backward pass need.
  public var sampleScratchCount: Int {
    teacher.inputCount + teacher.targetCount + nodes.sampleScratchCount
  }

  public func addSampleGradient(
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    random: borrowing RandomSource, scratch: UnsafeMutablePointer<Double>
  ) {
    let (input, target) = (scratch, scratch + teacher.inputCount)
    teacher.draw(input, target, random: random)
    nodes.addGradient(
      input, target, at: point, weight: weight, to: gradient,
      scratch: target + teacher.targetCount)
  }

  /// x, y, all a and φ′, and two buffers for δ.
  @inlinable public var sampleLaneScratchCount: Int {
    let widths = architecture.widths
    return widths.reduce(0, +) + widths[widths.count - 1] + 2 * widths.reduce(0, +)
      + 2 * widths.max()!
  }

  @inlinable
  public func addSampleGradient<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, weight: Vector, to gradient: UnsafeMutablePointer<Vector>,
    random: inout LaneRandom<Vector>, scratch: UnsafeMutablePointer<Vector>
  ) {
    let architecture = architecture
    let teacher = teacher
    let depth = architecture.depth
    architecture.widths.withUnsafeBufferPointer { widths in
      let (p, q) = (widths[0], widths[depth])
      var widest = 0
      var units = 0
      for l in 0...depth {
        widest = Swift.max(widest, widths[l])
        units += widths[l]
      }
      // a_0 = x, a_1 … a_L one after the other; φ′ in the same places behind them.
      let values = scratch
      let slopes = values + units
      let target = slopes + units
      var error = target + q
      var spare = error + widest
      for i in 0..<p { values[i] = random.normal() }
      for k in 0..<q {
        let (signal, noise) = teacher.mixture(target: k)
        target[k] = random.normal() * Vector(repeating: noise)
        if signal > 0 {
          target[k] = values[k].multiplied(by: Vector(repeating: signal), adding: target[k])
        }
      }

      let gain = Vector(repeating: architecture.gain)
      let attenuation = Vector(repeating: 1 / architecture.gain)
      let isLinear = architecture.activation == .linear
      let hasBiases = architecture.hasBiases
      var parameters = 0
      var offset = 0
      for l in 1...depth {
        let (width, height) = (widths[l - 1], widths[l])
        let below = values + offset
        let a = below + width
        let slope = slopes + offset + width
        for j in 0..<height {
          let row = point + parameters + j &* width
          var sum = hasBiases ? point[parameters + height &* width + j] : .zero
          for i in 0..<width { sum = row[i].multiplied(by: below[i], adding: sum) }
          if l < depth && !isLinear {
            let (value, derivative) = architecture.activation.valueAndSlope(gain * sum)
            a[j] = value * attenuation
            slope[j] = derivative
          } else {
            a[j] = sum
          }
        }
        parameters += height &* width + (hasBiases ? height : 0)
        offset += width
      }

      for k in 0..<q { error[k] = weight * (values[offset + k] - target[k]) }
      for l in stride(from: depth, through: 1, by: -1) {
        let (width, height) = (widths[l - 1], widths[l])
        if hasBiases {
          parameters -= height
          for j in 0..<height { gradient[parameters + j] += error[j] }
        }
        parameters -= height &* width
        offset -= width
        let below = values + offset
        for j in 0..<height {
          let row = gradient + parameters + j &* width
          for i in 0..<width { row[i] = error[j].multiplied(by: below[i], adding: row[i]) }
        }
        guard l > 1 else { break }
        for i in 0..<width { spare[i] = .zero }
        for j in 0..<height {
          let row = point + parameters + j &* width
          for i in 0..<width { spare[i] = row[i].multiplied(by: error[j], adding: spare[i]) }
        }
        if !isLinear { for i in 0..<width { spare[i] = spare[i] * slopes[offset + i] } }
        swap(&error, &spare)
      }
    }
  }
}
