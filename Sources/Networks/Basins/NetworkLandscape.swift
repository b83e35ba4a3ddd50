public import Landscapes
import NumericalMethods

/// The loss of a network as a mean over samples, of which everything that noise does can be computed: finite data, or
/// the nodes of a quadrature.
public protocol NetworkLandscape: WeightDecayedLandscape {
  /// The network.
  var architecture: NetworkArchitecture { get }

  /// What the mean is over.
  var samples: NetworkLoss { get }

  /// What ⟨f xᵀ⟩ is a mean over while a run is watched: these samples, or fewer nodes.
  var watched: NetworkLoss { get }

  /// How many samples there are; nil for an endless supply.
  var finiteCount: Int? { get }

  /// The standard deviation of each target given the inputs, which the samples hold the means of; empty for data.
  var targetNoise: [Double] { get }

  /// Features r of which (x_r, y_r) and (−x_r, −y_r) are equally likely, whatever the others are; none for data.
  var mirroredFeatures: [Int] { get }

  /// ∇ℓ of the samples that SGD draws.
  func sampleGradients(at point: [Double]) throws -> SampleGradients
}

extension NetworkLoss: NetworkLandscape {
  public var samples: NetworkLoss { self }
  public var watched: NetworkLoss { self }
  public var finiteCount: Int? { data.count }
  public var targetNoise: [Double] { [] }
  public var mirroredFeatures: [Int] { [] }

  public func sampleGradients(at point: [Double]) throws -> SampleGradients {
    try sampleGradients(at: point, noise: [])
  }

  /// - Parameter noise: the standard deviations of the targets given the inputs, of a quadrature; none for data.
  func sampleGradients(at point: [Double], noise: [Double]) throws -> SampleGradients {
    let count = data.count
    let noisy = noise.indices.filter { noise[$0] > 0 }
    guard (1 + noisy.count) * count * dimension <= SampleGradients.largestCount else {
      throw InvalidInput(
        "the gradients of \(count) samples in \(dimension) weights are too many to keep; use fewer samples or a smaller network"
      )
    }
    var gradients = Matrix(rows: count, columns: dimension)
    var spreads = Matrix(rows: noisy.count * count, columns: dimension)
    withScratch(sampleScratchCount) { scratch in
      gradients.elements.withUnsafeMutableBufferPointer { gradients in
        spreads.elements.withUnsafeMutableBufferPointer { spreads in
          for n in 0..<count {
            withSample(n) { input, target in
              addGradient(
                input, target, at: point, weight: 1, to: gradients.baseAddress! + n * dimension,
                scratch: scratch)
              for (place, k) in noisy.enumerated() {
                // ∂ℓ/∂f of a target one standard deviation off, less that of its mean.
                let error = scratch + 2 * unitCount
                for j in 0..<architecture.widths.last! { error[j] = j == k ? -noise[k] : 0 }
                backward(
                  input, at: point,
                  to: spreads.baseAddress! + (n * noisy.count + place) * dimension,
                  scratch: scratch)
              }
            }
          }
        }
      }
    }
    return SampleGradients(
      shares: data.shares ?? [Double](repeating: 1 / Double(count), count: count),
      gradients: gradients, spreads: spreads, spreadsPerSample: noisy.count)
  }
}

extension GaussianNetworkLoss: NetworkLandscape {
  public var samples: NetworkLoss { nodes }
  public var finiteCount: Int? { nil }
  /// The first eight of them: sets of these are tried one by one.
  public var mirroredFeatures: [Int] { Array(teacher.singularValues.indices.prefix(8)) }
  public var targetNoise: [Double] {
    (0..<teacher.targetCount).map { teacher.mixture(target: $0).noise }
  }

  public func sampleGradients(at point: [Double]) throws -> SampleGradients {
    try nodes.sampleGradients(at: point, noise: targetNoise)
  }
}
