import Foundation
import TestSupport
import Testing

@Suite("Command lines that run as documented")
struct VerbTests {
  @Test("theory: the modes and their transitions")
  func theory() throws {
    let run = try CommandLineRun(
      words("theory --eta 0.9,0.8 --depth 3 --beta 0.32 --format json"))
    let document = try run.document()
    document.expectContract(of: "theory", seed: nil)
    #expect(run.errors.isEmpty)
    let results = document["results"]
    let modes = results.list("modes")
    #expect(modes.count == 2)
    #expect(abs((modes[1].number("betaC") ?? 0) - 0.350882) < 1e-6)
    #expect(modes[1].text("learnedState") == "metastable")
    #expect(results.number("coexistingMinima") == 4)
    #expect(document["configuration"].members["eta"] as? [Double] == [0.9, 0.8])
    #expect(document["configuration"].number("depth") == 3)
  }

  @Test(
    "rate and barrier: documented lines",
    arguments: [
      "barrier --landscape muller-brown --format json",
      "rate --landscape double-well --temperature 0.05 --format json",
      "rate --landscape muller-brown --temperature 15 --format json",
      "rate --landscape washboard --tilt 0.1 --temperature 0.3 --format json",
      "rate --network 2-10-10-2 --eta 0.9,0.8 --beta 0.25 --from 1 --to 2 --temperature 0.0018 --format json",
      "rate --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 1 --process sgd --batch-size 8 --learning-rate 0.06 --format json",
    ])
  func barriersAndRates(line: String) throws {
    let verb = words(line)[0]
    let document = try CommandLineRun(words(line)).document()
    document.expectContract(of: verb, seed: 1)
    if verb == "barrier" {
      #expect(abs((document["results"].number("barrierForward") ?? 0) - 106.035) < 1e-2)
    } else {
      let theories = document["results"].list("theories")
      #expect(!theories.isEmpty)
      for theory in theories {
        #expect(theory.number("logMeanFirstPassageTime") != nil)
        #expect(["valid", "marginal", "invalid"].contains(theory.text("validity") ?? ""))
      }
    }
  }

