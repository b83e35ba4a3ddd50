import Testing

/// Command lines whose output is kept in a golden file.
struct GoldenCase: CustomTestStringConvertible, Sendable {
  /// The name of the file, without its ending.
  let name: String
  /// Lines of a shell, run one after the other in one directory.
  let lines: [String]
  /// Folders that the lines have written: the names of their files and the text of their tables are kept too.
  let folders: [String]
  /// How a build without fused multiply-add is compared, whose last bits differ.
  let withoutFusing: GoldenComparison

  /// One command: its table, its JSON document, its files. Where it simulates, the second line finds all runs in
  /// the folder.
  init(_ name: String, _ command: String, withoutFusing: GoldenComparison) {
    let line = "metastable \(command) --output out --quiet"
    self.init(
      name, lines: [line, line + " --format json"], folders: ["out"], withoutFusing: withoutFusing)
  }

  init(
    _ name: String, lines: [String], folders: [String] = [], withoutFusing: GoldenComparison
  ) {
    self.name = name
    self.lines = lines
    self.folders = folders
    self.withoutFusing = withoutFusing
  }

  /// A case of nothing random.
  static func exact(_ name: String, _ command: String) -> GoldenCase {
    GoldenCase(name, command, withoutFusing: .roundedNumbers)
  }

  /// A case of something simulated.
  static func simulated(_ name: String, _ command: String) -> GoldenCase {
    GoldenCase(name, command, withoutFusing: .words)
  }

  var testDescription: String { name }
}

private let loss = "--network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 1"
private let digits = "--data Examples/data/digits.csv --target 64 --one-hot --whiten-rank 40"
private let sgd = "--process sgd --batch-size 8 --learning-rate 0.06"
private let well = "escape --landscape double-well --temperature"

extension GoldenCase {
  static let all =
    theories + barriers + rates + sweeps + escapes + training + inspections + comparisons + longRuns
    + [templates, refusedFolders, times]

  /// Passages that were simulated here, alone and over a ladder.
  private static let times = GoldenCase(
    "times",
    lines: [
      "metastable \(well) 0.2 --runs 40 --cap 12 --output runs --quiet --format csv",
      "metastable times --table runs/passages.csv --output out --quiet",
      "metastable compare \(loss) --batch-size 8 --learning-rate 0.08,0.1,0.12 --runs 12 --time-step 0.05 --output ladder --quiet --format csv",
      "metastable times --table ladder/passages.csv --where process=sgd --output out2 --quiet",
      "metastable times --table ladder/passages.csv --group process --format json",
    ], folders: ["out", "out2"], withoutFusing: .words)

  private static let theories: [GoldenCase] = [
    .exact("theory", "theory --eta 0.9,0.8 --depth 3 --beta 0.32"),
    .exact("theory-depth-1", "theory --eta 0.9,0.8 --depth 1 --beta 0.32"),
    .exact("theory-depth-2", "theory --eta 0.9,0.8 --depth 2 --beta 0.32"),
    .exact("theory-without-beta", "theory --eta 0.9,0.8 --depth 4"),
    .exact("theory-digits", "theory \(digits) --beta 0.25"),
  ]

  private static let barriers: [GoldenCase] = [
    .exact("barrier-double-well", "barrier --landscape double-well"),
    .exact("barrier-tilted-double-well", "barrier --landscape tilted-double-well"),
    .exact("barrier-washboard", "barrier --landscape washboard --tilt 0.3"),
    .exact("barrier-muller-brown", "barrier --landscape muller-brown"),
    .exact(
      "barrier-network", "barrier --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33"),
    .exact(
      "barrier-basin", "barrier --activation tanh --network 1-8-8-1 --eta 0.8 --beta 0.3098"),
  ]

