/// Words on checkpoints, and on what they are looked at with, that several verbs say.
enum Checkpoint {
  /// A file of weights does not say what lies between the layers.
  static let linearRemark =
    "a checkpoint does not say what its hidden activation is: linear is assumed; give another with --activation"

  static let sameConventionRemark =
    "the cross-entropy is a mean over samples in both conventions, so --loss-convention pytorch-mean changes nothing"

  static let distributionsRemark =
    "the cross-entropy compares distributions, so targets are used as they are, neither centred nor scaled"
}
