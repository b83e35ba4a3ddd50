/// The claims of I. T. Ersoy and K. Wiesner, *Noise-Driven Escape from Metastable Phases explains Grokking in Deep
/// Neural Networks*, arXiv:2606.17120v1, one by one.
public enum PaperRow: String, CaseIterable, Sendable, Codable {
  case randomStart = "fig1a-random"
  case rankOneStart = "fig1a-rank1"
  case trivialStart = "fig1a-trivial"
  case sparseSampling = "fig1b"
  case lossSection = "fig2a"
  case arrhenius = "fig2b"
  case phaseDiagram = "fig3"
  case bifurcation = "fig4"
  case stateCount = "claim-count"
  case langer = "claim-langer"
  case nonlinear = "claim-nonlinear"
  case stages = "pred-staged"
  case depth = "pred-depth"
  case control = "pred-control"

  /// What is claimed.
  var claim: String {
    switch self {
    case .randomStart: "training from random weights ends its delay soon"
    case .rankOneStart:
      "from a rank-1 checkpoint minibatch noise finds the second feature, late and abruptly"
    case .trivialStart:
      "from a checkpoint without features minibatch noise finds both, one after the other"
    case .sparseSampling: "canonical grokking of a sparsely sampled problem is such an escape"
    case .lossSection:
      "the loss section along the minimal path has a saddle at λ_s and a barrier ΔE_min"
    case .arrhenius: "ln τ of that escape is linear in B/h"
    case .phaseDiagram: "raising β loses the features one by one, in jumps"
    case .bifurcation: "each feature has a spinodal β_c for depth 3, and none for depth 2"
    case .stateCount: "there are as many metastable states as learnable features"
    case .langer:
      "the Kramers–Langer prefactor in D dimensions makes ΔE_eff much larger than ΔE_min"
    case .nonlinear: "tanh and sigmoid networks have the same first-order transitions"
    case .stages: "d features are learned in up to d stages"
    case .depth: "deeper networks wait longer"
    case .control: "the delay is set by B/h alone"
    }
  }

  /// Under which settings.
  var setting: String {
    switch self {
    case .randomStart: "β = 0.32, h = 0.08, B = 64, random weights N(0, 1/fan-in)"
    case .rankOneStart: "β = 0.32, h = 0.08, B = 64, checkpoint trained at β = 0.361"
    case .trivialStart: "β = 0.32, h = 0.08, B = 64, checkpoint trained at β = 0.43"
    case .sparseSampling:
      "25 of 5000 samples, β = 0.0025, h = 0.1, B = 64, rank-1 start, σ₂ > 0.001"
    case .lossSection: "η = 0.8, L = 3, β = 0.29, 0.32, 0.35"
    case .arrhenius: "β = 0.32, B = 64, h = 0.0005 to 0.005, checkpoint trained at β = 0.361"
    case .phaseDiagram: "β from the solution at β = 0 up in steps of 0.01"
    case .bifurcation: "L = 3 and 2, η = 0.9 and 0.8"
    case .stateCount: "1 to 4 features, all below their β_c"
    case .langer: "2-10-10-2, D = 140, white noise"
    case .nonlinear: "2-10-10-2, tanh and sigmoid units"
    case .stages: "2, 4 and 8 features"
    case .depth: "L = 3 to 6, at the same β/β_c and at the same β"
    case .control: "a grid of h and B"
    }
  }

  /// What the paper reports.
  var reported: String {
    switch self {
    case .randomStart: "τ ≈ 10 epochs"
    case .rankOneStart: "τ ≈ 5500 epochs"
    case .trivialStart: "rank 1 after > 7000 epochs, rank 2 after > 10000"
    case .sparseSampling:
      "a plateau of ≈ 1500 epochs with training below test loss, which then closes"
    case .lossSection: "λ_s ≈ 0.41, ΔE_min ≈ 0.003"
    case .arrhenius: "R² = 0.991, ΔE_eff = 0.15 ± 0.05"
    case .phaseDiagram: "jumps at 0.36 and 0.42, one rank each"
    case .bifurcation: "β_c from the formula; none for L = 2"
    case .stateCount: "one for each singular value"
    case .langer: "a factor of about 50"
    case .nonlinear: "stated, not shown"
    case .stages, .depth, .control: "a prediction"
    }
  }
}
