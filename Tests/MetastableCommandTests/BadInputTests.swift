import Foundation
import TestSupport
import Testing

/// One way to go wrong: what is typed, and what must be said.
struct BadInput: CustomTestStringConvertible, Sendable {
  let name: String
  /// Words; a path with a space would need more.
  let line: String
  /// Files in the working directory.
  let files: [String: String]
  /// 2 where the command line cannot be understood, 65 where what it says cannot be done.
  let code: Int32
  /// Parts of the message: the value, and the remedy.
  let mentions: [String]

  init(
    _ name: String, _ line: String, files: [String: String] = [:], code: Int32 = 65,
    says mentions: String...
  ) {
    self.name = name
    self.line = line
    self.files = files
    self.code = code
    self.mentions = mentions
  }

  /// A configuration `c.yaml` of `theory`.
  static func yaml(_ name: String, _ text: String, says mentions: [String]) -> BadInput {
    BadInput(
      name: name, line: "theory c.yaml", files: ["c.yaml": text], code: 65, mentions: mentions)
  }

  /// A data file `d.csv` with inputs a and b and target y.
  static func csv(_ name: String, _ text: String, flags: String = "", says mentions: [String])
    -> BadInput
  {
    BadInput(
      name: name, line: "train --data d.csv --target y \(flags)", files: ["d.csv": text], code: 65,
      mentions: mentions)
  }

  private init(
    name: String, line: String, files: [String: String], code: Int32, mentions: [String]
  ) {
    self.name = name
    self.line = line
    self.files = files
    self.code = code
    self.mentions = mentions
  }

  var testDescription: String { name }
}

private let loss = "--network 2-10-10-2 --eta 0.9,0.8 --from 2 --to 1"
private let rank = "escape " + loss
private let sgd = rank + " --beta 0.33 --process sgd"
private let phases = "phase-diagram --eta 0.9,0.8 --network 2-4-4-2"
private let goodRows = "a,b,y\n1,2,3\n2,1,4\n3,3,1\n0,1,2\n"

private let commandLines: [BadInput] = [
  .init("unknown verb, close to one", "theori", code: 2, says: "no verb 'theori'", "'theory'?"),
  .init(
    "unknown verb, close to none", "anneal --eta 1", code: 2, says: "no verb 'anneal'",
    "phase-diagram"),
  .init("unknown flag", "theory --etta 0.9", code: 2, says: "--etta", "--eta"),
  .init("flag without its value", "theory --eta", code: 2, says: "--eta"),
  .init("text for a number", "theory --eta 0.9 --beta high", code: 2, says: "'high'", "--beta"),
  .init("fraction for a whole number", "theory --eta 1 --depth 2.5", code: 2, says: "'2.5'"),
  .init(
    "unknown flag, close to none", "theory --temperature-of-the-day 3", code: 2,
    says: "--temperature-of-the-day", "--help"),
  .init("list with a gap", "theory --eta 0.9,,0.8", code: 2, says: "'0.9,,0.8'"),
  .init("unknown format", "theory --eta 1 --format xml", code: 2, says: "'xml'", "json"),
  .init(
    "unknown landscape", "escape --landscape triple-well", code: 2, says: "'triple-well'",
    "double-well"),
  .init("unknown process", sgd + " --process magic", code: 2, says: "'magic'", "sgd"),
  .init(
    "widths that are none", "train --eta 0.9 --network 2x10x2", code: 2, says: "'2x10x2'",
    "such as 2-10-10-2"),
  .init("negative seed", "escape --landscape double-well --seed -1", code: 2, says: "-1"),
  .init("one argument too many", "theory c.yaml d.yaml", code: 2, says: "d.yaml"),
  .init("template of no verb", "init theori", says: "'theori'", "theory"),
  .init("template of nothing", "init", code: 2, says: "verb"),
]

