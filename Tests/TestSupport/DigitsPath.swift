/// The digits among the examples.
public let digitsPath: String = {
  let package = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return "/\(package)/Examples/data/digits.csv"
}()
