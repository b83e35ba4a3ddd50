/// How overdamped Langevin dynamics takes its steps.
public enum OverdampedIntegrator: String, Sendable, CaseIterable {
  /// ``OverdampedLangevin``.
  case eulerMaruyama = "euler-maruyama"
  /// ``LeimkuhlerMatthews``.
  case leimkuhlerMatthews = "leimkuhler-matthews"
  /// ``StochasticHeun``.
  case heun

  /// What is known of it.
  public var scheme: IntegrationScheme {
    switch self {
    case .eulerMaruyama: .additiveEulerMaruyama
    case .leimkuhlerMatthews: .leimkuhlerMatthews
    case .heun: .additiveHeun
    }
  }
}
