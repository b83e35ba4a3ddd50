/// The area ∫₀ᶜ Ŝ dt under the estimate of Kaplan and Meier, and what is needed for the error of a number made of it.
///
/// Source: J. P. Klein and M. L. Moeschberger, Survival Analysis, 2nd ed. (2003), section 4.5.
struct SurvivalArea {
  /// An escape, or some at one time.
  struct Escape {
    /// ∫ Ŝ dt up to it.
    let area: Double
    let atRisk: Double
    let count: Double
    let time: Double
  }

  /// Up to c.
  let total: Double
  /// Ŝ(c).
  let survival: Double
  let escapes: [Escape]

  /// - Parameters:
  ///   - sorted: by time.
  ///   - end: c.
  init(_ sorted: [EscapeSample.Group], until end: Double) {
    var (survival, area, previous) = (1.0, 0.0, 0.0)
    var left = sorted.runs
    var escapes = [Escape]()
    for group in sorted {
      guard group.time <= end else { break }
      area += survival * (group.time - previous)
      previous = group.time
      let atRisk = Double(left)
      left -= group.count
      guard group.outcome == .escaped else { continue }
      let count = Double(group.count)
      survival *= 1 - count / atRisk
      escapes.append(Escape(area: area, atRisk: atRisk, count: count, time: group.time))
    }
    total = area + survival * (end - previous)
    self.survival = survival
    self.escapes = escapes
  }
}
