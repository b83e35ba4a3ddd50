#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The maximum of a log-likelihood of a few parameters, each within bounds.
///
/// Each is a + (b − a)/(1 + e^{−u}) of a number u that is free.
struct BoundedFit {
  let point: [Double]
  let logLikelihood: Double

  /// nil where the search fails from every start.
  init?(
    in bounds: [ClosedRange<Double>], from starts: [[Double]],
    _ logLikelihood: @escaping ([Double]) -> Double
  ) {
    func bounded(_ u: [Double]) -> [Double] {
      zip(bounds, u).map {
        $0.lowerBound + ($0.upperBound - $0.lowerBound) / (1 + exp(-$1))
      }
    }
    func free(_ x: [Double]) -> [Double] {
      zip(bounds, x).map { bound, x in
        let share = (x - bound.lowerBound) / (bound.upperBound - bound.lowerBound)
        let inside = min(0.98, max(0.02, share))
        return log(inside / (1 - inside))
      }
    }
    var best: (point: [Double], value: Double)? = nil
    for start in starts {
      guard
        let found = try? LikelihoodMaximum(from: [free(start)], { logLikelihood(bounded($0)) })
      else { continue }
      if best == nil || found.value > best!.value { best = (bounded(found.point), found.value) }
    }
    guard let best, best.value.isFinite else { return nil }
    point = best.point
    self.logLikelihood = best.value
  }
}
