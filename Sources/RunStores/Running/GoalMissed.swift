/// A goal that was asked for and not reached. The results are there all the same.
public struct GoalMissed: Error, CustomStringConvertible {
  /// What is missing, and what it would take.
  public let description: String

  package init(_ description: String) { self.description = description }
}
