import Escapes
import Landscapes
import NumericalMethods
import TestSupport
import Testing

@testable import KramersRates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct MinimumActionNumericsTests {
  /// Noise and drift that depend on the place, without any structure.
  static let process = ClosureDriftDiffusion(
    dimension: 2,
    drift: { x in [x[1] - x[0] * x[0], sin(x[0]) - 0.7 * x[1]] },
    diffusion: { x in
      Matrix(
        rows: 2, columns: 2,
        elements: [1 + 0.5 * x[1] * x[1], 0.3 * sin(x[0]), 0.3 * sin(x[0]), 0.8])
    })
  static let path = Polyline(
    images: (0...5).map { [0.3 * Double($0) - 0.4, 0.2 + 0.5 * sin(Double($0))] })

  @Test(arguments: [0.0, 0.2]) func derivativesOfTheAction(_ floor: Double) throws {
    let action = GeometricAction(process: Self.process, driftFloor: floor)
    let exact = try action.derivatives(Self.path)
    let step = 1e-5
    for i in 1..<5 {
      for k in 0..<2 {
        var forward = Self.path
        var backward = Self.path
        forward.images[i][k] += step
        backward.images[i][k] -= step
        expectClose(
          exact.gradient[i][k], to: (action.value(forward) - action.value(backward)) / (2 * step),
          absolute: 1e-8)
        let slopes = try [forward, backward].map {
          try action.derivatives($0, hessian: false).gradient
        }
        for l in 0..<2 {
          func second(_ j: Int) -> Double { (slopes[0][j][l] - slopes[1][j][l]) / (2 * step) }
          expectClose(exact.hessian.diagonal[i - 1][k, l], to: second(i), absolute: 1e-4)
          if i < 4 {
            expectClose(exact.hessian.upper[i - 1][k, l], to: second(i + 1), absolute: 1e-4)
          }
        }
      }
    }
  }

  @Test func blockTridiagonalSolve() throws {
    let blocks = 4
    let size = 3
    let matrix = BlockTridiagonal(
      diagonal: (0..<blocks).map { b in
        Matrix(
          rows: size, columns: size,
          elements: (0..<9).map { $0 % 4 == 0 ? 4 + Double(b) : 0.3 })
      },
      upper: (0..<blocks - 1).map { b in
        Matrix(
          rows: size, columns: size,
          elements: (0..<9).map { 0.5 * cos(Double(3 * $0 + b)) })
      })
    let solution = (0..<blocks).map { b in (0..<size).map { sin(Double(5 * b + $0)) } }
    let scales = [1.0, 2, 3, 4]
    let right = (0..<blocks).map { b in
      (0..<size).map { k in
        var sum = product(matrix.diagonal[b], solution[b])[k] + 0.1 * scales[b] * solution[b][k]
        if b + 1 < blocks { sum += product(matrix.upper[b], solution[b + 1])[k] }
        if b > 0 { sum += product(matrix.upper[b - 1].transposed, solution[b - 1])[k] }
        return sum
      }
    }
    let factor = try #require(matrix.factor(shift: 0.1, scales: scales))
    for (x, y) in zip(factor.solve(right).joined(), solution.joined()) {
      expectClose(x, to: y, absolute: 1e-13)
    }
    #expect(matrix.factor(shift: -10, scales: scales) == nil)
  }

  @Test func equalSpacing() {
    let circle = Polyline(
      images: (0...40).map { [cos(pow(Double($0) / 40, 1.5)), sin(pow(Double($0) / 40, 1.5))] })
    let spaced = circle.equallySpaced(segments: 30)
    let chords = spaced.chords
    for chord in chords { expectClose(chord, to: 1.0 / 30, relative: 1e-3) }
    for image in spaced.images { expectClose(norm(image), to: 1, absolute: 1e-4) }
    // Once equally spaced, always so.
    let again = spaced.equallySpaced(segments: 30).equallySpaced(segments: 30)
    for (a, b) in zip(again.images.joined(), spaced.images.joined()) {
      expectClose(a, to: b, absolute: 1e-4)
    }
  }

  private func norm(_ x: [Double]) -> Double { inner(x, x).squareRoot() }

  @Test func limitsOfSequences() {
    let deltas = [1e-2, 1e-3, 1e-4, 1e-5]
    func limit(_ barrier: (Double) -> Double) -> RegularisedBarrier.Limit {
      RegularisedBarrier.limit(
        regularisations: deltas, barriers: deltas.map(barrier), discretisationError: 0)
    }
    for power in [0.5, 1.0] {
      guard case .finite(let value, let uncertainty) = limit({ 2 - 3 * pow($0, power) }) else {
        Issue.record("a power of δ converges")
        continue
      }
      expectClose(value, to: 2, absolute: 1e-9)
      #expect(uncertainty > 0)
    }
    #expect(limit({ 2 + 0.01 / $0 }) == .absorbing(.noiseMissingAlongPath))
    guard case .unresolved = limit({ -log($0) }) else {
      Issue.record("a logarithm neither converges nor grows like 1/δ")
      return
    }
    #expect(
      RegularisedBarrier(sequence: [], limit: .unresolved(exponent: 0)).quasiPotentialBarrier
        == nil)
  }
}
