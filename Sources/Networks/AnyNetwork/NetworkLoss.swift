public import Landscapes
package import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How outputs and targets are compared, per sample and before regularisation.
public enum LossFunction: String, CaseIterable, Sendable {
  /// ½‖y − f‖², summed over outputs.
  case meanSquaredError = "mse"
  /// −Σ yₖ ln softmax(f)ₖ with one-hot (or probability) targets.
  case crossEntropy = "cross-entropy"

  /// How far the sum of probabilities may be from 1: they may have been rounded to single precision, or to some
  /// decimals.
  static let roundingOfProbabilities = 1e-5

  /// Refuses targets that the loss makes no sense of.
  ///
  /// The cross-entropy of a softmax is a distance of distributions: yₖ ≥ 0 and Σ yₖ = 1 for every sample. With a
  /// negative yₖ it is unbounded below, since ln softmax(f)ₖ has no lower bound; where the sum is not 1 its minimum
  /// is not at softmax(f) = y.
  ///
  /// - Throws: `InvalidInput` naming sample and target, counted from 1.
  package func check(targets: Matrix) throws {
    guard self == .crossEntropy else { return }
    let remedy =
      "give classes with --one-hot, indicators as they are, neither centred nor scaled, or use the squared error"
    for sample in 0..<targets.rows {
      let row = targets.row(sample)
      if let k = row.firstIndex(where: { !($0 >= 0) }) {
        throw InvalidInput(
          "the cross-entropy needs targets that are distributions, but target \(k + 1) of sample \(sample + 1) is \(row[k]); \(remedy)"
        )
      }
      let sum = row.reduce(0, +)
      guard abs(sum - 1) <= Self.roundingOfProbabilities else {
        throw InvalidInput(
          "the cross-entropy needs targets that are distributions, but those of sample \(sample + 1) add up to \(sixDigits(sum)), not to 1; \(remedy)"
        )
      }
    }
  }
}

/// Layer widths p, H_1, …, q, the hidden activation, and whether layers have biases.
public struct NetworkArchitecture: Sendable, Equatable {
  /// From inputs to outputs.
  public let widths: [Int]
  /// Between hidden layers.
  public let activation: Activation
  /// Whether units have biases.
  public let hasBiases: Bool
  /// g: hidden units compute φ(gz)/g, which for an odd φ goes from linear (g → 0) to φ itself (g = 1, the default).
  public let gain: Double

  /// Layers of the given widths, from inputs to outputs.
  public init(
    widths: [Int], activation: Activation = .linear, hasBiases: Bool = false, gain: Double = 1
  ) throws {
    parameterCount = try NetworkSize.parameterCount(widths, hasBiases: hasBiases)
    try Require.positive("gain of the activation", gain)
    self.widths = widths
    self.activation = activation
    self.hasBiases = hasBiases
    self.gain = gain
  }

  /// L.
  public var depth: Int { widths.count - 1 }

  /// D.
  public let parameterCount: Int
}

/// The regularised training loss of a dense network on finite data:
///
/// ```
/// E(θ) = (1/N) Σₙ ℓ(yₙ, f(xₙ; θ)) + (β/2)‖θ‖²
/// ```
///
/// Hidden layers apply the activation, the last layer is linear. θ holds W_1, b_1, …, W_L, b_L, each
/// W row by row with the shape outputs × inputs (PyTorch's order); biases are decayed like PyTorch's
/// `weight_decay` does.
public struct NetworkLoss: WeightDecayedLandscape {
  /// The network.
  public let architecture: NetworkArchitecture
  /// What it is trained on.
  public let data: Dataset
  /// The loss of a sample.
  public let lossFunction: LossFunction
  /// β.
  public private(set) var weightDecay: Double
  /// The inputs where they are sparse and many: then sums over samples are faster, and the same up to rounding.
  let sparseInputs: SparseInputs?

  /// - Throws: `InvalidInput` where the shapes do not fit, or the loss makes no sense of the targets.
  public init(
    architecture: NetworkArchitecture, data: Dataset,
    lossFunction: LossFunction = .meanSquaredError, weightDecay: Double
  ) throws {
    try Require.nonNegative("weight decay β", weightDecay)
    try Require.atLeast(1, "number of samples", data.count)
    let widths = architecture.widths
    guard widths.first == data.inputs.columns, widths.last == data.targets.columns else {
      throw InvalidInput(
        "a network \(hyphenated(widths)) does not fit data with "
          + "\(data.inputs.columns) inputs and \(data.targets.columns) targets; make the first and last width equal to those"
      )
    }
    try lossFunction.check(targets: data.targets)
    self.architecture = architecture
    self.data = data
    self.lossFunction = lossFunction
    self.weightDecay = weightDecay
    sparseInputs = data.count < SparseInputs.fewestSamples ? nil : SparseInputs(data.inputs)
  }

  /// The same loss of samples with another penalty.
  public func with(weightDecay: Double) throws -> NetworkLoss {
    try Require.nonNegative("weight decay β", weightDecay)
    var other = self
    other.weightDecay = weightDecay
    return other
  }

  public var dimension: Int { architecture.parameterCount }

  /// For a block of samples, or for one.
  public var scratchCount: Int { max(sampleScratchCount, blockScratchCount) }

