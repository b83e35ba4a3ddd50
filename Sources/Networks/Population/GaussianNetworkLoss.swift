public import Landscapes
import NumericalMethods

/// The loss of a dense network over Gaussian data that never come twice:
///
/// ```
/// E(θ) = ½⟨‖y − f(x; θ)‖²⟩ + (β/2)‖θ‖²,   x ~ N(0, I),   y = Cx + (I − CCᵀ)^½ ζ,   C = diag(η)
/// ```
///
/// E, ∇E and the Hessian are sums over the nodes of a Gauss–Hermite quadrature in x, the noise ζ of the targets being
/// known in closed form; samples are drawn anew for SGD. So theory and runs are of one and the same landscape, which
/// no finite data set gives.
///
/// Validity: quadrature is exact for polynomials of degree 2n − 1 in each input, and good to 10⁻⁶ of the folds of tanh
/// networks with n = 12; it is no good across the kink of `relu`. The nodes are nᵖ, so p is at most a few.
public struct GaussianNetworkLoss: SampledLandscape, WeightDecayedLandscape {
  /// The network.
  public let architecture: NetworkArchitecture
  /// Where samples come from.
  public let teacher: GaussianTeacher
  /// The mean over y at the nodes of x, each with its share.
  let nodes: NetworkLoss
  /// The same at fewer nodes, for what is watched in a run: a look at all of them would take as long as many steps.
  public let watched: NetworkLoss
  /// ½ Σ Var(yₖ|x), which no network can learn.
  public let noiseLoss: Double

  /// The most nodes.
  static let largestNodeCount = 1 << 16

  /// - Parameter nodesPerInput: n.
  /// - Throws: `InvalidInput` where the widths do not fit the teacher, or there are too many inputs for a quadrature.
  public init(
    architecture: NetworkArchitecture, teacher: GaussianTeacher, weightDecay: Double,
    nodesPerInput n: Int = 16
  ) throws {
    try Require.atLeast(2, "the number of nodes for each input", n)
    self.architecture = architecture
    self.teacher = teacher
    nodes = try NetworkLoss(
      architecture: architecture, data: Self.nodes(of: teacher, each: n), weightDecay: weightDecay)
    watched = try NetworkLoss(
      architecture: architecture, data: Self.nodes(of: teacher, each: min(n, 6)), weightDecay: 0)
    let signal = teacher.singularValues.reduce(0) { $0 + $1 * $1 }
    noiseLoss = 0.5 * (Double(teacher.targetCount) - signal)
  }

  /// The nodes of a product rule, with the means of the targets.
  private static func nodes(of teacher: GaussianTeacher, each n: Int) throws -> Dataset {
    let p = teacher.inputCount
    var count = 1
    for _ in 0..<p {
      count *= n
      guard count <= largestNodeCount else {
        throw InvalidInput(
          "a quadrature over \(p) inputs with \(n) nodes for each needs more than \(largestNodeCount) nodes; use fewer nodes, fewer inputs, or draw samples and train on those"
        )
      }
    }
    let rule = try NormalQuadrature(count: n)
    var inputs = Matrix(rows: count, columns: p)
    var targets = Matrix(rows: count, columns: teacher.targetCount)
    var shares = [Double](repeating: 1, count: count)
    for node in 0..<count {
      var rest = node
      for i in 0..<p {
        inputs[node, i] = rule.nodes[rest % n]
        shares[node] *= rule.weights[rest % n]
        rest /= n
      }
      for (k, eta) in teacher.singularValues.enumerated() {
        targets[node, k] = eta * inputs[node, k]
      }
    }
    return Dataset(inputs: inputs, targets: targets, shares: shares)
  }

  private init(_ other: GaussianNetworkLoss, nodes: NetworkLoss) {
    architecture = other.architecture
    teacher = other.teacher
    noiseLoss = other.noiseLoss
    watched = other.watched
    self.nodes = nodes
  }

  public func with(weightDecay: Double) throws -> GaussianNetworkLoss {
    GaussianNetworkLoss(self, nodes: try nodes.with(weightDecay: weightDecay))
  }

  /// β.
  public var weightDecay: Double { nodes.weightDecay }
  public var dimension: Int { nodes.dimension }
  public var scratchCount: Int { nodes.scratchCount }

  public func energy(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double { noiseLoss + nodes.energy(at: point, scratch: scratch) }

  public func gradient(
    at point: UnsafePointer<Double>, into gradient: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<Double>
  ) -> Double { noiseLoss + nodes.gradient(at: point, into: gradient, scratch: scratch) }

  public func hessianVectorProduct(at point: [Double], along direction: [Double]) -> [Double] {
    nodes.hessianVectorProduct(at: point, along: direction)
  }
}
