internal import CGSL

/// A GSL routine that did not succeed: which one, why, and what was being computed.
public struct GSLError: Error, CustomStringConvertible, Sendable {
  /// GSL's status code (`GSL_EMAXITER`, …).
  public let code: Int32
  /// The routine, by its C name.
  public let routine: String
  /// What was being computed, in the caller's words.
  public let activity: String

  public var description: String {
    let reason = String(cString: gsl_strerror(code))
    return "\(routine) failed while computing \(activity): \(reason) (GSL code \(code))"
  }
}

/// GSL's process-wide set-up.
enum GSLRuntime {
  /// Turns GSL's default error handler off, once: it would abort the process.
  private static let handlerIsOff: Bool = {
    _ = gsl_set_error_handler_off()
    return true
  }()

  static func prepare() { _ = handlerIsOff }
}

/// The one gate from a GSL status to Swift.
@inline(__always)
func check(_ status: Int32, _ routine: String, while activity: @autoclosure () -> String) throws {
  if status != Int32(GSL_SUCCESS) {
    throw GSLError(code: status, routine: routine, activity: activity())
  }
}

/// The version of the GSL this was built with.
public var gslVersion: String { String(cString: cgsl_version()) }
