import NumericalMethods
import PhaseDiagrams

/// What a two-dimensional phase diagram shows, and follows the boundaries of.
public enum PlaneField: String, CaseIterable, Sendable, Codable {
  /// ln τ of the weakest learned feature.
  case logTime = "ln-tau"
  /// Features that survive on the way up in β.
  case rank
  /// The share of the correlation that is learned.
  case order
  /// Coexisting minima.
  case minima
  /// ΔE of losing the weakest learned feature.
  case barrier
  /// How it is lost.
  case mechanism

  /// Whether it needs a noise.
  var needsNoise: Bool { self == .logTime || self == .mechanism }

  /// By name, separated by commas.
  ///
  /// - Throws: `InvalidInput` where there is no such field.
  package static func fields(parsing text: String) throws -> [PlaneField] {
    let fields = try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
      let word = word.filter { $0 != " " }
      guard let field = PlaneField(rawValue: word) else {
        throw InvalidInput(
          "'\(word)' is no field of a phase diagram; give some of \(allCases.map(\.rawValue).joined(separator: ", ")), separated by commas"
        )
      }
      return field
    }
    return allCases.filter(fields.contains)
  }

  /// Whether a boundary of the field runs between points.
  ///
  /// - Parameter levels: of ln τ.
  func differs(_ cells: [PlaneCell], levels: [Double]) -> Bool {
    func isMixed<Kind: Hashable>(_ kind: (PlaneCell) -> Kind) -> Bool {
      Set(cells.map(kind)).count > 1
    }
    switch self {
    // Order and barrier jump where the rank does.
    case .rank, .order, .barrier: return isMixed { $0.phases?.rank }
    case .minima: return isMixed { $0.phases?.minima }
    case .mechanism: return isMixed { $0.mechanism }
    case .logTime:
      // Where another feature is the weakest, ln τ jumps.
      if isMixed({ $0.phases?.rank }) || isMixed({ $0.logTime == nil }) { return true }
      let times = cells.compactMap(\.logTime)
      guard let low = times.min(), let high = times.max() else { return false }
      return levels.contains { low < $0 && $0 <= high }
    }
  }
}
