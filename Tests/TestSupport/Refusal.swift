/// The words of the error that a body throws; nil where it throws none.
public func words(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return "\(error)" }
  return nil
}