private let configurations: [BadInput] = [
  .init("no such configuration", "theory none.yaml", says: "'none.yaml'"),
  .init("a folder as configuration", "theory .", says: "'.'"),
  .yaml("malformed YAML", "eta: [0.9, 0.8\nbeta: 0.3\n", says: ["c.yaml", "line 2"]),
  .yaml("tab in YAML", "eta: 0.9\n\tbeta: 0.3\n", says: ["c.yaml", "line 2"]),
  .yaml(
    "unknown key", "eta: [0.9]\nbetta: 0.3\n", says: ["line 2", "'betta'", "mean 'beta'?"]),
  .yaml("unknown key, close to none", "temperature-of-the-day: 3\n", says: ["line 1", "init"]),
  .yaml(
    "text for a number", "eta: 0.9\n\nbeta: high\n",
    says: ["line 3", "'beta'", "'high'", "Weight decay"]),
  .yaml("list for a number", "eta: 0.9\nbeta: [1, 2]\n", says: ["line 2", "'beta'"]),
  .yaml("mapping for a number", "eta: 0.9\nbeta: {a: 1}\n", says: ["line 2", "'beta'"]),
  .yaml("text for a flag", "eta: 0.9\none-hot: maybe\n", says: ["line 2", "'one-hot'", "'maybe'"]),
  .yaml("duplicate key", "eta: 0.9\nbeta: 0.1\neta: 0.8\n", says: ["'eta'", "line 1", "once"]),
  .yaml(
    "aliases", "eta: &a [0.9]\nlearning-rate: *a\n", says: ["line 2", "'*'", "the value itself"]),
  .yaml(
    "aliases in a key, each ten of the one before",
    "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n? [*b,*b,*b]\n: 1\n",
    says: ["line 2", "'*'"]),
  .yaml(
    "keys in keys", String(repeating: "{", count: 400) + String(repeating: "}", count: 400),
    says: ["400 lists and mappings", "64", "one list"]),
  .yaml(
    "a file too large", "# " + String(repeating: "x", count: 1 << 16) + "\n",
    says: ["65539 bytes", "65536"]),
  .yaml(
    "a long word", "beta: " + String(repeating: "x", count: 60_000) + "\n",
    says: ["line 1", "'beta'", "xxx … xxx", "Weight decay"]),
  .yaml("a list", "- eta\n- beta\n", says: ["key: value"]),
  .yaml("a sentence", "weights decay\n", says: ["key: value"]),
  .yaml("a bad value in a file", "eta: 0.9\nbeta: -1\n", says: ["β", "-1"]),
]

