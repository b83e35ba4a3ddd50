extension EscapeSubject {
  /// "double-well", or "Rank 2 to 1 of 2-10-10-2 at β = 0.33".
  func title(landscape: String, withLayers: Bool = true) -> String {
    switch system {
    case .landscape(let name): return "\(landscape) \(name)"
    case .network(let from, let to, let widths, let beta):
      let layers = withLayers ? " of \(widths.map(String.init).joined(separator: "-"))" : ""
      return "Rank \(from) to \(to)\(layers) at β = \(Table.format(beta))"
    }
  }
}
