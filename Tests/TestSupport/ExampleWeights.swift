import Foundation

/// Weights of an example: tanh 2-10-10-2 for η = 0.9, 0.8 at β = 0.28, its units in clusters at ±45°.
public func clusterOfTanhUnits() throws -> [Double] {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  return try text(root.appendingPathComponent("Examples/nonlinear/tanh-cluster.csv"))
    .split(separator: "\n").dropFirst().map { Double($0)! }
}
