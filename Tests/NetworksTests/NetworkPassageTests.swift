import Escapes
import Foundation
import Landscapes
import Networks
import NumericalMethods
import TestSupport
import Testing

@Suite("Passages between two minima of a network")
struct NetworkPassageTests {
  @Test(
    "The string's saddle is the one that the branch comes back to",
    arguments: [([1, 8, 8, 1], [0.8], 0.3098), ([2, 2, 2, 2], [0.9, 0.8], 0.205)])
  func saddle(widths: [Int], etas: [Double], beta: Double) throws {
    let loss = try population(widths, etas, weightDecay: beta)
    let basin = try BasinEscape(loss, near: learned(loss, at: 0.5 * beta, seed: 1))
    // The end with its units in another order: as a user has it.
    var end = basin.product
    let first = widths[0] * widths[1]
    for j in 0..<widths[0] { end.swapAt(j, widths[0] + j) }
    for k in 0..<widths[2] {
      end.swapAt(first + k * widths[1], first + k * widths[1] + 1)
    }
    let passage = try NetworkPassage(loss, from: basin.minimum.point, to: end)
    #expect(passage.passes.count == 1)
    expectClose(
      passage.passes[0].forwardBarrier,
      to: basin.branchSaddle.energy - basin.minimum.energy, absolute: 1e-11, "the barrier")
    let escape = try #require(passage.escape() as? BasinEscape<GaussianNetworkLoss>)
    #expect(escape.feature == basin.feature && escape.branch == nil)
    expectClose(escape.target.threshold, to: basin.target.threshold, relative: 1e-6)
    // The valley at fixed overlap is the same from both.
    expectClose(
      try escape.path().barrierHeight, to: try basin.path().barrierHeight, relative: 1e-6)
    // And back: a feature is gained.
    let back = try NetworkPassage(loss, from: end, to: basin.minimum.point)
    let gain = try back.escape()
    #expect(gain.title.contains("Gaining feature \(basin.feature)"))
    #expect(gain.stopDescription.contains("rises to"))
  }

  @Test("Where the path leads over a saddle of index 9, the lower one beside it is found")
  func lower() throws {
    let loss = try population([2, 10, 10, 2], [0.9, 0.8], weightDecay: 0.28)
    let basin = try BasinEscape(loss, near: clusterOfTanhUnits())
    let passage = try NetworkPassage(loss, from: basin.minimum.point, to: basin.product)
    #expect(passage.saddlesOnPath.map(\.negativeCount) == [9])
    #expect(passage.passes[0].saddle.isSaddle)
    // Another code's numbers.
    expectClose(passage.passes[0].forwardBarrier, to: 4.9287e-3, absolute: 1e-7)
    expectClose(
      passage.saddlesOnPath[0].energy - basin.minimum.energy, to: 5.1010e-3, absolute: 1e-7)
  }

  // Kinds of minimum other than the cluster, whose branches come back to saddles of index 4 and 5.
  @Test("From every kind of minimum", arguments: [UInt64(1), 2])
  func kinds(seed: UInt64) throws {
    let loss = try population([2, 10, 10, 2], [0.9, 0.8], weightDecay: 0.28)
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    let start = (0..<loss.dimension).map { _ in 0.5 * random.normal() }
    let early = try loss.with(weightDecay: 0.14).gentleDescent(
      from: start, tolerance: 1e-5, maximumSteps: 30_000)
    let basin = try BasinEscape(loss, near: early.point)
    #expect(basin.branchSaddle.negativeCount > 1)
    #expect(basin.saddle.isSaddle)
    #expect(basin.saddle.energy < basin.branchSaddle.energy)
    // All kinds share the lowest saddle; their minima differ by 8e-6.
    expectClose(basin.saddle.energy - basin.minimum.energy, to: 4.933e-3, absolute: 6e-6)
  }