private let values: [BadInput] = [
  .init("β = 0", "theory --eta 0.9 --beta 0", says: "β must be positive and finite, but is 0"),
  .init("β < 0", rank + " --beta -0.3 --temperature 0.1", says: "β must be positive", "-0.3"),
  .init("β not a number", "theory --eta 0.9 --beta nan", says: "β must be positive", "nan"),
  .init(
    "β too small to compute with", "theory --eta 0.8 --beta 5e-324", says: "β = 5e-324", "raise β"),
  .init(
    "β too small for a rate", "rate " + loss + " --beta 5e-324 --temperature 0.001",
    says: "β = 5e-324", "raise β"),
  .init("η too large", "theory --eta 1e308 --beta 0.3", says: "1e+308", "scale the targets"),
  .init("β missing", rank + " --temperature 0.1", says: "--beta"),
  .init(
    "β beyond β_c", rank + " --beta 0.36 --temperature 0.1", says: "β = 0.36", "β_c = 0.35088"),
  .init(
    "β beyond every β_c", "escape --eta 0.9,0.8 --beta 0.5 --temperature 0.1", says: "β = 0.5",
    "0.41054"),
  .init("η = 0", "theory --eta 0.9,0", says: "η", "0.0"),
  .init("η < 0", "phase-diagram --eta -0.9", says: "η must be positive", "-0.9"),
  .init(
    "η > 1 where data are drawn", "escape --eta 1.2 --beta 0.3 --process sgd --learning-rate 0.1",
    says: "η must not exceed 1", "1.2"),
  .init("depth 0", "theory --eta 0.9 --depth 0", says: "depth", "at least 1, but is 0"),
  .init("depth 0 of a network", "phase-diagram --eta 0.9 --depth 0", says: "depth", "is 0"),
  .init("depth < 0", "train --eta 0.9 --depth -3", says: "depth", "-3"),
  .init("depth 1 has no phases", "phase-diagram --eta 0.9 --depth 1", says: "depth 2 or more"),
  .init("one axis", phases + " --x beta=0.2..0.3", says: "--x", "no --y", "such as --y"),
  .init(
    "an axis without the other", phases + " --y beta=0.2..0.3", says: "--y", "is for --x",
    "give both or neither"),
  .init(
    "the same parameter on both axes", phases + " --x beta=0.2..0.3 --y beta=0.3..0.4",
    says: "both axes are beta", "needs two parameters"),
  .init(
    "no state anywhere in the plane", phases + " --x beta=0.5..0.6 --y inverse-noise=50..90",
    says: "from 0.5 to 0.6", "0.410549", "choose β below"),
  .init(
    "an axis that is none", phases + " --x beta=0.2..0.3 --y colour=1..2", says: "'colour'",
    "there are beta, temperature"),
  .init(
    "a range that falls", phases + " --x beta=0.3..0.2 --y inverse-noise=50..90",
    says: "from 0.3 to 0.2", "the smaller end first"),
  .init(
    "cells that are no grid", phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --cells 60",
    code: 2, says: "'60'", "--cells"),
  .init(
    "too few cells", phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --cells 60x1",
    says: "inverse-noise", "at least 2", "is 1"),
  .init(
    "a field that is none", phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --field colour",
    says: "'colour'", "ln-tau, rank"),
  .init(
    "two kinds of noise", phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --temperature 0.1",
    says: "choose one kind of noise"),
  .init(
    "a budget without noise", phases + " --x beta=0.2..0.3 --y eta=0.5..0.6 --budget 100",
    says: "t = 100", "give --temperature"),
  .init(
    "β on an axis and beside it", phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --beta 0.2",
    says: "--beta 0.2", "--x beta=0.2..0.3", "leave it out"),
  .init(
    "the sweep of the line beside a plane",
    phases + " --x beta=0.2..0.3 --y inverse-noise=50..90 --beta-from 0.2", says: "--beta-from 0.2",
    "has the range of its axes"),
  .init(
    "too narrow", "phase-diagram --eta 0.9,0.8 --width 1", says: "2 features", "2-1-1-2",
    "at least 2"),
  .init("a layer without units", "train --eta 0.9 --network 1-0-1", says: "0"),
  .init("width 0", "train --eta 0.9 --width 0", says: "width", "is 0"),
  .init(
    "network that does not fit the data", "train --data d.csv --target y --network 3-4-1",
    files: ["d.csv": goodRows], says: "3", "2"),
  .init("learning rate 0", sgd + " --learning-rate 0", says: "learning rate", "0.0"),
  .init("learning rate < 0", "train --eta 0.9 --learning-rate -1", says: "learning rate", "-1.0"),
  .init("learning rate missing", sgd, says: "--learning-rate"),
  .init("batch size 0", sgd + " --learning-rate 0.1 --batch-size 0", says: "batch size", "is 0"),
  .init("momentum 1", "train --eta 0.9 --momentum 1", says: "momentum", "1.0"),
  .init(
    "no runs", "escape --landscape double-well --temperature 0.1 --runs 0", says: "runs", "is 0"),
  .init("temperature 0", "escape --landscape double-well --temperature 0", says: "temperature"),
  .init("temperature < 0", rank + " --beta 0.33 --temperature -1", says: "temperature", "-1"),
  .init("temperature missing", "escape --landscape double-well", says: "--temperature"),
  .init(
    "temperature 0 of a rate", "rate --landscape muller-brown --temperature 0",
    says: "temperature T must be positive", "0.0"),
  .init(
    "β beyond β_c of a rate",
    "rate " + loss + " --beta 0.36 --temperature 0.001", says: "β = 0.36",
    "β_c = 0.35088"),
  .init(
    "β beyond β_c of a barrier", "barrier " + loss + " --beta 0.36",
    says: "β = 0.36", "β_c = 0.35088"),
  .init(
    "friction in two dimensions",
    "rate --landscape muller-brown --temperature 10 --friction 1", says: "muller-brown",
    "2 dimensions", "leave the friction out"),
  .init(
    "friction of a network",
    "rate --network 2-10-10-2 --eta 0.9,0.8 --beta 0.33 --temperature 0.001 --friction 1",
    says: "--friction", "leave it out"),
  .init(
    "friction 0", "rate --landscape double-well --temperature 0.05 --friction 0",
    says: "friction", "0.0"),
  .init(
    "level 95", "escape --landscape double-well --temperature 0.1 --level 95", says: "level",
    "95.0"),
  .init(
    "threads 0", "escape --landscape double-well --temperature 0.1 --threads 0", says: "threads",
    "is 0"),
  .init("cap 0", "escape --landscape double-well --temperature 1 --cap 0", says: "cap", "0.0"),
  .init(
    "time step 0", "escape --landscape double-well --temperature 1 --time-step 0",
    says: "time step", "0.0"),
  .init(
    "tilt too large", "escape --landscape tilted-double-well --temperature 1 --tilt 0.5",
    says: "tilt", "0.5"),
  .init(
    "SGD without data", "escape --landscape double-well --process sgd --learning-rate 0.1",
    says: "SGD", "--process overdamped"),
  .init("no epochs", "train --eta 0.9 --epochs 0", says: "epochs", "is 0"),
  .init(
    "epochs beyond counting", "train --eta 0.9 --epochs 9223372036854775807", says: "epochs",
    "use fewer"),
  .init("no samples", "train --eta 0.9 --samples 0", says: "samples", "is 0"),
  .init("nothing to escape from", "escape", says: "--landscape", "--eta", "--data"),
  .init(
    "two things to escape from", "escape --landscape double-well --eta 0.9 --temperature 0.1",
    says: "both --landscape and a network"),
  .init("nothing to study", "study", says: "--eta", "--data"),
  .init("no modes", "theory", says: "--eta", "--data"),
  .init(
    "two sources of data", "train --eta 0.9 --data d.csv --target y", files: ["d.csv": goodRows],
    says: "both --eta and --data"),
  .init(
    "two sources of modes", "theory --eta 0.9 --data d.csv --target y",
    files: ["d.csv": goodRows], says: "both --eta and --data"),
  .init("no target", "train --data d.csv", files: ["d.csv": goodRows], says: "--target"),
  .init("ranks two apart", sgd + " --learning-rate 0.1 --from 2 --to 0", says: "2 to 0", "by one"),
  .init(
    "rank too high", sgd + " --learning-rate 0.1 --from 3 --to 2", says: "rank 3", "2 features"),
  .init("rank below 0", sgd + " --learning-rate 0.1 --from 0 --to -1", says: "from 0"),
  .init(
    "a ladder of one step", "compare --eta 0.9,0.8 --beta 0.33 --learning-rate 0.1",
    says: "two or more different learning rates"),
  .init(
    "a comparison of a gain", "compare --eta 0.9,0.8 --beta 0.33 --from 1 --to 2", says: "gain"),
  .init(
    "a comparison of Langevin with itself",
    "compare --eta 0.9,0.8 --beta 0.33 --process overdamped", says: "--process sgd"),
  .init("sweep step 0", phases + " --beta-step 0", says: "step of the sweep"),
  .init("sweep step too small", phases + " --beta-step 1e-300", says: "too long", "larger step"),
  .init("sweep that goes down", phases + " --beta-from 0.4 --beta-to 0.3", says: "0.4 to 0.3"),
  .init("tolerance 0", phases + " --tolerance 0", says: "0"),
]

