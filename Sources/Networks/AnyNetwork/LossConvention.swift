/// What "loss", "weight decay" and "learning rate" mean.
///
/// ```
/// half-sum:      E = (1/N) Σₙ ½‖yₙ − fₙ‖² + (β/2)‖θ‖²                 (of this package)
/// pytorch-mean:  E = (1/Nq) Σₙ ‖yₙ − fₙ‖² + (β/2)‖θ‖²                 (nn.MSELoss() and SGD's weight_decay = β)
/// ```
///
/// With q outputs the second is s = 2/q times the first at another weight decay,
///
/// ```
/// E_PyTorch(β) = s·E(β/s),   s = 2/q,
/// ```
///
/// so that a step h on the one is a step s·h on the other, with the same momentum. The cross-entropy is a mean over
/// samples in both: s = 1.
public enum LossConvention: String, CaseIterable, Sendable {
  /// ½‖y − f‖², summed over outputs.
  case halfSum = "half-sum"
  /// ‖y − f‖²/q, the mean over outputs.
  case pytorchMean = "pytorch-mean"

  /// s, the factor from the energy of this package to that of the convention.
  public func factor(of lossFunction: LossFunction, outputs: Int) -> Double {
    self == .pytorchMean && lossFunction == .meanSquaredError ? 2 / Double(outputs) : 1
  }
}
