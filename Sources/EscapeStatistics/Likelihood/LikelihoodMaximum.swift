import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The maximum of a log-likelihood of a few parameters without bounds, and its profiles.
///
/// A simplex finds it, Newton's method with differences refines it: to some 10⁻⁸ in parameters that are logarithms.
struct LikelihoodMaximum {
  let point: [Double]
  let value: Double
  private let logLikelihood: ([Double]) -> Double

  /// From the best of some starts.
  ///
  /// - Throws: `GSLError` where the simplex fails.
  init(from starts: [[Double]], _ logLikelihood: @escaping ([Double]) -> Double) throws {
    self.logLikelihood = logLikelihood
    var best: (point: [Double], value: Double)? = nil
    for start in starts {
      let found = try Self.maximum(of: logLikelihood, from: start, step: 0.5)
      if best == nil || found.value > best!.value { best = found }
    }
    (point, value) = best!
  }

  private static func maximum(
    of function: ([Double]) -> Double, from start: [Double], step: Double
  ) throws -> (point: [Double], value: Double) {
    guard !start.isEmpty else { return (start, function(start)) }
    let simplex = try minimiseBySimplex(
      from: start, step: step, tolerance: 1e-4, while: "maximising a likelihood"
    ) { x in -function(Array(UnsafeBufferPointer(start: x, count: start.count))) }
    return refined(function, (simplex.point, -simplex.value))
  }

  /// Newton's method, damped so that it climbs, until a step would gain less than 10⁻¹⁰.
  private static func refined(
    _ function: ([Double]) -> Double, _ from: (point: [Double], value: Double)
  ) -> (point: [Double], value: Double) {
    var best = from
    let n = from.point.count
    guard n > 0 else { return from }
    let step = 1e-4
    var damping = 0.0
    for _ in 0..<40 {
      func shifted(_ i: Int, _ by: Double, _ j: Int = 0, _ and: Double = 0) -> Double {
        var x = best.point
        x[i] += by
        x[j] += and
        return function(x)
      }
      var gradient = [Double](repeating: 0, count: n)
      var curvature = Matrix(rows: n, columns: n)
      for i in 0..<n {
        let (up, down) = (shifted(i, step), shifted(i, -step))
        gradient[i] = (up - down) / (2 * step)
        curvature[i, i] = (2 * best.value - up - down) / (step * step)
        for j in 0..<i {
          let mixed =
            shifted(i, step, j, -step) + shifted(i, -step, j, step) - shifted(i, step, j, step)
            - shifted(i, -step, j, -step)
          curvature[i, j] = mixed / (4 * step * step)
          curvature[j, i] = curvature[i, j]
        }
      }
      let scale = (0..<n).reduce(1e-9) { max($0, abs(curvature[$1, $1])) }
      var climbed = false
      while damping < 1e6 {
        var matrix = curvature
        for i in 0..<n { matrix[i, i] += damping * scale }
        if let move = try? matrix.choleskySolution(of: gradient) {
          let next = zip(best.point, move).map { $0 + $1 }
          let value = function(next)
          if value >= best.value {
            let gain = value - best.value
            best = (next, value)
            damping = damping < 1e-6 ? 0 : damping / 10
            guard gain > 1e-10 else { return best }
            climbed = true
            break
          }
          // What is left is roundoff.
          if inner(gradient, move) < 1e-9 { return best }
        }
        damping = max(10 * damping, 1e-4)
      }
      guard climbed else { return best }
    }
    return best
  }

  /// Of a parameter, from its profile.
  func interval(of index: Int, level: Double) throws -> (lower: Double?, upper: Double?) {
    // The others are followed outwards on either side. An end a factor of a thousand away is none.
    func others() -> [Double] {
      var others = point
      others.remove(at: index)
      return others
    }
    var last = (held: point[index], others: others())
    return try Profile(top: value, level: level).ends(
      about: point[index], scale: 0.05, limit: log(1000)
    ) { held in
      if (last.held - point[index]) * (held - point[index]) < 0 {
        last = (point[index], others())
      }
      func whole(_ rest: [Double]) -> [Double] {
        var x = rest
        x.insert(held, at: index)
        return x
      }
      let free: ([Double]) -> Double = { logLikelihood(whole($0)) }
      let best = Self.refined(free, (last.others, free(last.others)))
      last = (held, best.point)
      return best.value
    }
  }
}
