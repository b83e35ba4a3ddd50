import Foundation
import TestSupport
import TrainingLogs

/// A file beside the tests: the same three runs in every layout, with a step from 0.1 to 1 in `val_acc`, logged every 20
/// steps; for those that `every: 40` names, every 40.
func fixture(_ name: String) -> String {
  let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures")
  return folder.appendingPathComponent(name).path
}

/// The runs of a text, written to a file of that name.
func runs(
  _ text: String, named name: String = "log.csv", mapping: LogMapping = LogMapping()
) throws -> LoggedRuns {
  try withTemporaryDirectory { directory in
    let file = directory.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return try LoggedRuns(contentsOf: [file.path], mapping: mapping)
  }
}

/// What is said of a text that is refused.
func refusal(
  _ text: String, named name: String = "log.csv", mapping: LogMapping = LogMapping(),
  reaching: String? = nil
) -> String? {
  words {
    let runs = try runs(text, named: name, mapping: mapping)
    if let reaching { _ = try runs.passages(reaching: ReachCondition(parsing: reaching)) }
  }
}
