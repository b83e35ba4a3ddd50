public import Landscapes
import NumericalMethods

/// What a network has learned of one feature, as a smooth function of the weights:
///
/// ```
/// q(θ) = uᵀ⟨f(x; θ) xᵀ⟩v,   ⟨·⟩ over samples
/// ```
///
/// u and v are directions of outputs and inputs. It is linear in f, so q = L₀ − L_a + ½⟨|a|²⟩ with the losses
/// L = ½⟨|y − f|²⟩ to the targets y = 0 and y = a = u (v·x), whose gradient and Hessian are at hand.
public struct FeatureOverlap: EnergyLandscape {
  private let zero: NetworkLoss
  private let toward: NetworkLoss
  private let offset: Double

  /// - Parameters:
  ///   - loss: for its network and its samples.
  ///   - output: u, a number for each output.
  ///   - input: v, a number for each input.
  public init(of loss: NetworkLoss, output: [Double], input: [Double]) throws {
    let data = loss.data
    precondition(output.count == data.targets.columns && input.count == data.inputs.columns)
    let projections = product(data.inputs, input)
    var targets = Matrix(rows: data.count, columns: output.count)
    for n in 0..<data.count {
      for k in output.indices { targets[n, k] = output[k] * projections[n] }
    }
    func network(_ targets: Matrix) throws -> NetworkLoss {
      try NetworkLoss(
        architecture: loss.architecture,
        data: Dataset(inputs: data.inputs, targets: targets, shares: data.shares), weightDecay: 0)
    }
    zero = try network(Matrix(rows: data.count, columns: output.count))
    toward = try network(targets)
    offset =
      0.5 * inner(output, output)
      * (0..<data.count).reduce(0) { sum, n in
        sum + projections[n] * projections[n] * (data.shares?[n] ?? 1 / Double(data.count))
      }
  }

  /// With a feature that is learned at a point: u and v are its singular vectors of ⟨f xᵀ⟩ there.
  ///
  /// - Parameter feature: from 1, the strongest.
  public init(of loss: NetworkLoss, losing feature: Int, at point: [Double]) throws {
    let features = try loss.learnedFeatures(at: point)
    try self.init(
      of: loss, output: features.left.column(feature - 1),
      input: features.right.column(feature - 1))
  }

  /// Hess(E − μq) of a loss on the same samples, as a map of vectors.
  ///
  /// For squared errors E − μq is, up to a constant, the loss with the targets y + μa, so one product of a vector serves for
  /// both.
  package func curvature(
    of loss: NetworkLoss, less multiplier: Double, at point: [Double]
  ) throws -> SymmetricOperator {
    guard loss.lossFunction == .meanSquaredError else {
      return SymmetricOperator(dimension: dimension) { vector in
        zip(
          loss.hessianVectorProduct(at: point, along: vector),
          hessianVectorProduct(at: point, along: vector)
        ).map { $0 - multiplier * $1 }
      }
    }
    let shifted = try NetworkLoss(
      architecture: loss.architecture,
      data: Dataset(
        inputs: loss.data.inputs, targets: loss.data.targets + multiplier * toward.data.targets,
        shares: loss.data.shares), weightDecay: loss.weightDecay)
    return SymmetricOperator(hessianOf: shifted, at: point)
  }

  public var dimension: Int { zero.dimension }
  public var scratchCount: Int { zero.scratchCount + zero.dimension }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    zero.energy(at: point, scratch: scratch) - toward.energy(at: point, scratch: scratch) + offset
  }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let other = scratch + zero.scratchCount
    let value =
      zero.gradient(at: point, into: gradient, scratch: scratch)
      - toward.gradient(at: point, into: other, scratch: scratch)
    for i in 0..<dimension { gradient[i] -= other[i] }
    return value + offset
  }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    zip(
      zero.hessianVectorProduct(at: point, along: direction),
      toward.hessianVectorProduct(at: point, along: direction)
    ).map { $0 - $1 }
  }
}