/// What would do nothing.
private let useless: [BadInput] = [
  .init(
    "tilt of a level well", "escape --landscape double-well --temperature 0.1 --tilt 0.1",
    says: "--tilt 0.1", "tilted-double-well or washboard", "landscape is double-well"),
  .init(
    "learning rate of a landscape",
    "rate --landscape double-well --temperature 0.1 --learning-rate 0.1",
    says: "--learning-rate 0.1", "--process sgd or surrogate", "process is overdamped"),
  .init(
    "temperature of SGD", sgd + " --learning-rate 0.1 --temperature 0.1", says: "--temperature 0.1",
    "--process overdamped or underdamped", "process is sgd"),
  .init(
    "time step of SGD", sgd + " --learning-rate 0.1 --time-step 0.1", says: "--time-step 0.1",
    "--process overdamped or underdamped"),
  .init(
    "friction of overdamped dynamics",
    "escape --landscape double-well --temperature 0.1 --friction 1", says: "--friction 1",
    "--process underdamped"),
  .init(
    "depth beside widths", "barrier " + loss + " --beta 0.33 --depth 3", says: "--depth 3",
    "--network 2-10-10-2", "leave one of them out"),
  .init(
    "preparation of drawn data", "train --eta 0.9 --no-whiten", says: "--no-whiten", "--data",
    "--eta 0.9"),
  .init(
    "samples of a file", "train --data d.csv --target y --samples 9", files: ["d.csv": goodRows],
    says: "--samples 9", "--eta", "--data d.csv"),
  .init(
    "epochs of samples that are drawn anew", sgd + " --learning-rate 0.1 --sampling epochs",
    says: "--sampling epochs", "--data"),
  .init(
    "runs beside a precision",
    "escape --landscape double-well --temperature 0.1 --runs 100 --until-relative-error 0.1",
    says: "--runs 100", "--until-relative-error 0.1"),
  .init(
    "seed of a barrier", "barrier --landscape double-well --seed 3", says: "--seed 3"),
  .init("threads of a closed form", "theory --eta 0.9 --threads 4", says: "--threads 4", "escape"),
  .init("nothing to overwrite", "theory --eta 0.9 --overwrite", says: "--overwrite", "--output"),
  .init(
    "rank of what is not whitened",
    "train --data d.csv --target y --no-whiten --whiten-rank 1", files: ["d.csv": goodRows],
    says: "--whiten-rank 1", "--no-whiten"),
  .init(
    "a key that does nothing", "escape c.yaml",
    files: ["c.yaml": "landscape: double-well\ntemperature: 0.1\nbatch-size: 8\n"],
    says: "line 3 of 'c.yaml', key 'batch-size': --batch-size 8 is for --process sgd or surrogate"),
  .init(
    "curves in JSON", "results export --output out --format json --curves", says: "--curves",
    "--format csv"),
  .init(
    "cross-entropy of Gaussian targets",
    "train --eta 0.9,0.8 --network 2-5-2 --loss cross-entropy --epochs 50",
    says: "--loss cross-entropy", "--one-hot", "mse"),
  .init(
    "cross-entropy of numbers", "train --data d.csv --target y --loss cross-entropy",
    files: ["d.csv": goodRows], says: "distributions", "indicators"),
  .init(
    "cross-entropy of scaled classes",
    "train --data d.csv --target y --one-hot --loss cross-entropy --target-scaling standardise",
    files: ["d.csv": goodRows], says: "--target-scaling standardise", "cross-entropy"),
  .init("depth beyond the limit", "theory --eta 0.9 --depth 1001", says: "at most 1000", "1001"),
  .init(
    "a negative number of runs to run again", "results verify --output . --rerun -1",
    says: "at least 0, but is -1"),
]

