import LangevinDynamics

/// What is kept of one run of an ensemble: its records, and where it ended.
package struct TrainingCurve: ReplicaRecord {
  package let records: [TrainingRecord]
  /// θ at the end; nil where it is not kept.
  package let weights: [Double]?
  /// Whether the condition of its event ceased to hold soon after it; nil in stores from before this was looked at.
  package let reverts: Bool?
}
