package import Escapes
import Landscapes
package import LangevinDynamics
import Networks

extension Dynamics {
  /// The ensemble of an escape whose type is known only at run time.
  ///
  /// Named one by one, so that the inner loops are compiled for each pair; any other is run through its
  /// protocols, an order of magnitude slower. Where types are known when it is compiled, call
  /// `ensemble(of:cap:)`.
  package func specialisedEnsemble(of escape: any Escape, cap: Double) throws -> PassageEnsemble {
    switch self {
    case let dynamics as OverdampedDynamics where dynamics.integrator != .eulerMaruyama:
      try specialised(anyIntegrator: dynamics, escape, cap)
    case let dynamics as OverdampedDynamics: try specialised(dynamics, escape, cap)
    case let dynamics as UnderdampedDynamics: try specialised(dynamics, escape, cap)
    default: try ensemble(of: escape, cap: cap)
    }
  }
}

private func specialised(
  _ dynamics: some Dynamics, _ escape: any Escape, _ cap: Double
) throws -> PassageEnsemble {
  switch escape {
  case let escape as WellEscape<QuarticDoubleWell, Coordinate>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as WellEscape<PeriodicWashboard, Coordinate>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as WellEscape<MullerBrown, Distance>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as WellEscape<ClosureLandscape, Coordinate>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as WellEscape<ClosureLandscape, Distance>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as WellEscape<DeepLinearMode, Coordinate>:
    try dynamics.ensemble(of: escape, cap: cap)
  case let escape as FeatureEscape: try dynamics.ensemble(of: escape, cap: cap)
  default: try dynamics.ensemble(of: escape, cap: cap)
  }
}

/// Of the other integrators the double well: each pair takes ten seconds to compile.
private func specialised(
  anyIntegrator dynamics: OverdampedDynamics, _ escape: any Escape, _ cap: Double
) throws -> PassageEnsemble {
  switch escape {
  case let escape as WellEscape<QuarticDoubleWell, Coordinate>:
    try dynamics.integratedEnsemble(of: escape, cap: cap)
  default: try dynamics.ensemble(of: escape, cap: cap)
  }
}
