import Landscapes
import Networks
public import NumericalMethods

/// The products x xᵀ and y xᵀ of every sample, ready to be summed over batches.
///
/// A row holds x_i x_j for i ≤ j, then y_k x_j for k and j, padded to whole vectors of eight. Where the
/// table would not stay in a processor's cache, it is not made, and products are formed as they are needed.
@usableFromInline
struct MomentTable: Sendable {
  /// 512 KiB.
  static let largestCount = 65_536

  @usableFromInline let inputs: [Double]
  @usableFromInline let targets: [Double]
  @usableFromInline let inputCount: Int
  @usableFromInline let targetCount: Int
  /// How many numbers a row has, padding included.
  @usableFromInline let width: Int
  /// The rows from `offset` on, or empty.
  @usableFromInline let products: [Double]
  /// Where the first row begins, so that no row lies across two lines of the cache: an array does not say
  /// where it lies, but one that is never changed stays there.
  @usableFromInline let offset: Int

  init(_ data: Dataset) {
    inputs = data.inputs.elements
    targets = data.targets.elements
    inputCount = data.inputs.columns
    targetCount = data.targets.columns
    width = Self.width(inputCount, targetCount)
    var products = [Double]()
    if data.count * width <= Self.largestCount {
      products.reserveCapacity(data.count * width + laneCount)
      offset = products.withUnsafeBufferPointer {
        (64 - Int(bitPattern: $0.baseAddress!) % 64) % 64 / MemoryLayout<Double>.stride
      }
      products += [Double](repeating: 0, count: offset)
      for n in 0..<data.count {
        let (x, y) = (data.inputs.row(n), data.targets.row(n))
        for i in x.indices { products += x[i...].map { x[i] * $0 } }
        for value in y { products += x.map { value * $0 } }
        products += [Double](repeating: 0, count: offset + width * (n + 1) - products.count)
      }
    } else {
      offset = 0
    }
    self.products = products
  }

  static func width(_ p: Int, _ q: Int) -> Int { (p * (p + 1) / 2 + q * p + 7) / 8 * 8 }

  /// Adds one sample's row.
  @inlinable
  func addProducts(of sample: Int, to sums: UnsafeMutablePointer<Double>) {
    inputs.withUnsafeBufferPointer { inputs in
      targets.withUnsafeBufferPointer { targets in
        let x = inputs.baseAddress! + sample * inputCount
        let y = targets.baseAddress! + sample * targetCount
        var out = sums
        for i in 0..<inputCount {
          addScaled(x[i], x + i, to: out, inputCount - i)
          out += inputCount - i
        }
        for k in 0..<targetCount {
          addScaled(y[k], x, to: out, inputCount)
          out += inputCount
        }
      }
    }
  }

  /// The sum of the rows of a batch, whose indices stand `stride` apart.
  @inlinable
  func sum(
    _ batchSize: Int, _ indices: UnsafePointer<UInt64>, stride: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    guard !products.isEmpty else {
      sums.update(repeating: 0, count: width)
      for b in 0..<batchSize { addProducts(of: Int(indices[b * stride]), to: sums) }
      return
    }
    products.withUnsafeBufferPointer { products in
      for chunk in Swift.stride(from: 0, to: width, by: laneCount) {
        let base = products.baseAddress! + (offset &+ chunk)
        @inline(__always)
        func row(_ b: Int) -> DoubleLanes {
          let sample = Int(truncatingIfNeeded: indices[b &* stride])
          return UnsafeRawPointer(base + sample &* width).loadUnaligned(
            as: DoubleLanes.self)
        }
        // Four sums, so that an addition need not wait for the one before.
        var partial = (DoubleLanes.zero, DoubleLanes.zero, DoubleLanes.zero, DoubleLanes.zero)
        var b = 0
        while b &+ 4 <= batchSize {
          partial.0 += row(b)
          partial.1 += row(b &+ 1)
          partial.2 += row(b &+ 2)
          partial.3 += row(b &+ 3)
          b &+= 4
        }
        while b < batchSize {
          partial.0 += row(b)
          b &+= 1
        }
        let total = (partial.0 + partial.1) + (partial.2 + partial.3)
        UnsafeMutableRawPointer(sums + chunk).storeBytes(of: total, as: DoubleLanes.self)
      }
    }
  }
}
