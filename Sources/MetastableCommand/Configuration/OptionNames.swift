/// Which name was meant by one that nothing has.
enum OptionNames {
  /// The names that a word stands for: by meaning, else the nearest one in spelling.
  ///
  /// - Parameter word: an option without its dashes, or a key.
  static func guesses(for word: String, in names: [String]) -> [String] {
    let meant = meanings(of: word, in: names)
    return meant.isEmpty ? nearest(word, in: names).map { [$0] } ?? [] : meant
  }

  /// The names that a word means: those that other programs call so, or itself with hyphens.
  static func meanings(of word: String, in names: [String]) -> [String] {
    let word = word.lowercased().replacing("_", with: "-")
    if names.contains(word) { return [word] }
    return otherWords.filter { $0.value.contains(word) && names.contains($0.key) }.map(\.key)
  }

  /// What other programs and people call the options.
  static let otherWords: KeyValuePairs<String, [String]> = [
    "learning-rate": ["lr", "learn-rate", "step-size", "stepsize", "alpha"],
    "beta": ["wd", "weight-decay", "decay", "l2", "lambda", "weight-decay-rate"],
    "temperature": ["temp", "t", "kt", "noise"],
    "friction": ["gamma", "damping", "drag"],
    "batch-size": ["bs", "b", "batch", "batches", "minibatch", "mini-batch-size"],
    "momentum": ["mu", "mom", "momentum-factor"],
    "sampling": ["replacement", "shuffle", "sampler"],
    "process": ["dynamics", "optimizer", "optimiser", "algorithm", "integrator"],
    "landscape": ["potential", "energy", "surface"],
    "tilt": ["force", "slope", "bias"],
    "network": ["layers", "widths", "layer-widths", "architecture", "arch", "model", "net"],
    "depth": ["layers", "num-layers", "n-layers"],
    "width": ["hidden", "hidden-size", "hidden-dim", "hidden-width", "units"],
    "eta": ["singular-values", "singular-value", "etas"],
    "data": ["dataset", "data-file", "file", "csv", "input", "train-data"],
    "target": ["targets", "label", "labels", "y", "target-column", "output-columns"],
    "one-hot": ["onehot", "classes", "categorical"],
    "whiten": ["whitening", "whitened", "pca"],
    "whiten-rank": ["components", "n-components", "pca-components"],
    "standardise": ["standardize", "normalise", "normalize", "scale"],
    "target-scaling": ["scale-targets", "target-scale", "normalise-targets", "normalize-targets"],
    "test-fraction": ["test-size", "val-fraction", "validation-fraction", "validation-split"],
    "samples": ["n", "num-samples", "n-samples", "train-samples", "train-size"],
    "test-samples": ["test-size", "num-test-samples"],
    "activation": ["act", "nonlinearity", "non-linearity"],
    "biases": ["bias"],
    "loss": ["criterion", "loss-function"],
    "epochs": ["epoch", "num-epochs", "n-epochs", "steps", "iterations"],
    "max-epochs": ["epochs", "max-steps", "max-iterations"],
    "initial-scale": ["init", "init-scale", "weight-scale", "initial-weight-scale"],
    "from": ["rank", "from-rank", "start"],
    "to": ["rank", "to-rank", "end"],
    "images": ["beads", "n-images", "num-images", "nimages"],
    "seed": ["seeds", "random-seed", "random-state", "rng"],
    "runs": ["seeds", "n", "num-runs", "n-runs", "replicas", "trials", "repeats", "samples"],
    "max-runs": ["runs-max", "most-runs"],
    "until-relative-error": ["relative-error", "rel-error", "accuracy"],
    "level": ["confidence", "confidence-level", "ci"],
    "cap": ["max-time", "t-max", "tmax", "max-steps", "horizon"],
    "time-step": ["dt", "step", "timestep"],
    "engine": ["backend", "device"],
    "precision": ["dtype", "float"],
    "beta-from": ["beta-min", "beta-start"],
    "beta-to": ["beta-max", "beta-end", "beta-stop"],
    "beta-step": ["d-beta", "step"],
    "tolerance": ["tol", "gtol", "eps"],
    "output": ["out", "o", "output-dir", "out-dir", "outdir", "folder", "dir", "save"],
    "overwrite": ["force", "clobber"],
    "threads": ["workers", "num-workers", "jobs", "cores", "cpus", "num-threads", "nproc"],
    "wall-time": ["timeout", "time-limit", "time", "walltime"],
    "checkpoint-every": ["checkpoint", "checkpoint-interval", "save-every"],
    "quiet": ["silent", "q", "no-progress"],
    "format": ["json", "csv", "output-format"],
    "rerun": ["runs", "n", "check"],
  ]

  /// The longest word that is compared: the distance takes as many steps as both have letters.
  private static let longest = 64

  /// The name at the smallest edit distance, if that is at most a third of the word, and some letters are left.
  static func nearest(_ word: String, in names: [String]) -> String? {
    guard word.utf8.count <= longest else { return nil }
    func distance(_ a: [Character], _ b: [Character]) -> Int {
      var row = Array(0...b.count)
      for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
          let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
          diagonal = row[j + 1]
          row[j + 1] = next
        }
      }
      return row[b.count]
    }
    let ranked = names.map { ($0, distance(Array(word), Array($0))) }.min { $0.1 < $1.1 }
    guard let (name, edits) = ranked, edits <= max(2, word.count / 3), edits < word.count else {
      return nil
    }
    return name
  }
}