  /// Of tanh units with biases on 48 rows that are used as they are, where many minima lie beside each other.
  private func rows(_ widths: [Int], weightDecay: Double) throws -> NetworkLoss {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Examples/checkpoint/data.csv").standardizedFileURL
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",").map { Double($0)! } }
    return try NetworkLoss(
      architecture: NetworkArchitecture(widths: widths, activation: .tanh, hasBiases: true),
      data: Dataset(
        inputs: Matrix(rows: rows.count, columns: 4, elements: rows.flatMap { $0[..<4] }),
        targets: Matrix(rows: rows.count, columns: 3, elements: rows.flatMap { $0[4...] })),
      weightDecay: weightDecay)
  }

  private func minimum(of loss: NetworkLoss, seed: UInt64) throws -> [Double] {
    let random = RandomSource(StreamKey(seed: seed, purpose: .initialisation))
    return try loss.gentleDescent(
      from: (0..<loss.dimension).map { _ in 0.5 * random.normal() }, tolerance: 1e-6
    ).point
  }

  // Strings between most of these pairs do not converge, and the saddles at their maxima belong to other pairs of minima.
  @Test(
    "Explicit descent from every saddle leads to the energies of its pass, and there and back is the same",
    arguments: [
      ([4, 4, 3], 0.05, 1, 3), ([4, 4, 3], 0.05, 3, 4), ([4, 6, 5, 3], 0.03, 2, 4),
    ] as [([Int], Double, UInt64, UInt64)])
  func verified(widths: [Int], beta: Double, from: UInt64, to: UInt64) throws {
    let loss = try rows(widths, weightDecay: beta)
    let (start, end) = try (minimum(of: loss, seed: from), minimum(of: loss, seed: to))
    let passage = try NetworkPassage(loss, from: start, to: end)
    let passes = passage.passes
    for (pass, next) in zip(passes, passes.dropFirst()) {
      expectClose(next.from.energy, to: pass.to.energy, absolute: 1e-12)
    }
    for pass in passes {
      #expect(pass.saddle.isSaddle && pass.forwardBarrier > 0 && pass.backwardBarrier > 0)
      // By steps of the explicit rule, which share nothing with the implicit ones that verified the pass; off the ridges
      // between mirror images, along which they may run into further saddles.
      let random = RandomSource(StreamKey(seed: 9, purpose: .probes))
      let ends = try [0.002, -0.002].map { step in
        let length = step * (1 + norm(pass.saddle.point))
        return try loss.gentleDescent(
          from: zip(pass.saddle.point, pass.saddle.leadingDirection).map {
            $0 + length * ($1 + 0.05 * random.normal())
          },
          tolerance: 1e-8, maximumSteps: 400_000)
      }.map { loss.energy(at: $0.point) }.sorted()
      for (energy, state) in zip(ends, [pass.from.energy, pass.to.energy].sorted()) {
        expectClose(energy, to: state, absolute: 1e-5)
      }
    }
    // The path has the saddles as its highest points, and no hill of its own.
    #expect(
      passage.path.energies.max()! < passes.map(\.saddle.energy).max()! + 0.02
        * passes[0].forwardBarrier)
    // The other network takes ten seconds each way.
    guard widths.count == 3 else { return }
    let back = try NetworkPassage(loss, from: end, to: start)
    expectClose(
      back.passes.map(\.saddle.energy).max()!, to: passes.map(\.saddle.energy).max()!,
      absolute: 1e-10)
  }

  @Test("A feature that is gained may go over several equivalent saddles, and formulas count them")
  func copies() throws {
    let loss = try population([2, 2, 2, 2], [0.9, 0.8], weightDecay: 0.205)
    let basin = try BasinEscape(loss, near: learned(loss, at: 0.1025, seed: 1))
    func logCopies(_ pass: Pass) -> Double {
      pass.saddle.orbit.logVolume - pass.from.orbit.logVolume
    }
    expectClose(logCopies(try basin.passes()[0]), to: 0, absolute: 1e-12)
    let back = try NetworkPassage(loss, from: basin.product, to: basin.minimum.point).escape()
    // Two of either layer's units are idle without the feature; each may learn it, with either sign, and a sign is shared.
    expectClose(logCopies(try back.passes()[0]), to: log(4), absolute: 1e-12)
    // Gaussian samples have mirror images as well, which no symmetry of gelu units undoes: of two saddles beside zero, at
    // ±(0.396, …), 64 runs of Langevin dynamics at T = 0.0015 took 16179 [12846, 21008], theory 14105 with both.
    let gelu = try population([1, 1, 1, 1], [0.9], .gelu, weightDecay: 0.1)
    let gain = try NetworkPassage(gelu, from: [0, 0, 0], to: [-0.79, 0.77, -0.74]).escape()
    expectClose(logCopies(try gain.passes()[0]), to: log(2), absolute: 1e-12)
    expectClose(try gain.passes()[0].saddle.energy, to: 0.50828290, absolute: 1e-8)
  }

  @Test("What is no pair of minima is refused in words")
  func refusals() throws {
    let loss = try population([1, 4, 1], [0.8], weightDecay: 0.1)
    let start = try learned(loss, at: 0.05, seed: 1)
    let mirrored = [0, 1, 2, 3].map { -start[$0] } + start[4...].map { -$0 }
    let same = words { _ = try NetworkPassage(loss, from: start, to: mirrored) }
    #expect(same?.contains("the same state") == true, "\(same ?? "")")
    let relu = try population([1, 4, 1], [0.8], .relu, weightDecay: 0.1)
    let kinked = words { _ = try NetworkPassage(relu, from: start, to: start) }
    #expect(kinked?.contains("kinks") == true)
  }
}
