/// Positions for labels in a row: as near to what they label as keeps them apart.
enum LabelRow {
  /// Positions at least `spacing` apart in 0…1 (closer only where they would not all fit), in the order
  /// of `wanted`, with the least sum of squared displacements.
  ///
  /// With q_i = p_i − i·s the spacing becomes q_i ≤ q_{i+1}: isotonic regression, solved by pooling
  /// neighbours that violate it.
  static func positions(_ wanted: [Double], spacing: Double) -> [Double] {
    guard wanted.count > 1 else { return wanted }
    let spacing = min(spacing, 1 / Double(wanted.count - 1))
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var pools: [(sum: Double, count: Int)] = []
    for (i, index) in order.enumerated() {
      pools.append((wanted[index] - Double(i) * spacing, 1))
      while pools.count > 1 {
        let last = pools[pools.count - 1]
        let before = pools[pools.count - 2]
        guard before.sum / Double(before.count) > last.sum / Double(last.count) else { break }
        pools.removeLast()
        pools[pools.count - 1] = (before.sum + last.sum, before.count + last.count)
      }
    }
    let room = 1 - Double(wanted.count - 1) * spacing
    var result = wanted
    var i = 0
    for pool in pools {
      let base = min(max(pool.sum / Double(pool.count), 0), max(room, 0))
      for _ in 0..<pool.count {
        result[order[i]] = base + Double(i) * spacing
        i += 1
      }
    }
    return result
  }
}
