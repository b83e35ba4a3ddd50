import Foundation
import NumericalMethods
import TestSupport
import Testing

@testable import Networks

@Suite("Symmetries that leave a point of a network alone")
struct UnitStabiliserTests {
  private func order(
    _ architecture: NetworkArchitecture, _ point: [Double], flips: [Int] = []
  ) throws -> Double {
    let stabiliser = try #require(
      UnitStabiliser(
        of: architecture, fixing: point, weightScale: point.map(abs).max() ?? 1, flips: flips))
    return exp(stabiliser.logOrder)
  }

  /// Of 2-2-2-1 with signs: every one of (2!·2²)² is tried.
  private func counted(
    _ architecture: NetworkArchitecture, _ source: [Double], to point: [Double]
  ) -> Double {
    let hasSigns = architecture.unitSymmetry != .permutations
    let isOdd = architecture.unitSymmetry == .signedPermutations
    let signs = hasSigns ? [[1.0, 1], [1, -1], [-1, 1], [-1, -1]] : [[1.0, 1]]
    let orders = [[0, 1], [1, 0]]
    var count = 0.0
    for (p, s) in orders.flatMap({ p in signs.map { (p, $0) } }) {
      for (q, t) in orders.flatMap({ q in signs.map { (q, $0) } }) {
        var image = source
        for i in 0..<2 {
          for j in 0..<2 {
            image[2 * i + j] = s[i] * source[2 * p[i] + j]
            image[4 + 2 * i + j] = t[i] * (isOdd ? s[j] : 1) * source[4 + 2 * q[i] + p[j]]
          }
          image[8 + i] = (isOdd ? t[i] : 1) * source[8 + q[i]]
        }
        if distance(image, point) < 1e-9 { count += 1 }
      }
    }
    return count
  }

  @Test("As many as are found by trying all", arguments: [Activation.tanh, .square, .sigmoid])
  func all(activation: Activation) throws {
    let architecture = try NetworkArchitecture(widths: [2, 2, 2, 1], activation: activation)
    let (a, b, c) = (0.7, -0.4, 0.3)
    let points: [[Double]] = [
      [Double](repeating: 0, count: 10),
      [a, b, a, b, c, c, c, c, a, a], [a, b, -a, -b, c, -c, c, -c, a, a],
      [a, b, 0, 0, c, 0, 0, 0, a, 0], [a, b, 0, 0, c, 0, c, 0, a, a],
      [a, b, c, a, 0, 0, 0, 0, 0, 0], [a, b, a, b, c, a, a, c, b, b],
      [a, b, a, b, c, a, a, c, b, c], [a, b, b, a, c, a, b, c, a, c],
      [0, 0, 0, 0, a, b, b, a, c, c], [a, b, -a, -b, c, c, c, c, a, -a],
      [a, b, a, b, c, -c, -c, c, a, -a],
    ]
    for point in points {
      expectClose(
        try order(architecture, point), to: counted(architecture, point, to: point),
        relative: 1e-12,
        "\(point)")
      // The first input and the output change sign together.
      let mirrored = point.enumerated().map { i, weight in
        [0, 2, 8, 9].contains(i) ? -weight : weight
      }
      expectClose(
        try order(architecture, point, flips: [0]),
        to: counted(architecture, point, to: point) + counted(architecture, mirrored, to: point),
        relative: 1e-12, "with flips, \(point)")
    }
  }

  @Test("Idle and equal units of wide layers, with their biases")
  func wide() throws {
    let widths = [3, 7, 2]
    let architecture = try NetworkArchitecture(
      widths: widths, activation: .tanh, hasBiases: true)
    let random = RandomSource(StreamKey(seed: 4, purpose: .probes))
    // Three equal units, two idle, two of their own.
    let kinds = [0, 0, 0, 1, 1, 2, 3]
    let vectors = (0..<4).map { kind in
      (0..<6).map { _ in kind == 1 ? 0 : random.normal() }
    }
    var point = kinds.flatMap { Array(vectors[$0][..<3]) } + kinds.map { vectors[$0][3] }
    point += (0..<2).flatMap { o in kinds.map { vectors[$0][4 + o] } } + [0.3, -0.2]
    // 3! · (2!·2²).
    expectClose(try order(architecture, point), to: 48, relative: 1e-12)
    expectClose(
      exp(UnitStabiliser.logGroupOrder(of: architecture)), to: 5040 * 128, relative: 1e-12)
    #expect(
      UnitStabiliser(
        of: try NetworkArchitecture(widths: widths, activation: .linear), fixing: [],
        weightScale: 1) == nil)
  }
}
