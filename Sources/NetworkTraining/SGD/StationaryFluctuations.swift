package import Escapes
import Landscapes
import LangevinDynamics
package import Networks
import NumericalMethods

/// How real SGD moves about a minimum while it stays there, measured on independent runs.
package struct StationaryFluctuations: Sendable {
  /// A mean over runs.
  package struct Mean: Sendable {
    package let value: Double
    /// From the spread between runs.
    package let standardError: Double
  }

  /// Along each direction that was asked for, about the mean of all runs.
  package let variances: [Mean]
  /// Their sum.
  package let trace: Mean
  /// How much higher the loss of all data is on average than at the minimum.
  package let excessLoss: Mean
  /// Runs that stayed, which are what is averaged.
  package let runs: Int
  /// Runs that left before their end.
  package let lost: Int

  /// Runs that are averaged: enough for a standard error of a standard error of an eighth.
  private static let runCount = 32

  /// - Parameters:
  ///   - escape: its start is the minimum; a run has left where it reaches the target.
  ///   - directions: unit vectors of the weights.
  ///   - curvatures: least and largest: a run settles for five times 1/least, and is looked at every half of 1/largest,
  ///     in the time of SGD without momentum.
  ///   - time: of each run after that, in t.
  ///   - isStopped: ends it early.
  /// - Throws: `InvalidInput` where too few runs stay to say anything.
  package init(
    about escape: FeatureEscape, along directions: [[Double]], curvatures: ClosedRange<Double>,
    settings: SGDSettings, time: Double, seed: UInt64, isStopped: @escaping @Sendable () -> Bool
  ) throws {
    let process = LinearMinibatchSGD(
      network: escape.network, source: escape.source, settings: settings)
    let h = settings.learningRate
    // With momentum all goes faster by 1/(1 − μ), once the velocity has settled.
    let rate = settings.clockRate
    let settling = Int(
      (5 * (rate / (curvatures.lowerBound * h) + 1 / rate)).rounded(.up))
    let stride = max(1, Int(0.5 * rate / (curvatures.upperBound * h)))
    guard time / h < 1e9 else {
      throw InvalidInput(
        "runs of t = \(brief(time)) take \(brief(time / h)) steps each, and 32 of them are run; ask for at most t = \(brief(1e9 * h))"
      )
    }
    let looks = max(1, Int(time / h) / stride)
    let target = escape.target
    let network = escape.network
    let origin = escape.start
    let ground = network.energy(at: origin)
    struct Sums: Sendable {
      var first: [Double]
      var second: [Double]
      var loss = 0.0
    }
    let found = parallelMap(count: Self.runCount) { replica -> Sums? in
      var walker = Walker(
        process, at: origin, key: StreamKey(seed: seed, purpose: .dynamics, replica: replica))
      var sums = Sums(
        first: [Double](repeating: 0, count: directions.count),
        second: [Double](repeating: 0, count: directions.count))
      for look in 0..<(looks + (settling + stride - 1) / stride) {
        walker.step(stride)
        if isStopped() || !walker.isFinite
          || target.distance(walker.value(of: target.parameter)) <= 0
        {
          return nil
        }
        guard look * stride >= settling else { continue }
        let position = walker.position
        let shift = zip(position, origin).map { $0 - $1 }
        for (k, direction) in directions.enumerated() {
          let z = direction.withUnsafeBufferPointer { direction in
            shift.withUnsafeBufferPointer {
              dot(direction.baseAddress!, $0.baseAddress!, shift.count)
            }
          }
          sums.first[k] += z
          sums.second[k] += z * z
        }
        sums.loss += network.energy(at: position) - ground
      }
      let weight = 1 / Double(looks)
      sums.first = sums.first.map { weight * $0 }
      sums.second = sums.second.map { weight * $0 }
      sums.loss *= weight
      return sums
    }
    let stayed = found.compactMap { $0 }
    runs = stayed.count
    lost = Self.runCount - stayed.count
    guard runs >= 8 else {
      throw InvalidInput(
        "only \(runs) of \(Self.runCount) runs stayed about the minimum for t = \(brief(time)) and the t = \(brief(Double(settling) * h)) that settling takes, so there is no stationary covariance to measure; choose a shorter time, or a smaller \(settings.noiseSymbol)"
      )
    }
    func mean(_ values: [Double]) -> Mean {
      let n = Double(values.count)
      let mean = values.reduce(0, +) / n
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Mean(value: mean, standardError: (squares / (n * (n - 1))).squareRoot())
    }
    let centres = directions.indices.map { k in
      stayed.reduce(0) { $0 + $1.first[k] } / Double(stayed.count)
    }
    let spreads = stayed.map { run in
      directions.indices.map { k in
        run.second[k] - 2 * centres[k] * run.first[k] + centres[k] * centres[k]
      }
    }
    variances = directions.indices.map { k in mean(spreads.map { $0[k] }) }
    trace = mean(spreads.map { $0.reduce(0, +) })
    excessLoss = mean(stayed.map(\.loss))
  }
}
