package import EscapeStatistics

/// One run behind a diagnosis, as figures and files show it: times are t = steps × h.
package struct DiagnosedRun: Sendable {
  /// As the logs name it.
  package let name: String
  /// The place of its setting among those of the result.
  package let setting: Int
  /// h.
  package let learningRate: Double
  /// When it passed; right-censored where it did not.
  package let passage: PassageInterval
  /// When the metric was logged.
  package let times: [Double]
  /// The metric, at each of the times.
  package let values: [Double]

  /// A run with as many values as times.
  package init(
    name: String, setting: Int, learningRate: Double, passage: PassageInterval, times: [Double],
    values: [Double]
  ) {
    self.name = name
    self.setting = setting
    self.learningRate = learningRate
    self.passage = passage
    self.times = times
    self.values = values
  }
}
