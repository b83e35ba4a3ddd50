public import Escapes
import Foundation
import Landscapes
import NumericalMethods

/// Kramers' formula for a landscape of one dimension, overdamped: τ = 2π / √(E″(min)|E″(saddle)|) · e^{ΔE/T}.
///
/// Source: H. A. Kramers, Physica 7, 284 (1940), doi:10.1016/S0031-8914(40)90098-2, Eq. 17.
public struct KramersOnALine: RateTheory {
  public let name = "Kramers, overdamped"
  public var exactness: Exactness? { .harmonic }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, escape.landscape.dimension == 1 else {
      return nil
    }
    let pass = try escape.passes()[0]
    return try escape.prediction(
      KramersOverdamped(
        landscape: escape.landscape, minimum: pass.from.point[0], saddle: pass.saddle.point[0]),
      temperature: temperature)
  }
}

/// The same with its first correction in T: ln τ = ln τ_Kramers + cT, c from the third and fourth derivatives
/// of E at minimum and saddle.
public struct CorrectedKramersOnALine: RateTheory {
  public let name = "Kramers, first correction"
  public var exactness: Exactness? { .corrected }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, escape.landscape.dimension == 1 else {
      return nil
    }
    let pass = try escape.passes()[0]
    return try escape.prediction(
      CorrectedKramers(
        landscape: escape.landscape, minimum: pass.from.point[0], saddle: pass.saddle.point[0]),
      temperature: temperature)
  }
}

/// Langer's formula over the first saddle, in D dimensions with n zero modes:
/// k = (|ω₋|/2π) Σ (V_s/V_m) (2πT)^{(n_m−n_s)/2} √(Π′ω_min / Π′|ω_sad|) e^{−ΔE/T}.
///
/// Source: J. S. Langer, Ann. Phys. (N.Y.) 54, 258 (1969), doi:10.1016/0003-4916(69)90153-5.
public struct LangersFormula: RateTheory {
  public let name = "Langer"
  public var exactness: Exactness? { .harmonic }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature else { return nil }
    return try escape.prediction(escape.hops()[0], temperature: temperature)
  }
}

/// The same with its first correction in T, in two dimensions or more, where that is known.
public struct CorrectedLangersFormula: RateTheory {
  public let name = "Langer, first correction"
  public var exactness: Exactness? { .corrected }

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, escape.landscape.dimension > 1 else {
      return nil
    }
    let hop = try escape.hops()[0]
    guard hop.isCorrectable else { return nil }
    return try escape.prediction(
      WellChain([hop], order: .firstCorrection), temperature: temperature)
  }
}

/// The whole way over several saddles, or the net step of a row of wells, returns included: Langer's rates of
/// the single hops are resistors in series, wells capacitors.
public struct WellsInSeries: RateTheory {
  package let order: WellChain.Order

  package init(_ order: WellChain.Order) { self.order = order }

  public var name: String {
    order == .harmonic ? "Langer, wells in series" : "Langer, wells in series, first correction"
  }
  public var exactness: Exactness? { order == .harmonic ? .harmonic : .corrected }

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature else { return nil }
    let hops = try escape.hops()
    guard hops.count > 1 || escape.drop != nil else { return nil }
    if let neverStops = escape.neverStops {
      // Once is enough.
      guard order == .harmonic else { return nil }
      return .absorbing(
        theory: "Langer, with returns", noise: noise.strength, clockStop: escape.clockStop,
        reason: neverStops)
    }
    guard order == .harmonic || hops.allSatisfy(\.isCorrectable) else { return nil }
    return try WellChain(
      hops, repeatingWithDrop: escape.drop, order: order, clockStop: escape.clockStop
    ).prediction(temperature: temperature)
  }
}

/// The best that is known of a passage in several dimensions: every well and saddle on the way, each with its
/// first correction in T.
struct WholePassage: RateTheory {
  let name = "Langer, first correction"

  func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard let temperature = noise.whiteTemperature, escape.neverStops == nil else { return nil }
    let hops = try escape.hops()
    guard hops.allSatisfy(\.isCorrectable) else { return nil }
    return try WellChain(
      hops, repeatingWithDrop: escape.drop, order: .firstCorrection, clockStop: escape.clockStop
    ).prediction(temperature: temperature)
      .stopping(
        at: escape.clockStop,
        adding: .productWell(depth: escape.fallBehindLastSaddle(), temperature: temperature))
  }
}

