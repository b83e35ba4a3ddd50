import Networks
import NumericalMethods

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Figure 2a: the loss of one feature along the balanced line.
struct LossSection: Sendable {
  func finding(_ work: PaperWork) throws -> PaperFinding {
    let decays = [0.32, 0.29, 0.35]
    var (quantities, curves) = ([PaperQuantity](), [PaperCurve]())
    for beta in decays {
      let mode = try work.setup.mode(1, weightDecay: beta)
      let name = "β = \(sixDigits(beta))"
      quantities += [
        PaperQuantity("λ_s at \(name)", try mode.saddleSingularValue()),
        PaperQuantity("λ₊ at \(name)", try mode.learnedSingularValue()),
        PaperQuantity("ΔE_up at \(name)", try mode.barrierUp(), unit: "loss"),
        PaperQuantity("ΔE_down at \(name)", try mode.barrierDown(), unit: "loss"),
      ]
      let zero = mode.energy(singularValue: 0)
      curves.append(
        PaperCurve(
          name, .line,
          (0...160).map {
            let lambda = 0.6 * pow(Double($0) / 160, 3)
            return PaperPlace(pow(lambda, 1 / 3.0), mode.energy(singularValue: lambda) - zero)
          }))
    }
    let (low, middle) = (
      try work.setup.mode(1, weightDecay: 0.29), try work.setup.mode(1, weightDecay: 0.32)
    )
    let learned = try low.learnedSingularValue()!
    let saddle = try middle.saddleSingularValue()!
    let star = middle.coexistenceWeightDecay!
    return PaperRow.lossSection.finding(
      abs(saddle - 0.41) < 0.05 ? .reproduced : .notReproduced, literal: quantities,
      evidence: [
        "at β = 0.32 the saddle lies at λ_s = \(brief(saddle)) and ΔE_up = \(brief(try middle.barrierUp()!)), not at 0.41 with 0.003",
        "what lies at λ = \(brief(learned)) is the learned root λ₊ at β = 0.29: the reported λ_s is that of a minimum, not of a saddle",
        "the β = 0.32 lies above β* = \(brief(star)) of this feature: there the state without it has the lower loss, so going to rank 2 goes up, not down",
      ],
      figure: ReproductionResult.Drawing(
        title: "Loss along the balanced line, η = 0.8, L = 3", x: "amplitude a = λ^⅓",
        y: "E − E(0) (loss)",
        curves: curves))
  }
}

/// Figure 4: learned states and saddles of both features against β.
struct BifurcationRow: Sendable {
  func finding(_ work: PaperWork) throws -> PaperFinding {
    var (quantities, curves, evidence) = ([PaperQuantity](), [PaperCurve](), [String]())
    var worst = 0.0
    for (r, eta) in work.setup.singularValues.enumerated() {
      let mode = try work.setup.mode(r, weightDecay: 0.1)
      let spinodal = mode.spinodalWeightDecay!
      // Again without the formula: the largest β that any λ > 0 balances, β(λ) = (η − λ)λ^{1 − 2/L}.
      let found = try largestBalancedWeightDecay(eta: eta, depth: 3)
      worst = max(worst, abs(found / spinodal - 1))
      quantities += [
        PaperQuantity("β_c, η = \(sixDigits(eta))", spinodal),
        PaperQuantity("the same from the force alone", found),
        PaperQuantity("λ_c", mode.spinodalSingularValue),
      ]
      let decays = (0...80).map { i in
        let u = Double(i) / 80
        return spinodal * (1 - (1 - u) * (1 - u) * 0.9999)
      }.filter { $0 < spinodal * (1 - 1e-10) }
      let modes = try decays.map {
        try DeepLinearMode(singularValue: eta, depth: 3, weightDecay: $0)
      }
      curves += [
        PaperCurve(
          "learned state, η = \(sixDigits(eta))", .line,
          try zip(decays, modes).map { PaperPlace($0, try $1.learnedSingularValue()) }),
        PaperCurve(
          "saddle, η = \(sixDigits(eta))", .dashes,
          try zip(decays, modes).map { PaperPlace($0, try $1.saddleSingularValue()) }),
      ]
    }
    let shallow = try DeepLinearMode(singularValue: 0.8, depth: 2, weightDecay: 0.5)
    evidence = [
      "the formula and the largest weight decay that the force can balance agree to \(worst < 1e-13 ? "rounding" : brief(worst) + " of their value")",
      "the larger β_c belongs to the stronger feature; between the paper's text and its Eq. 3 the superscripts of β_c are swapped",
      "for L = 2 the transition is of \(shallow.order.rawValue) order at β = η: the learned state goes to zero there, and there is no saddle",
    ]
    return PaperRow.bifurcation.finding(
      worst < 1e-6 && shallow.order == .second ? .reproduced : .notReproduced, literal: quantities,
      evidence: evidence,
      figure: ReproductionResult.Drawing(
        title: "Learned states and saddles, L = 3", x: "weight decay β", y: "singular value λ",
        curves: curves))
  }

  /// The maximum over λ of (η − λ)λ^{1 − 2/L}, by golden sections.
  private func largestBalancedWeightDecay(eta: Double, depth: Int) throws -> Double {
    func balance(_ lambda: Double) -> Double { (eta - lambda) * pow(lambda, 1 - 2 / Double(depth)) }
    var (a, b) = (0.0, eta)
    let golden = 0.5 * (5.0.squareRoot() - 1)
    while b - a > 1e-9 {
      let (left, right) = (b - golden * (b - a), a + golden * (b - a))
      if balance(left) < balance(right) { a = left } else { b = right }
    }
    return balance(0.5 * (a + b))
  }
}
