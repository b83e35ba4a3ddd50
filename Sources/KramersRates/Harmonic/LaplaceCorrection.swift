import NumericalMethods

// The first correction in T to the two integrals behind Langer's formula, τ = Z/C:
//
//   Z = ∫_well e^{−E/T} dx          = Z_harmonic (1 + aT + O(T²))
//   C = T ∫ |∇h|² e^{−E/T} dx       = C_harmonic (1 + sT + O(T²))
//
// C is the capacity of the saddle and h the committor, the probability to reach one side first; the rate from
// the well is C/Z. In the eigenbasis of the Hessian let G_i = 1/|ω_i|,
// x = √T ξ and ⟨·⟩ the mean over independent ξ_i of variance G_i.
//
// Well: e^{−E/T} = e^{−½ξωξ}(1 − √T c₃ − T c₄ + ½T c₃² + …), c₃ = V_ijk ξξξ/6, c₄ = V_ijkl ξξξξ/24, so
//
//   a = ½⟨c₃²⟩ − ⟨c₄⟩ = ⅛ Σ_k G_k t_k² + (1/12) Σ V_ijk² G_iG_jG_k − ⅛ Σ V_iijj G_iG_j,  t_k = Σ_i V_iik G_i.
//
// Saddle: with h = ½ + (2πT)^{−1/2} ∫_0^{u} e^{−v²/2T} dv the backward equation T Δh = ∇E·∇h becomes
// T Δu − u|∇u|² − ∇E·∇u = 0. Let λ = |ω₁|. Then u = √λ x₁ + ½ Q_jk x_j x_k + T q + …, order by order:
//
//   (λ + |ω_j| + |ω_k|) Q_jk = −√λ V_1jk,   λ q = Σ_j Q_jj,
//
// from the terms of order x² at T⁰ and of order x⁰ at T¹. What comes next in u does not matter: h minimises
// C (Dirichlet's principle), and an error O(T) of h changes C at O(T²) only. Then
//
//   C = (1/2π) ∫ |∇u|² e^{−(E + u²)/T} dx,
//
// where E + u² has the positive curvatures |ω_i|, the third derivatives S_ijk = V_ijk + 2√λ(δ_1i Q_jk +
// δ_1j Q_ik + δ_1k Q_ij) and a linear term T ℓ x₁, ℓ = 2√λ q. With g = Q ξ (the gradient of the quadratic
// term) and c₃ = S_ijk ξξξ/6 + ℓξ₁
//
//   s = ⟨|g|²⟩/λ − (2/√λ)⟨g₁c₃⟩ + ½⟨c₃²⟩ − ⟨c₄ + Q² + 2qQ + q²⟩,   Q = ½ Q_jk ξ_jξ_k.
//
// In one dimension Q₁₁ = −V‴/(3√λ) and s = −5V‴²/(24λ³) − V⁗/(8λ²): see `CorrectedKramers`.
//
// Source: derived here; for the method see N. Berglund, Markov Process. Relat. Fields 19, 459 (2013),
// arXiv:1106.5799, and A. Bovier, M. Eckhoff, V. Gayrard and M. Klein, J. Eur. Math. Soc. 6, 399 (2004).
extension AnharmonicExpansion {
  /// G_i = 1/|ω_i|.
  private var variances: [Double] { curvatures.map { 1 / abs($0) } }

  /// t_k = Σ_i S_iik G_i.
  private func traces(_ cubic: [Matrix]) -> [Double] {
    let variances = variances
    return variances.indices.map { k in
      variances.indices.reduce(0) { $0 + cubic[$1][$1, k] * variances[$1] }
    }
  }

  /// ½⟨(S_ijk ξξξ/6)²⟩.
  private func halfSquare(_ cubic: [Matrix]) -> Double {
    let g = variances
    let traces = traces(cubic)
    var sum = 0.0
    for i in g.indices {
      sum += 0.125 * g[i] * traces[i] * traces[i]
      for j in g.indices {
        for k in g.indices { sum += cubic[i][j, k] * cubic[i][j, k] * g[i] * g[j] * g[k] / 12 }
      }
    }
    return sum
  }

  /// ⟨V_ijkl ξξξξ/24⟩.
  private var quarticMean: Double {
    let g = variances
    var sum = 0.0
    for i in g.indices { for j in g.indices { sum += fourth[i, j] * g[i] * g[j] / 8 } }
    return sum
  }

  /// a, of a minimum.
  var wellCorrection: Double { halfSquare(third) - quarticMean }

  /// s, of a saddle of index 1.
  var saddleCorrection: Double {
    let bend = committorBend
    let trace = bend.diagonal.reduce(0, +)
    return saddleCorrection(bend: bend, shift: trace / -curvatures[0])
  }

  /// Q.
  var committorBend: Matrix {
    let root = (-curvatures[0]).squareRoot()
    var bend = Matrix(rows: curvatures.count, columns: curvatures.count)
    for j in curvatures.indices {
      for k in curvatures.indices {
        bend[j, k] =
          -root * third[0][j, k] / (-curvatures[0] + abs(curvatures[j]) + abs(curvatures[k]))
      }
    }
    return bend
  }

  /// s with any Q and q in the committor: least at the right ones.
  func saddleCorrection(bend: Matrix, shift: Double) -> Double {
    let g = variances
    let root = (-curvatures[0]).squareRoot()
    let indices = curvatures.indices
    var cubic = third
    for j in indices {
      for k in indices {
        cubic[0][j, k] += 2 * root * bend[j, k]
        cubic[j][0, k] += 2 * root * bend[j, k]
        cubic[j][k, 0] += 2 * root * bend[j, k]
      }
    }
    let traces = traces(cubic)
    let linear = 2 * root * shift
    var gradientSquare = 0.0  // ⟨|g|²⟩
    var bendSquare = 0.0  // ½ Σ Q_jk² G_jG_k, a part of ⟨Q²⟩
    for j in indices {
      for k in indices {
        gradientSquare += bend[j, k] * bend[j, k] * g[k]
        bendSquare += 0.5 * bend[j, k] * bend[j, k] * g[j] * g[k]
      }
    }
    let bendMean = 0.5 * zip(bend.diagonal, g).reduce(0) { $0 + $1.0 * $1.1 }  // ⟨Q⟩
    let slopeMean =  // ⟨g₁c₃⟩
      indices.reduce(0) { $0 + 0.5 * bend[0, $1] * g[$1] * traces[$1] } + linear * bend[0, 0] * g[0]
    let cubicSquare =  // ½⟨c₃²⟩
      halfSquare(cubic) + 0.5 * linear * g[0] * traces[0] + 0.5 * linear * linear * g[0]
    return gradientSquare / (root * root) - 2 / root * slopeMean + cubicSquare - quarticMean
      - (bendMean * bendMean + bendSquare) - 2 * shift * bendMean - shift * shift
  }
}

extension Matrix {
  fileprivate var diagonal: [Double] { (0..<rows).map { self[$0, $0] } }
}