  @Test("escape: an ensemble in the double well")
  func landscape() throws {
    let document = try CommandLineRun(
      words(
        "escape --landscape double-well --temperature 0.05 --runs 1000 --seed 1 --format json")
    ).document()
    document.expectContract(of: "escape", seed: 1)
    let results = document["results"]
    #expect(results.number("runs") == 1000)
    #expect(
      (results.number("events") ?? 0) + (results.number("censored") ?? 0) == 1000)
    for key in ["rate", "meanFirstPassageTime", "meanFirstPassageTimeSteps"] {
      results.expectEstimate(key)
    }
    #expect(results["meanFirstPassageTimeEpochs"].isNull("value"))
    #expect(results["meanFirstPassageTimeEpochs"].text("reason") != nil)
    let theory = results["theory"].number("meanFirstPassageTime") ?? 0
    let time = results["meanFirstPassageTime"].number("value") ?? 0
    // 1000 exponential times: 3.2 % standard error.
    #expect(abs(time / theory - 1) < 0.16)
    #expect(results.text("clockStops") != nil)
  }

  @Test("escape: a network loses a feature under SGD")
  func network() throws {
    let document = try CommandLineRun(
      words(
        "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 1 --process sgd --batch-size 8 --learning-rate 0.06 --runs 4 --cap 300 --seed 1 --format json"
      )
    ).document()
    document.expectContract(of: "escape", seed: 1)
    let results = document["results"]
    results.expectEstimate("rate")
    results.expectEstimate("meanFirstPassageTime")
    let theory = try #require(results["theory"].number("meanFirstPassageTime"))
    #expect(theory > 300 && theory.isFinite)
    #expect(results["theory"].text("name") == "noise across the line, carried along")
    #expect(results["theory"].text("validity") == "valid")
    #expect(results["theory"].texts("reasons").isEmpty)
    #expect((results.number("quasiPotentialBarrier") ?? 0) > 0)
    let configuration = document["configuration"]
    #expect(configuration.text("network") == "2-10-10-2")
    #expect(configuration.text("process") == "sgd")
    #expect(configuration.number("learning-rate") == 0.06)
    #expect(configuration.number("momentum") == 0, "defaults are resolved")
    #expect(configuration.isNull("sampling"), "what has no effect is not recorded")
  }

  @Test("escape: Langevin dynamics in weight space")
  func langevin() throws {
    let document = try CommandLineRun(
      words(
        "escape --network 2-4-4-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 1 --temperature 0.002 --runs 4 --cap 50 --format json"
      )
    ).document()
    document["results"].expectEstimate("rate")
    #expect((document["results"].number("barrierHeight") ?? 0) > 0)
  }

  @Test("escape: without an event the rate has an upper bound, and the state is absorbing")
  func bound() throws {
    let document = try CommandLineRun(
      words(
        "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.25 --from 1 --to 2 --process sgd --batch-size 8 --learning-rate 0.06 --runs 4 --cap 200 --format json"
      )
    ).document()
    let results = document["results"]
    #expect(results.number("events") == 0)
    #expect(results.number("censored") == 4)
    let exposure = try #require(results.number("exposure"))
    let upper = try #require(results["rate"].number("upper"))
    #expect(abs(upper * exposure / -log(0.05) - 1) < 1e-12)
    #expect(results["rate"].isNull("value"))
    #expect(results["rate"].text("reason") != nil)
    #expect(results["meanFirstPassageTime"].isNull("upper"))
    #expect(results["absorbing"].flag("isAbsorbing") == true)
    #expect(results["absorbing"].text("reason")?.contains("rank 1 is absorbing") == true)
    #expect(document.texts("notes").contains { $0.contains("no run escaped") })
  }

  @Test("escape: a learning rate far too large diverges: no time, exit code 70, results kept")
  func divergingEscape() throws {
    let run = try CommandLineRun(
      words(
        "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --process sgd --learning-rate 50 --runs 5 --format json"
      )
    )
    let document = try run.document(exiting: 70)
    let results = document["results"]
    #expect(results.number("diverged") == 5)
    #expect(results.number("events") == 0)
    for key in ["rate", "meanFirstPassageTime", "meanFirstPassageTimeSteps"] {
      for part in ["value", "lower", "upper"] { #expect(results[key].isNull(part)) }
      #expect(results[key].text("reason")?.contains("5 of 5 runs diverged") == true)
    }
    #expect(results["theory"].text("validity") == "invalid")
    #expect(document.texts("notes").contains { $0.contains("5 of 5 runs diverged") })
    // Before it starts, and when it ends.
    let lines = run.errors.split(separator: "\n")
    #expect(lines.first?.hasPrefix("Note: the learning rate 50 is too large") == true)
    #expect(lines.last?.hasPrefix("metastable: 5 of 5 runs diverged") == true)
    let csv = try CommandLineRun(
      words(
        "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --process sgd --learning-rate 50 --runs 5 --format csv --quiet"
      ))
    #expect(csv.code == 70)
    #expect(csv.output.contains("mean first-passage time τ,,,,t\n"))
    #expect(csv.output.contains("diverged,5.0,,,runs\n"))
  }

  @Test("escape: a coarse time step is named with its number and the one that would do")
  func coarseTimeStep() throws {
    let run = try CommandLineRun(
      words(
        "escape --landscape double-well --temperature 0.05 --time-step 0.2 --runs 20 --format json")
    )
    let note = "the time step 0.2 is marginal: dt times the largest curvature 2 is 0.4"
    #expect(try run.document().texts("notes").contains { $0.hasPrefix(note) })
    #expect(run.errors.hasPrefix("Note: " + note) && run.errors.contains("at most 0.1"))
  }

  @Test("compare: theory, Langevin and SGD over a ladder of noise")
  func compare() throws {
    let document = try CommandLineRun(
      words(
        "compare --network 2-10-10-2 --eta 0.9,0.8 --beta 0.345 --from 2 --to 1 --process sgd --batch-size 8 --learning-rate 0.08,0.1 --runs 4 --time-step 0.05 --format json"
      )
    ).document()
    document.expectContract(of: "compare", seed: 1)
    let results = document["results"]
    let levels = results.list("levels")
    #expect(levels.count == 2)
    for level in levels {
      #expect((level["theory"].number("stateDependentNoise") ?? 0) > 0)
      for process in ["sgd", "lineSGD", "lineLangevin", "weightLangevin"] {
        level[process].expectEstimate("meanFirstPassageTime")
      }
    }
    #expect((results["arrhenius"].number("quasiPotentialBarrier") ?? 0) > 0)
    #expect(!document.texts("summary").isEmpty)
  }

  @Test("phase-diagram: the handwritten digits lose each feature where theory says")
  func phaseDiagram() throws {
    let document = try CommandLineRun([
      "phase-diagram", "--data", digitsPath, "--target", "64", "--one-hot", "--whiten",
      "--whiten-rank", "20", "--depth", "3", "--width", "16", "--beta-from", "0.4", "--beta-to",
      "0.52", "--beta-step", "0.02", "--tolerance", "1e-6", "--format", "json",
    ]).document()
    document.expectContract(of: "phase-diagram", seed: 1)
    let features = document["results"].list("features")
    #expect(features.count == 9)
    #expect(document["results"].members["widths"] as? [Int] == [20, 16, 16, 10])
    let measured = features.filter { $0["measured"].number("lostAt") != nil }
    #expect(!measured.isEmpty)
    for feature in measured { #expect(feature.flag("agrees") == true) }
    for feature in features where feature["measured"].number("lostAt") == nil {
      #expect(feature["measured"].text("reason") != nil)
    }
    #expect(document["results"].list("up").count == 7)
    #expect(document["results"].list("down").count == 7)
  }

  @Test("train: a run on Gaussian data and on a file")
  func train() throws {
    let gaussian = try CommandLineRun(
      words(
        "train --eta 0.9,0.8 --network 2-10-10-2 --beta 0.01 --epochs 60 --samples 128 --test-samples 64 --format json"
      )
    ).document()
    gaussian.expectContract(of: "train", seed: 1)
    let results = gaussian["results"]
    #expect(results.text("outcome") == "finished")
    let curve = results.list("curve")
    #expect(
      try #require(curve.last?.number("trainLoss")) < #require(curve.first?.number("trainLoss")))
    #expect(results.number("testLoss") != nil)

    let digits = try CommandLineRun([
      "train", "--data", digitsPath, "--target", "64", "--one-hot", "--test-fraction", "0.25",
      "--loss", "cross-entropy", "--target-scaling", "none", "--standardise", "--activation",
      "tanh", "--epochs", "1", "--format", "json",
    ])
    // Three pixels are always dark, so they cannot be scaled.
    #expect(digits.code == 65)
    #expect(digits.errors.contains("constant"))
    let whitened = try CommandLineRun([
      "train", "--data", digitsPath, "--target", "64", "--one-hot", "--test-fraction", "0.25",
      "--loss", "cross-entropy", "--target-scaling", "none", "--whiten-rank", "20", "--activation",
      "tanh", "--depth", "2", "--width", "20", "--biases", "--epochs", "3", "--format", "json",
    ]).document()
    #expect((whitened["results"].number("testAccuracy") ?? 0) > 0.7)
  }

  @Test("train: a diverging run says so, before and after, and exits with 70")
  func divergingRun() throws {
    let run = try CommandLineRun(
      words(
        "train --eta 0.9,0.8 --network 2-10-10-2 --learning-rate 50 --epochs 20 --samples 64 --format json"
      )
    )
    let document = try run.document(exiting: 70)
    #expect(run.errors.hasPrefix("Note: the learning rate 50 is too large for the start"))
    #expect(run.errors.contains("\nmetastable: the run diverged: the loss was no longer finite"))
    #expect(document["results"].text("outcome") == "diverged")
    #expect(document["results"].number("divergedAtStep") != nil)
    #expect(document.texts("notes").contains { $0.contains("diverged") && $0.contains("50") })
  }

  @Test("train: a batch larger than the data is the full batch, and a note says so")
  func fullBatch() throws {
    let document = try CommandLineRun(
      words(
        "train --eta 0.9,0.8 --network 2-10-10-2 --samples 64 --batch-size 1000 --epochs 5 --format json"
      )
    ).document()
    #expect(document["results"].number("stepsPerEpoch") == 1)
    #expect(document.texts("notes").contains { $0.contains("full batch") })
  }

  @Test("study: phases and escape in one document")
  func study() throws {
    let document = try CommandLineRun(
      words(
        "study --eta 0.9,0.8 --network 2-4-4-2 --beta 0.345 --beta-from 0.3 --beta-to 0.43 --beta-step 0.01 --tolerance 1e-6 --batch-size 4 --learning-rate 0.1,0.12 --runs 3 --time-step 0.05 --format json"
      )
    ).document()
    document.expectContract(of: "study", seed: 1)
    #expect(document["results"]["phases"].list("features").count == 2)
    #expect(document["results"]["escape"].list("levels").count == 2)
  }

  @Test("Tables for people, CSV for programs")
  func formats() throws {
    let arguments = words("theory --eta 0.9,0.8 --beta 0.32")
    let table = try CommandLineRun(arguments)
    #expect(table.code == 0)
    #expect(table.output.contains("β_c"))
    #expect(table.output.split(separator: "\n").allSatisfy { $0.count <= 140 })
    let csv = try CommandLineRun(arguments + ["--format", "csv"])
    #expect(csv.code == 0)
    let lines = csv.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("feature,eta,order,"))
    #expect(lines.allSatisfy { $0.split(separator: ",").count == 12 })
  }

  @Test("Help and version")
  func help() throws {
    for arguments in [["--help"], ["help"], []] {
      let run = try CommandLineRun(arguments)
      #expect(run.code == 0)
      #expect(run.errors.isEmpty)
      for verb in templateVerbs { #expect(run.output.contains("  \(verb) ")) }
    }
    for verb in templateVerbs {
      let run = try CommandLineRun([verb, "--help"])
      #expect(run.code == 0)
      #expect(run.output.contains("--format"))
    }
    let version = try CommandLineRun(["--version"])
    #expect(version.code == 0)
    #expect(version.output.hasPrefix("metastable 0."))
    #expect(version.output.contains("GSL"))
  }

  @Test(
    "The examples run and print what they say", .tags(.slow), .unlessQuick, .timeLimit(.minutes(1)))
  func examples() throws {
    let hello = try CommandLineRun(program: "HelloDoubleWell")
    #expect(hello.code == 0)
    let times = numbers(hello.output)
    #expect(times.count == 4)
    // Simulated, interval, exact.
    #expect(times[1] < times[0] && times[0] < times[2])
    #expect(abs(times[0] / times[3] - 1) < 0.25)

    let own = try CommandLineRun(program: "YourOwnLandscape")
    #expect(own.code == 0)
    // "barrier: 0.25 curvatures at the saddle: [-1, 1]"
    let first = numbers(String(own.output.split(separator: "\n").first ?? ""))
    #expect(zip(first, [0.25, -1, 1]).allSatisfy { abs($0 - $1) < 1e-4 } && first.count == 3)
    for theory in ["Langer", "Langer, first correction", "least action, leading order"] {
      #expect(own.output.contains("\(theory) at T = 0.05"))
    }
    #expect(own.output.contains("The barrier is 0.25 forwards and 0.25 backwards"))
    #expect(own.output.contains("200 of 200 runs escaped: τ = "))

    let trap = try CommandLineRun(program: "ReLUTrap")
    #expect(trap.code == 0)
    // "measured slope: 0.0348 [0.031, 0.038], theory 0.035"
    let slopes = numbers(trap.output.split(separator: "\n").last.map(String.init) ?? "")
    #expect(slopes.count == 4 && slopes[1] < slopes[3] && slopes[3] < slopes[2])
  }

  private func numbers(_ text: String) -> [Double] {
    text.split { !"0123456789.-e".contains($0) }.compactMap { Double($0) }
  }
}