  private static let rates: [GoldenCase] = [
    .exact("rate-double-well", "rate --landscape double-well --temperature 0.05"),
    .exact("rate-friction", "rate --landscape double-well --temperature 0.05 --friction 0.5"),
    .exact("rate-tilted-double-well", "rate --landscape tilted-double-well --temperature 0.05"),
    .exact("rate-washboard", "rate --landscape washboard --tilt 0.3 --temperature 0.3"),
    .exact("rate-washboard-level", "rate --landscape washboard --tilt 0 --temperature 0.3"),
    .exact("rate-muller-brown", "rate --landscape muller-brown --temperature 15"),
    .exact("rate-network-sgd", "rate \(loss) \(sgd)"),
    .exact(
      "rate-basin",
      "rate --activation tanh --network 1-8-8-1 --eta 0.8 --beta 0.3098 \(sgd)"),
    .exact("rate-network-temperature", "rate \(loss) --temperature 0.001"),
    .exact(
      "rate-network-gain",
      "rate --network 2-10-10-2 --eta 0.9,0.8 --beta 0.25 --from 1 --to 2 --temperature 0.0018"),
    .exact(
      "rate-digits",
      "rate \(digits) --width 16 --beta 0.2239 --process sgd --batch-size 4 --learning-rate 0.02"),
  ]

  private static let sweeps: [GoldenCase] = [
    .exact("reproduce", "reproduce fig2a fig4"),
    .simulated("phase-diagram", "phase-diagram --eta 0.9,0.8 --network 2-10-10-2"),
    .simulated(
      "phase-plane",
      "phase-diagram --eta 0.9,0.8 --network 2-4-4-2 --x beta=0.3..0.36 --y inverse-noise=50..100:log --cells 5x4 --budget 300 --runs 4 --sweep --tolerance 1e-5"
    ),
  ]

  // As in the README, but 100 of 400000 runs in single precision, 16 of 200 in the Müller–Brown surface; and more.
  private static let escapes: [GoldenCase] = [
    .simulated("escape-splitting", "\(well) 0.03 --method splitting --replicates 4 --paths 20"),
    .simulated(
      "escape-time-step",
      "\(well) 0.08 --runs 20 --integrator heun --time-step-error 0.01 --extrapolate"),
    .simulated("escape-double-well", "\(well) 0.05 --runs 1000 --seed 1"),
    .simulated("escape-seed", "\(well) 0.08 --runs 20 --seed 7 --level 0.9 --time-step 0.01"),
    .simulated("escape-censored", "\(well) 0.05 --runs 20 --cap 300"),
    .simulated("escape-reference", "\(well) 0.1 --runs 20 --engine reference"),
    .simulated("escape-single", "\(well) 0.05 --runs 100 --precision single"),
    .simulated(
      "escape-tilted-double-well",
      "escape --landscape tilted-double-well --temperature 0.08 --runs 20"),
    .simulated(
      "escape-washboard", "escape --landscape washboard --tilt 0.3 --temperature 0.5 --runs 20"),
    .simulated(
      "escape-muller-brown", "escape --landscape muller-brown --temperature 15 --runs 16 --seed 1"),
    .simulated("escape-network-sgd", "escape \(loss) \(sgd) --runs 200 --seed 1"),
    .simulated(
      "escape-network-reference",
      "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.345 --process sgd --batch-size 4 --learning-rate 0.1 --runs 8 --engine reference"
    ),
    .simulated(
      "escape-network-gain",
      "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.25 --from 1 --to 2 \(sgd) --runs 20"
    ),
    .simulated(
      "escape-network-dropout",
      "escape --network 2-4-4-2 --eta 0.9,0.8 --beta 0.08 --from 1 --to 2 --process sgd --batch-size 4 --learning-rate 0.15 --dropout 0.3 --runs 12 --cap 4000"
    ),
    .simulated(
      "escape-network-temperature",
      "escape --network 2-4-4-2 --eta 0.9,0.8 --beta 0.33 --from 2 --to 1 --temperature 0.002 --runs 8 --cap 50"
    ),
    .simulated(
      "escape-network-diverging",
      "escape --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --process sgd --learning-rate 50 --runs 5"
    ),
    .simulated(
      "escape-digits",
      "escape \(digits) --width 16 --beta 0.2239 --process sgd --batch-size 4 --learning-rate 0.03 --momentum 0.2 --sampling epochs --runs 8 --cap 200"
    ),
    .simulated("escape-until", "\(well) 0.05 --until-relative-error 0.1"),
  ]

  private static let training: [GoldenCase] = [
    .simulated(
      "train", "train --eta 0.9,0.8 --network 2-10-10-2 --beta 0.05 --batch-size 64 --epochs 200"),
    .simulated(
      "train-digits",
      "train \(digits) --test-fraction 0.25 --width 16 --beta 0.05 --learning-rate 0.02 --epochs 40"
    ),
    .simulated(
      "train-tanh",
      "train \(digits) --test-fraction 0.25 --loss cross-entropy --target-scaling none --activation tanh --depth 2 --width 20 --biases --epochs 3"
    ),
  ]

