public import Escapes
import Landscapes
public import NumericalMethods

/// The r-th singular value σ_r of a deep linear network's end-to-end map.
///
/// It cannot be fooled by a rotation of the learned features, as an amplitude along fixed directions can,
/// so it decides whether a feature was gained. Accuracy about 1e-8 absolute (a root of W Wᵀ).
public struct EndToEndSingularValue: OrderParameter {
  @usableFromInline let network: DeepLinearNetwork
  /// r, from 1.
  public let rank: Int

  /// σ of the given rank, 1 the largest.
  public init(network: DeepLinearNetwork, rank: Int) {
    precondition(rank >= 1 && rank <= min(network.widths.first!, network.widths.last!))
    self.network = network
    self.rank = rank
  }

  public var scratchCount: Int { network.scratchCount }

  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    let map = network.endToEndMap(at: point, scratch: scratch)
    let p = network.widths.first!
    let q = network.widths.last!
    return singularValue(rank, of: map, rows: q, columns: p)
  }

  public var laneScratchCount: Int { network.laneScratchCount }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    let p = network.widths.first!
    let q = network.widths.last!
    guard q == 2 else { return valueLaneByLane(at: point, count: count) }
    let map = network.forward(lanes: point, input: nil, columns: p, scratch: scratch)
    var (a, b, c) = (Vector.zero, Vector.zero, Vector.zero)
    for j in 0..<p {
      a = map[j].multiplied(by: map[j], adding: a)
      b = map[j].multiplied(by: map[p + j], adding: b)
      c = map[p + j].multiplied(by: map[p + j], adding: c)
    }
    // As above; a map of zeros has determinant zero, which the smallest number keeps from 0/0.
    let half = Vector(repeating: 0.5)
    let difference = (a - c) * half
    let radius = difference.multiplied(by: difference, adding: b * b).squareRoot()
    let larger = (a + c).multiplied(by: half, adding: radius)
    if rank == 1 { return larger.squareRoot() }
    let smallest = Vector(repeating: Double(Float.leastNormalMagnitude))
    return ((a * c - b * b) / (larger + smallest)).maximum(.zero).squareRoot()
  }
}

/// What is watched while a network loses or gains a feature.
public enum RankOrderParameter: OrderParameter {
  /// The feature's own amplitude: cheap, and right while the feature is held.
  case amplitude(ModeAmplitude)
  /// σ_r: right where the feature is still to come.
  case singularValue(EndToEndSingularValue)

  public var scratchCount: Int {
    switch self {
    case .amplitude(let parameter): parameter.scratchCount
    case .singularValue(let parameter): parameter.scratchCount
    }
  }

  public func value(
    at point: UnsafePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) -> Double {
    switch self {
    case .amplitude(let parameter): parameter.value(at: point, scratch: scratch)
    case .singularValue(let parameter): parameter.value(at: point, scratch: scratch)
    }
  }

  public var laneScratchCount: Int {
    switch self {
    case .amplitude(let parameter): parameter.laneScratchCount
    case .singularValue(let parameter): parameter.laneScratchCount
    }
  }

  @inlinable
  public func value<Vector: Lanes>(
    lanes point: UnsafePointer<Vector>, count: Int, scratch: UnsafeMutablePointer<Vector>
  ) -> Vector {
    switch self {
    case .amplitude(let parameter):
      parameter.value(lanes: point, count: count, scratch: scratch)
    case .singularValue(let parameter):
      parameter.value(lanes: point, count: count, scratch: scratch)
    }
  }
}
