package import DataFiles
import NumericalMethods

/// The configuration as YAML: JSON scalars and lists are YAML too.
package func configurationYAML(command: String, configuration: JSONValue) -> String {
  var members = [String]()
  if case .object(let all) = configuration {
    members = all.filter { $0.value != .null }.map { "\($0.key): \($0.value.rendered())" }
  }
  return yamlHeading(command) + members.joined(separator: "\n") + "\n"
}

/// The same from JSON text, on one line.
func configurationYAML(command: String, configurationText: String) -> String {
  yamlHeading(command) + configurationText + "\n"
}

private func yamlHeading(_ command: String) -> String {
  let lines = [
    "# Written by metastable \(metastableVersion), GSL \(gslVersion). Runs again, from the folder that it was run in, with:",
    "#   metastable \(command) FOLDER/configuration.yaml",
  ]
  return lines.joined(separator: "\n") + "\n"
}
