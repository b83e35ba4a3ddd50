import Foundation

/// What `Benchmarks/python/compare.py` wrote on this processor.
struct PythonResults: Decodable {
  struct Row: Decodable {
    /// "JAX vmap float64".
    var library: String
    /// "quartic", "sgd-network" or "perceptron".
    var problem: String
    /// In nanoseconds, per step and replica.
    var minimum: Double
    var median: Double
  }

  var date: String
  var loadAfter: Double
  var rows: [Row]

  /// The file of this processor; without rows where there is none.
  static func current() throws -> PythonResults {
    let path = ResultsFile.path(processor: Machine.current.processor, "python")
    guard let data = FileManager.default.contents(atPath: path) else {
      return PythonResults(date: "", loadAfter: 0, rows: [])
    }
    return try JSONDecoder().decode(PythonResults.self, from: data)
  }

  /// The fastest row of each library that has timed a problem: "NumPy", "Numba", …
  func fastest(_ problem: String) -> [Row] {
    Dictionary(grouping: rows.filter { $0.problem == problem }) {
      $0.library.split(separator: " ")[0]
    }
    .values.compactMap { $0.min { $0.minimum < $1.minimum } }.sorted { $0.minimum < $1.minimum }
  }

  /// Times measured here against the fastest row of the libraries whose name begins with `library` and
  /// ends with `variant`.
  func row(
    _ work: String, _ samples: Samples, problem: String, library: String = "",
    variant: String = "", target: Double? = nil
  ) -> benchmarks.Row {
    let theirs = rows.filter {
      $0.problem == problem && $0.library.hasPrefix(library) && $0.library.hasSuffix(variant)
    }
    .min { $0.minimum < $1.minimum }
    var row = benchmarks.Row(work, nil, unit: "ns per step per replica", samples)
    row.target = target
    guard let theirs else {
      row.against = library.isEmpty ? "the fastest Python library" : library
      row.verdict = "not measured"
      row.note = "run Benchmarks/python/compare.py first"
      return row
    }
    row.against = theirs.library
    row.baselineMinimum = theirs.minimum
    row.baselineMedian = theirs.median
    row.ratio = theirs.minimum / samples.minimum
    row.verdict = target.map { theirs.minimum >= $0 * samples.minimum ? "met" : "missed" }
    row.note = "theirs from compare.py, \(date), not from this run"
    return row
  }
}
