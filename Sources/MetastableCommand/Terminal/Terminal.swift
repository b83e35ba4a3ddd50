import Foundation

/// What is known of the terminal.
enum Terminal {
  /// Columns of standard output's terminal, between 40 and 120; 100 elsewhere.
  static var width: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col > 0
    else { return 100 }
    return min(120, max(40, Int(size.ws_col)))
  }

  /// Columns of standard error's terminal.
  static var errorWidth: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// A line on standard error.
  static func error(_ line: String) { write(line + "\n") }

  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// Ends the process; ArgumentParser's commands have an `exit` of their own.
  static func exit(_ code: Int32) -> Never { Foundation.exit(code) }
}
