import Landscapes
import Networks

/// A data set that knows what its columns are called.
public struct NamedDataset: Sendable {
  public let data: Dataset
  /// One name per input column.
  public let inputNames: [String]
  /// One name per target column; `label=3` for the indicator of a class.
  public let targetNames: [String]
  /// The classes behind one-hot targets, in the order of the target columns.
  public let classes: [String]?

  public init(
    data: Dataset, inputNames: [String], targetNames: [String], classes: [String]? = nil
  ) {
    precondition(
      inputNames.count == data.inputs.columns && targetNames.count == data.targets.columns,
      "\(inputNames.count) + \(targetNames.count) names do not match \(data.inputs.columns) + \(data.targets.columns) columns"
    )
    self.data = data
    self.inputNames = inputNames
    self.targetNames = targetNames
    self.classes = classes
  }

  /// N.
  public var count: Int { data.count }

  /// The rows with the given indices, in that order.
  public func subset(_ rows: [Int]) -> NamedDataset {
    NamedDataset(
      data: data.subset(rows), inputNames: inputNames, targetNames: targetNames, classes: classes)
  }
}
