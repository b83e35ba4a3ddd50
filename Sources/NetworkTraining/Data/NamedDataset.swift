import Landscapes
package import Networks

/// A data set that knows what its columns are called.
package struct NamedDataset: Sendable {
  package let data: Dataset
  /// One name per input column.
  package let inputNames: [String]
  /// One name per target column; `label=3` for the indicator of a class.
  package let targetNames: [String]
  /// The classes behind one-hot targets, in the order of the target columns.
  package let classes: [String]?
  /// What a user should know of how the file was understood.
  package let notes: [String]

  package init(
    data: Dataset, inputNames: [String], targetNames: [String], classes: [String]? = nil,
    notes: [String] = []
  ) {
    precondition(
      inputNames.count == data.inputs.columns && targetNames.count == data.targets.columns,
      "\(inputNames.count) + \(targetNames.count) names do not match \(data.inputs.columns) + \(data.targets.columns) columns"
    )
    self.data = data
    self.inputNames = inputNames
    self.targetNames = targetNames
    self.classes = classes
    self.notes = notes
  }

  /// N.
  package var count: Int { data.count }

  /// The rows with the given indices, in that order.
  package func subset(_ rows: [Int]) -> NamedDataset {
    NamedDataset(
      data: data.subset(rows), inputNames: inputNames, targetNames: targetNames, classes: classes,
      notes: notes)
  }
}
