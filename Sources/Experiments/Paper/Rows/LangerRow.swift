import EscapeStatistics
import Escapes
import KramersRates
import Landscapes
import LangevinDynamics
import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Langer's formula in D = 140 dimensions, with its zero modes and without, against Langevin dynamics in all weights.
struct LangerRow: Sendable {
  func finding(_ work: PaperWork) throws -> PaperFinding {
    let setup = work.setup
    let gain = ThermalGain(from: 1, setup: setup)
    let escape = try gain.escape()
    let pass = try escape.passes()[0]
    let height = pass.forwardBarrier
    let found = try gain.finding(work)
    let zeros = (pass.from.zeroModeCount, pass.saddle.zeroModeCount)
    // Slopes over the same temperatures.
    let points = found.figure.curves[0].points
    let ends = (points.first!, points.last!)
    func slope(_ logTime: (Double) -> Double) -> Double {
      (logTime(ends.1.x) - logTime(ends.0.x)) / (ends.1.x - ends.0.x)
    }
    let withZeros = (log(ends.1.y!) - log(ends.0.y!)) / (ends.1.x - ends.0.x)
    let without = slope { logTimeWithoutZeroModes(pass, temperature: 1 / $0) }
    let measured = found.fit?.slope
    let ratio = (measured?.value ?? .nan) / height
    return PaperRow.langer.finding(
      .notReproduced,
      literal: [
        measured.map { PaperQuantity("ΔE_eff/ΔE", $0.scaled(by: 1 / height)) }
          ?? PaperQuantity("ΔE_eff/ΔE", nil),
        PaperQuantity("ΔE", height, unit: "loss"),
        measured.map { PaperQuantity("measured slope of ln τ in 1/T", $0, unit: "loss") }
          ?? PaperQuantity("measured slope of ln τ in 1/T", nil, unit: "loss"),
        PaperQuantity("slope, Langer with zero modes", withZeros, unit: "loss"),
        PaperQuantity("slope, Langer without zero modes", without, unit: "loss"),
        PaperQuantity("zero modes of the minimum", Double(zeros.0)),
        PaperQuantity("zero modes of the saddle", Double(zeros.1)),
      ] + found.quantities,
      evidence: [
        "the measured slope is \(brief(ratio)) of ΔE: the prefactor makes it smaller, not fifty times larger",
        "a network 2-10-10-2 has \(escape.network.dimension) weights, 162 with biases; the paper counts 170, which is neither",
        "the saddle has \(zeros.1 - zeros.0) zero modes more than the minimum, so d ln τ/d(1/T) = ΔE − (n_s − n_m)T/2: flat directions at the saddle make the escape faster and the slope smaller, the opposite of what is claimed (the paper's Eq. 12 has this sign reversed)",
        "a prefactor stands beside the exponential and does not multiply its slope; what multiplies it is the scale of the temperature, which is the noise along the path and not the trace of its covariance (row fig2b)",
      ], passages: found.passages, figure: found.figure)
  }

  /// ln τ as if zero modes were not there: products over the other curvatures alone.
  private func logTimeWithoutZeroModes(_ pass: Pass, temperature: Double) -> Double {
    func logProduct(_ point: StationaryPoint) -> Double {
      point.spectrum.nonZero.reduce(0) { $0 + log(abs($1)) }
    }
    let unstable = abs(pass.saddle.eigenvalues[0])
    return log(2 * .pi / unstable)
      + 0.5 * (logProduct(pass.saddle) - logProduct(pass.from))
      + pass.forwardBarrier / temperature
  }
}