/// What could be asked for, but not be held in memory or counted.
private let hugeValues: [BadInput] =
  [
    ("train --eta 0.9 --depth", ["9223372036854775807", "2147483648"], "depth must be at most"),
    (
      "phase-diagram --eta 0.9 --width", ["9223372036854775807", "2147483648"],
      "narrower layers"
    ),
    (
      "train --eta 0.9 --network",
      [
        "9223372036854775807-1", "1-9223372036854775807", "1000000000-3-1",
      ], "at most"
    ),
    (
      "train --eta 0.9 --network",
      ["1-9223372036854775807-1", "1-4294967296-4294967296-1", "1-100000-100000-1"], "narrower"
    ),
    ("escape --beta 0.33 --temperature 0.1 --eta 0.9 --network", ["1-1000000000-1"], "narrower"),
    (
      "train --eta 0.9 --samples", ["9223372036854775807", "2147483648"], "samples must be at most"
    ),
    ("train --eta 0.9 --test-samples", ["4611686018427387904"], "test samples must be at most"),
    (sgd + " --learning-rate 0.1 --batch-size", ["9223372036854775807", "2147483648"], "batch"),
    (
      "escape --landscape double-well --temperature 0.1 --runs",
      ["9223372036854775807", "2147483648"], "runs must be at most"
    ),
    ("escape --landscape double-well --temperature 0.1 --cap", ["1e308"], "smaller cap"),
    (
      "escape --landscape double-well --temperature 0.1 --cap 1 --time-step", ["5e-324"],
      "larger step"
    ),
    ("barrier --landscape muller-brown --images", ["1000000000000"], "images must be at most"),
    ("barrier --eta 0.9 --beta 0.33 --from", ["-9223372036854775808"], "from -922"),
    ("study --eta 0.9,0.8 --from", ["-9223372036854775808"], "from -922"),
  ].flatMap { (line: String, values: [String], says: String) in
    values.map { BadInput("\(line) \($0)", "\(line) \($0)", says: says) }
  }

