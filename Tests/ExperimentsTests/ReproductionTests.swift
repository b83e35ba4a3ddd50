import Experiments
import Foundation
import NumericalMethods
import RunStores
import TestSupport
import Testing

@Suite("The paper, row by row")
struct ReproductionTests {
  @Test(
    "Each row has its verdict and its numbers on a few seeds", .tags(.slow), .unlessQuick)
  func verdicts() throws {
    let found = try ReproductionExperiment(rows: PaperRow.allCases, isQuick: true).result()
    let rows = Dictionary(uniqueKeysWithValues: found.rows.map { ($0.row, $0) })
    #expect(rows.count == 14)
    let verdicts: [PaperRow: ReproductionResult.Verdict] = [
      .rankOneStart: .reproducedWith, .trivialStart: .reproducedWith,
      .sparseSampling: .reproducedWith, .lossSection: .notReproduced, .arrhenius: .reproducedWith,
      .phaseDiagram: .reproduced, .bifurcation: .reproduced, .stateCount: .reproduced,
      .langer: .notReproduced, .nonlinear: .reproduced, .stages: .reproducedWith,
      .depth: .reproducedWith,
    ]
    for (row, verdict) in verdicts {
      #expect(rows[row.rawValue]?.verdict == verdict, "\(row.rawValue)")
    }
    for row in found.rows {
      #expect(!row.evidence.isEmpty)
      #expect((row.nearestProtocol != nil) == (row.verdict == .reproducedWith), "\(row.row)")
    }
    func value(_ row: PaperRow, _ name: String, after: Int = 0) throws -> Double {
      let row = try #require(rows[row.rawValue])
      let quantities = row.literal + row.nearest
      let place = try #require(quantities.firstIndex { $0.name.hasPrefix(name) })
      return try #require(quantities[place + after].value)
    }
    // As `theory` has them in six digits.
    expectClose(try value(.bifurcation, "β_c, η = 0.9"), to: 0.410549, absolute: 5e-7)
    expectClose(try value(.bifurcation, "β_c, η = 0.8"), to: 0.350882, absolute: 5e-7)
    expectClose(try value(.lossSection, "λ_s at β = 0.32"), to: 0.0925452, absolute: 5e-8)
    expectClose(try value(.lossSection, "ΔE_up at β = 0.32"), to: 0.0284535, absolute: 5e-8)
    for d in 1...4 {
      #expect(try value(.stateCount, "minima for d = \(d)") == Double(d + 1))
      #expect(try value(.stateCount, "minima for d = \(d)", after: 2) == Double(1 << d))
    }
    // Gradient flow from the residual amplitude: the plateau is predicted.
    let plateau = try value(.sparseSampling, "plateau from amplitude 0.008")
    expectClose(
      plateau, to: try value(.sparseSampling, "plateau from amplitude 0.008", after: 2),
      relative: 0.03)
    for (row, escapes) in [
      (PaperRow.rankOneStart, "escapes of"), (.trivialStart, "escapes of"),
      (.arrhenius, "escapes"),
    ] {
      #expect(try value(row, escapes) == 0)
    }
  }

  @Test("Stopped and gone on with, on any number of threads: the same rows")
  func stops() throws {
    func experiment(_ threads: Int) throws -> ReproductionExperiment {
      try ReproductionExperiment(
        rows: [.control, .bifurcation, .stages], isQuick: true, threads: threads)
    }
    func text(_ result: ReproductionResult) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(result), as: UTF8.self)
    }
    let whole = try experiment(1).result()
    // In the order of the paper, whatever the order in which they were asked for.
    #expect(whole.rows.map(\.row) == ["fig4", "pred-staged", "pred-control"])
    #expect(try text(experiment(3).result()) == (try text(whole)))
    try withTemporaryDirectory { directory in
      let key = StoredExperiment(command: "reproduce", seed: nil)
      var stops = 0
      // A session that ends within a row begins that row again: each is longer than the one before.
      while true {
        try #require(stops < 100)
        let folder = try ResultFolder(
          path: directory.appendingPathComponent("out").path, mayReplace: false)
        let context = RunContext(
          stop: StopSignal(after: 0.1 * Double(stops)), checkpointInterval: 0.01,
          store: { try folder.openStore(for: key, configuration: "") })
        defer {
          context.openedStore?.close()
          folder.release()
        }
        do {
          #expect(try text(experiment(2).result(in: context)) == (try text(whole)))
          break
        } catch let stopped as StoppedEarly {
          #expect(stopped.description.contains("the same command goes on"))
          stops += 1
        }
      }
      #expect(stops > 0)
    }
  }

  @Test("A row that is not there, and none at all, are refused")
  func refusals() throws {
    #expect(
      words { _ = try ReproductionExperiment(rows: []) }?.contains("number of rows") == true)
  }
}
