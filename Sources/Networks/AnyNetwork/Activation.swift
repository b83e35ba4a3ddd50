#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The nonlinearity of hidden units.
public enum Activation: String, CaseIterable, Sendable {
  case linear
  case tanh
  case sigmoid
  case relu
  /// x·Φ(x), Φ the standard normal distribution function (the exact form, not the tanh approximation).
  case gelu
  case square
  /// The error function, as in soft committee machines.
  case erf
  case sin

  /// φ(z).
  @inline(__always)
  func value(_ z: Double) -> Double {
    switch self {
    case .linear: z
    case .tanh: _tanh(z)
    case .sigmoid: 1 / (1 + exp(-z))
    case .relu: max(z, 0)
    case .gelu: 0.5 * z * erfc(-z * 0.5.squareRoot())
    case .square: z * z
    case .erf: _erf(z)
    case .sin: _sin(z)
    }
  }

  /// φ′(z); zero at z = 0 for `relu`.
  @inline(__always)
  func derivative(_ z: Double) -> Double {
    switch self {
    case .linear: return 1
    case .tanh:
      let t = _tanh(z)
      return 1 - t * t
    case .sigmoid:
      let s = 1 / (1 + exp(-z))
      return s * (1 - s)
    case .relu: return z > 0 ? 1 : 0
    case .gelu:
      let density = exp(-0.5 * z * z) * 0.398942280401432677939946059934
      return 0.5 * erfc(-z * 0.5.squareRoot()) + z * density
    case .square: return 2 * z
    case .erf: return 2 * exp(-z * z) * 0.564189583547756286948079451561
    case .sin: return cos(z)
    }
  }
}

// The names of the cases hide those of the functions.

private func _tanh(_ z: Double) -> Double {
  #if canImport(Glibc)
    Glibc.tanh(z)
  #else
    Darwin.tanh(z)
  #endif
}

private func _erf(_ z: Double) -> Double {
  #if canImport(Glibc)
    Glibc.erf(z)
  #else
    Darwin.erf(z)
  #endif
}

func _sin(_ z: Double) -> Double {
  #if canImport(Glibc)
    Glibc.sin(z)
  #else
    Darwin.sin(z)
  #endif
}