/// The action of the path of least action, the exponent of every theory of weak noise, by
/// the geometric minimum action: for landscapes of up to twelve dimensions without continuous symmetries.
public struct LeastAction: RateTheory {
  public let name = "least action, leading order"

  /// The theory has no parameters.
  public init() {}

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard noise.whiteTemperature != nil,
      escape.landscape.dimension <= HarmonicState.largestCorrectedDimension,
      !(escape.landscape is any SymmetricLandscape)
    else { return nil }
    let pass = try escape.passes()[0]
    let barrier = try MinimumActionMethod().path(
      of: GradientDrift(escape.landscape), from: pass.from.point, to: pass.saddle.point
    ).quasiPotentialBarrier
    return .exponent(
      barrier, theory: name, noise: noise.strength, clockStop: try escape.firstStop)
  }
}

/// Kramers' escape at any friction γ, in one dimension with unit mass:
/// k = (ω₀/2π) · [√(γ²/4 + ω_b²) − γ/2]/ω_b · Υ · e^{−ΔE/T}, Υ the depopulation of the energies near the barrier.
///
/// Source: H. A. Kramers, Physica 7, 284 (1940), Eqs. 25 and 28; V. I. Mel'nikov and S. V. Meshkov,
/// J. Chem. Phys. 85, 1018 (1986), doi:10.1063/1.451844.
public struct Turnover: RateTheory {
  package let regime: KramersTurnover.Regime

  package init(_ regime: KramersTurnover.Regime) { self.regime = regime }

  public var name: String { regime.name }
  public var exactness: Exactness? { .harmonic }

  public func prediction(of escape: some Escape, under noise: Noise) throws -> RatePrediction? {
    guard case .inertial(let temperature, let friction) = noise, escape.landscape.dimension == 1,
      escape.neverStops == nil
    else { return nil }
    let pass = try escape.passes()[0]
    let (minimum, saddle) = (pass.from.point[0], pass.saddle.point[0])
    var (product, wall): (Double?, Double?) = (pass.to.point[0], nil)
    if case .repetition(let period, _) = escape.behind {
      // The saddle behind is higher by the drop, and that ahead lower: a particle that has passed one barrier
      // flies on or is caught further on, and does not come back.
      (product, wall) = (nil, saddle > minimum ? saddle - period : saddle + period)
    }
    return try escape.prediction(
      KramersTurnover(
        landscape: escape.landscape, minimum: minimum, saddle: saddle, wall: wall,
        productMinimum: product, friction: friction.value, regime: regime),
      temperature: temperature.value)
  }
}

extension Escape {
  /// Langer's formula for each hop from the start to the product.
  package func hops() throws -> [LangerRate] {
    try memo.value("hops") {
      try passes().map { pass in
        let distance = distance(pass.from.point, pass.saddle.point)
        func state(_ point: StationaryPoint) throws -> HarmonicState {
          try HarmonicState(point).corrected(
            on: landscape, point: point.point, differenceStep: 0.02 * distance)
        }
        return try LangerRate(
          minimum: state(pass.from),
          saddles: [LangerSaddle(state(pass.saddle), distance: distance)])
      }
    }
  }

  /// What a formula of the first saddle alone says, with the doubts that come of stopping behind it.
  fileprivate func prediction(
    _ formula: some ThermalRate, temperature: Double
  ) throws -> RatePrediction {
    try formula.prediction(temperature: temperature)
      .stopping(at: firstStop, adding: doubt(temperature: temperature))
  }

  /// Where the clock of a theory of the first saddle alone stops.
  fileprivate var firstStop: String {
    get throws {
      if try passes().count > 1 { return "the intermediate minimum" }
      return drop == nil ? "the product well" : clockStop
    }
  }

  /// The doubt about a single hop: returns where the clock waits for a net one (k₋/k₊ = q = e^{−Δ/T}, so hops
  /// back multiply its time by 1/(1 − q)), and a clock that stops close behind the saddle.
  private func doubt(temperature: Double) throws -> Validity {
    var doubts = [Validity]()
    if let drop {
      let q = exp(-drop / temperature)
      doubts.append(.returns(excess: q < 1 ? q / (1 - q) : .infinity))
    }
    let first = try passes()[0]
    let fall =
      try passes().count > 1 ? first.saddle.energy - first.to.energy : fallBehindLastSaddle()
    doubts.append(.productWell(depth: fall, temperature: temperature))
    return .all(doubts)
  }
}