  private static let inspections: [GoldenCase] = [
    .simulated(
      "inspect",
      "inspect Examples/checkpoint/tanh-4-6-5-3.safetensors --data Examples/checkpoint/data.csv --target y1,y2,y3 --raw --activation tanh --beta 0.01 --sgld-steps 800"
    ),
    GoldenCase(
      "train-start",
      lines: [
        "metastable train --start Examples/checkpoint/tanh-4-6-5-3.safetensors --data Examples/checkpoint/data.csv --target y1,y2,y3 --raw --activation tanh --loss-convention pytorch-mean --beta 0.01 --epochs 2 --batch-size full --save-weights --output out",
        "metastable inspect out/weights.safetensors --data Examples/checkpoint/data.csv --target y1,y2,y3 --raw --activation tanh --loss-convention pytorch-mean --beta 0.01 --modes 2 --sgld-steps 0",
        "metastable inspect out/weights.npz --data Examples/checkpoint/data.csv --target y1,y2,y3 --raw --activation tanh --loss-convention pytorch-mean --beta 0.01 --modes 2 --sgld-steps 0 --format csv",
      ], folders: ["out"], withoutFusing: .words),
  ]

  // Two noise levels and few runs; coarse sweeps for the studies.
  private static let comparisons: [GoldenCase] = [
    .simulated(
      "compare",
      "compare \(loss) --batch-size 8 --learning-rate 0.08,0.1 --runs 12 --time-step 0.05"
    ),
    .simulated(
      "study",
      "study --eta 0.9,0.8 --network 2-4-4-2 --beta 0.345 --beta-step 0.01 --batch-size 4 --learning-rate 0.1,0.12 --runs 8 --time-step 0.05"
    ),
    .simulated(
      "study-digits",
      "study Examples/digits/study.yaml --beta-step 0.05 --tolerance 1e-5 --runs 2 --cap 20 --learning-rate 0.0175,0.02"
    ),
  ]

  private static let longRuns: [GoldenCase] = [
    // Where --wall-time stops is a matter of time, so that line is left out.
    GoldenCase(
      "going-on",
      lines: [10, 15].map { "metastable \(well) 0.05 --runs \($0) --output out/long --quiet" },
      folders: ["out/long"], withoutFusing: .words),
    GoldenCase(
      "configuration",
      lines: [
        "metastable init escape > escape.yaml",
        "metastable escape escape.yaml --runs 50 --output out/escape --quiet",
        "cat out/escape/configuration.yaml",
      ], folders: ["out/escape"], withoutFusing: .words),
    GoldenCase(
      "shards",
      lines: [
        "for k in 1 2 3; do metastable \(well) 0.08 --runs 30 --shard $k/3 --output out/shards/$k; done",
        "metastable results merge out/shards/1 out/shards/2 out/shards/3 --output out/joined",
        "metastable results show --output out/joined",
        "metastable \(well) 0.08 --runs 30 --output out/joined --quiet",
        "metastable results list out",
        "metastable results list out --format json",
        "metastable results export --output out/joined --format csv",
        "metastable results export --output out/joined --format json",
        "metastable results verify --output out/joined",
      ], folders: ["out/joined"], withoutFusing: .words),
    GoldenCase(
      "curves",
      lines: [
        "metastable train --eta 0.9,0.8 --network 2-4-2 --samples 32 --epochs 4 --output out --quiet",
        "metastable results export --output out --curves",
        "metastable results show --output out --format csv",
        "metastable results verify --output out",
      ], folders: ["out"], withoutFusing: .words),
    // Its document only: the table is as long and takes as many seconds.
    GoldenCase(
      "selftest", lines: ["metastable selftest --quiet --format json"], withoutFusing: .words),
  ]

  private static let templates = GoldenCase(
    "init",
    lines: [
      "theory", "barrier", "rate", "phase-diagram", "escape", "times", "train", "compare", "study",
      "diagnose", "reproduce", "inspect",
    ].map { "metastable init \($0)" }, withoutFusing: .roundedNumbers)
}