private let dataFiles: [BadInput] = [
  .init("no such data", "train --data none.csv --target y", says: "'none.csv'"),
  .init(
    "no such target", "train --data d.csv --target z", files: ["d.csv": goodRows], says: "'z'",
    "'a', 'b', 'y'"),
  .csv("empty file", "", says: ["d.csv", "empty"]),
  .csv("zero rows", "a,b,y\n", says: ["d.csv", "no data"]),
  .csv("not a number", "a,b,y\n1,2,3\n4,NaN,6\n", says: ["'NaN'", "row 3", "'b'"]),
  .csv("a word", "a,b,y\n1,2,3\n4,five,6\n", says: ["'five'", "row 3", "'b'"]),
  .csv("an empty cell", "a,b,y\n1,2,3\n4,,6\n", says: ["empty", "row 3"]),
  .csv("ragged rows", "a,b,y\n1,2,3\n4,5\n", says: ["row 3", "2 cells", "3"]),
  .csv(
    "constant column to scale", "a,b,y\n1,2,3\n1,5,6\n1,3,4\n", flags: "--standardise",
    says: ["'a'", "constant"]),
  .csv("constant target", "a,b,y\n1,2,3\n2,5,3\n4,3,3\n", says: ["'y'", "constant"]),
  .csv(
    "fewer rows than whitening needs", "a,b,y\n1,2,3\n2,5,1\n", flags: "--whiten",
    says: ["whitening", "2"]),
  .csv(
    "a number too large to square", "a,b,y\n1,2,3\n2,1e200,3\n4,3,3\n",
    says: ["row 3", "'b'", "1e+200", "unit"]),
  .csv(
    "a column that hardly varies", "a,b,y\n1,1e-200,3\n2,2e-200,1\n4,3e-200,3\n",
    flags: "--standardise", says: ["'b'", "unit"]),
  .csv(
    "columns that hardly vary", "a,b,y\n1e-200,1e-200,3\n2e-200,1e-200,1\n4e-200,3e-200,3\n",
    flags: "--whiten", says: ["standard deviation", "unit"]),
  .csv(
    "more columns than can be used",
    ["a", "1", "2", "4"].map { String(repeating: $0 + ",", count: 5000) + ($0 == "a" ? "y" : $0) }
      .joined(separator: "\n"), says: ["5000 inputs", "4096", "whiten"]),
  .csv(
    "a training log", "epoch,y,loss\n1,2,3\n2,1,4\n", says: ["log of a training run", "data set"]),
  .csv("JSON lines", "{\"step\": 1}\n{\"step\": 2}\n", says: ["JSON lines", "data set"]),
  .csv("a binary file", "\u{1}\u{2}\0\0", says: ["binary", "CSV, NPY or NPZ"]),
  .csv(
    "an index in disorder", ",a,y\n2,1,3\n0,2,4\n1,4,4\n",
    says: ["no name", "--index-column 0", "--index-column none"]),
  .csv("names or numbers", "0,1\n1,1\n1,0\n", says: ["(0, 1)", "--header or --no-header"]),
  .csv("decimal commas", "a;y\n1,5;2\n2,5;1\n", says: ["row 2", "'1,5'", "--decimal ,"]),
  .csv(
    "decimal commas between commas", goodRows, flags: "--decimal ,", says: ["semicolons or tabs"]),
  .csv(
    "a dropped column that is not there", goodRows, flags: "--drop z",
    says: ["'z'", "'a', 'b', 'y'"]),
  .csv("nothing to train on", goodRows, flags: "--test-fraction 1", says: ["test rows", "1.0"]),
  .csv("two preparations", goodRows, flags: "--whiten --standardise", says: ["choose one"]),
  .init(
    "inputs that are not white", "phase-diagram --data d.csv --target y",
    files: ["d.csv": goodRows], says: "--whiten"),
]