  /// For one sample: pre-activations and activations of every layer, and two error buffers.
  package var sampleScratchCount: Int { 2 * unitCount + 2 * architecture.widths.max()! }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    sumOfLosses(at: point, scratch: scratch) / Double(data.count) + penalty(at: point)
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    for i in 0..<dimension { gradient[i] = weightDecay * point[i] }
    let scale = 1 / Double(data.count)
    let sum = addGradient(
      ofSamples: data.count, at: point, weight: scale, to: gradient, scratch: scratch
    ) { $0 }
    return scale * sum + penalty(at: point)
  }

  /// (β/2)‖θ‖².
  package func penalty(at point: UnsafePointer<Double>) -> Double {
    0.5 * weightDecay * dot(point, point, dimension)
  }

  /// ℓ of one sample, without the penalty. Scratch: ``sampleScratchCount``.
  package func sampleLoss(
    _ sample: Int, at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    withSample(sample) { input, target in
      let output = forward(input, at: point, scratch: scratch)
      return loss(output, target, error: scratch + 2 * unitCount)
    }
  }

  /// Adds `weight`·∇ℓ of one sample (without the penalty) to `gradient` and returns ℓ. Scratch:
  /// ``sampleScratchCount``.
  @discardableResult
  package func addSampleGradient(
    _ sample: Int, at point: UnsafePointer<Double>, weight: Double,
    to gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    withSample(sample) { input, target in
      addGradient(input, target, at: point, weight: weight, to: gradient, scratch: scratch)
    }
  }

  /// The same of a sample that is not among the data.
  @discardableResult
  func addGradient(
    _ input: UnsafePointer<Double>, _ target: UnsafePointer<Double>,
    at point: UnsafePointer<Double>, weight: Double, to gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let output = forward(input, at: point, scratch: scratch)
    let error = scratch + 2 * unitCount
    let value = loss(output, target, error: error)
    for k in 0..<architecture.widths[architecture.depth] { error[k] *= weight }
    backward(input, at: point, to: gradient, scratch: scratch)
    return value
  }

  /// Adds the gradient of one sample to `gradient`, from δ_L behind the activations in scratch and what
  /// ``forward(_:at:scratch:)`` left there.
  ///
  /// ```
  /// δ_l = ∂ℓ/∂z_l,   ∂ℓ/∂W_l = δ_l a_{l−1}ᵀ,   δ_{l−1} = φ′(z_{l−1}) ∘ W_lᵀ δ_l
  /// ```
  func backward(
    _ input: UnsafePointer<Double>, at point: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let widths = architecture.widths
    let units = unitCount
    var error = scratch + 2 * units
    var spare = error + widths.max()!
    var parameters = dimension
    var offset = units
    for l in stride(from: architecture.depth, through: 1, by: -1) {
      let height = widths[l]
      let width = widths[l - 1]
      if architecture.hasBiases {
        parameters -= height
        addScaled(1, error, to: gradient + parameters, height)
      }
      parameters -= height * width
      offset -= height
      let below = l == 1 ? input : UnsafePointer(scratch + units + offset - width)
      for j in 0..<height {
        addScaled(error[j], below, to: gradient + parameters + j * width, width)
      }
      guard l > 1 else { break }
      spare.update(repeating: 0, count: width)
      for j in 0..<height {
        addScaled(error[j], point + parameters + j * width, to: spare, width)
      }
      if architecture.activation != .linear {
        let z = scratch + offset - width
        let gain = architecture.gain
        for i in 0..<width { spare[i] *= architecture.activation.derivative(gain * z[i]) }
      }
      swap(&error, &spare)
    }
  }

  // MARK: - One sample

  var unitCount: Int { architecture.widths.dropFirst().reduce(0, +) }

  @inline(__always)
  func withSample<Result>(
    _ sample: Int, _ body: (UnsafePointer<Double>, UnsafePointer<Double>) -> Result
  ) -> Result {
    data.inputs.elements.withUnsafeBufferPointer { inputs in
      data.targets.elements.withUnsafeBufferPointer { targets in
        body(
          inputs.baseAddress! + sample * data.inputs.columns,
          targets.baseAddress! + sample * data.targets.columns)
      }
    }
  }

  /// Fills scratch with z_1 … z_L, then a_1 … a_L; returns a pointer to a_L = z_L.
  func forward(
    _ input: UnsafePointer<Double>, at point: UnsafePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> UnsafePointer<Double> {
    let widths = architecture.widths
    let activations = scratch + unitCount
    var below = input
    var offset = 0
    var parameters = point
    for l in 1...architecture.depth {
      let height = widths[l]
      let width = widths[l - 1]
      let z = scratch + offset
      let a = activations + offset
      for j in 0..<height { z[j] = dot(parameters + j * width, below, width) }
      parameters += height * width
      if architecture.hasBiases {
        for j in 0..<height { z[j] += parameters[j] }
        parameters += height
      }
      if l < architecture.depth && architecture.activation != .linear {
        let gain = architecture.gain
        for j in 0..<height { a[j] = architecture.activation.value(gain * z[j]) / gain }
      } else {
        a.update(from: z, count: height)
      }
      below = UnsafePointer(a)
      offset += height
    }
    return below
  }

  /// ℓ, and ∂ℓ/∂f into `error`.
  func loss(
    _ output: UnsafePointer<Double>, _ target: UnsafePointer<Double>,
    error: UnsafeMutablePointer<Double>
  ) -> Double {
    let q = architecture.widths[architecture.depth]
    var value = 0.0
    switch lossFunction {
    case .meanSquaredError:
      for k in 0..<q {
        let residual = output[k] - target[k]
        error[k] = residual
        value += 0.5 * residual * residual
      }
    case .crossEntropy:
      // ln Σ exp f is taken about the largest output, or exp overflows.
      var largest = output[0]
      for k in 1..<max(q, 1) { largest = max(largest, output[k]) }
      var sum = 0.0
      for k in 0..<q { sum += exp(output[k] - largest) }
      let logSum = largest + log(sum)
      var targetSum = 0.0
      for k in 0..<q { targetSum += target[k] }
      for k in 0..<q {
        value += target[k] * (logSum - output[k])
        error[k] = targetSum * exp(output[k] - logSum) - target[k]
      }
    }
    return value
  }
}