private let outputs: [BadInput] = [
  .init(
    "a file as output", "theory --eta 1 --output f", files: ["f": "text"], says: "'f' is a file"),
  .init(
    "output below a file", "theory --eta 1 --output f/out", files: ["f": "text"],
    says: "'f/out' cannot be written"),
  .init(
    "output that holds other files", "theory --eta 1 --output .", files: ["f": "text"],
    says: "'.'", "not results"),
  .init(
    "the same, with --overwrite", "theory --eta 1 --output . --overwrite", files: ["f": "text"],
    says: "'.'", "not overwritten"),
  .init(
    "output that cannot be made", "theory --eta 1 --output /dev/null/out",
    says: "'/dev/null/out' cannot be written"),
]

extension BadInput {
  /// A network 1-1-1 of zeros with biases, in safetensors: the length of the header in eight bytes, the header, the weights.
  private static let checkpoint = { () -> String in
    let shapes = [("0.weight", "1,1"), ("0.bias", "1"), ("2.weight", "1,1"), ("2.bias", "1")]
    let entries = shapes.enumerated().map { i, item in
      #""\#(item.0)":{"dtype":"F32","shape":[\#(item.1)],"data_offsets":[\#(4 * i),\#(4 * i + 4)]}"#
    }
    let header = "{\(entries.joined(separator: ","))}"
    // 288 = 0x120.
    return "\u{20}\u{1}" + String(repeating: "\0", count: 6)
      + header.padding(toLength: 288, withPad: " ", startingAt: 0)
      + String(repeating: "\0", count: 16)
  }()

  private static let starts = [
    BadInput(
      "no biases beside those of a checkpoint",
      "barrier --eta 0.8 --beta 0.1 --start w.safetensors --no-biases",
      files: ["w.safetensors": checkpoint],
      says: "--no-biases was given, but the checkpoint 'w.safetensors' has biases",
      "leave the flag out"),
    BadInput(
      "a text as weights",
      "barrier --network 1-4-1 --eta 0.8 --beta 0.1 --activation tanh --start notes.md",
      files: ["notes.md": "# Notes\n\nOf weights.\n"],
      says: "'notes.md' holds no weights",
      "neither a checkpoint (safetensors, .npz) nor a table of numbers"),
    BadInput(
      "a weight that is no number",
      "barrier --network 1-2-1 --eta 0.8 --beta 0.1 --activation tanh --start w.csv",
      files: ["w.csv": "0.1\nnan\n0.2\n0.3\n"], says: "no finite numbers"),
  ]

  static let all =
    commandLines + configurations + values + useless + hugeValues + dataFiles + outputs + starts
}

@Suite("Bad input")
struct BadInputTests {
  @Test(
    "One clear sentence on standard error, the right exit code, and no output",
    arguments: BadInput.all)
  func refusal(_ input: BadInput) throws {
    try withTemporaryDirectory { directory in
      for (name, content) in input.files { try write(content, name, in: directory) }
      let run = try CommandLineRun(words(input.line), in: directory)
      #expect(run.code == input.code, "\(run.errors)")
      #expect(run.output.isEmpty)
      #expect(run.errors.hasPrefix("metastable: "))
      #expect(run.errors.hasSuffix("\n"))
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
      #expect(!run.errors.hasPrefix("metastable: Error"))
      for part in input.mentions {
        #expect(run.errors.contains(part), "'\(part)' is not in: \(run.errors)")
      }
      // Files that were there are as they were, and no others have come.
      #expect(try contents(directory) == input.files.keys.sorted())
      for (name, content) in input.files {
        #expect(try text(directory.appendingPathComponent(name)) == content)
      }
    }
  }
}
