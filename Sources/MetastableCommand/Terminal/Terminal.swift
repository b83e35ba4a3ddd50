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

  /// Text on standard error; lost where nobody takes it, also after a while.
  static func write(_ text: String) {
    var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&state, 1, 2000) == 1, state.revents & Int16(POLLOUT) != 0 else { return }
    _ = write(text, to: STDERR_FILENO)
  }

  /// Text of a bar: left out where the terminal is stopped or its other end is slow, since nothing may wait
  /// for it.
  static func draw(_ text: String) {
    var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    guard poll(&state, 1, 0) == 1, state.revents & Int16(POLLOUT) != 0 else { return }
    _ = write(text, to: STDERR_FILENO)
  }

  /// Results, on standard output. Where they cannot be written the command fails: a part is no result.
  static func print(_ text: String, terminator: String = "\n") {
    let error = write(text + terminator, to: STDOUT_FILENO)
    guard error != 0 else { return }
    // Whoever read has read enough; as other commands end when their reader goes.
    if error == EPIPE { exit(128 + SIGPIPE) }
    self.error(
      "metastable: standard output cannot be written (\(String(cString: strerror(error)))); what it got is not complete"
    )
    exit(70)
  }

  /// Returns the error number; 0 for none.
  private static func write(_ text: String, to file: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)[...]
      while !rest.isEmpty {
        let count = Foundation.write(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = rest.dropFirst(count)
      }
      return 0
    }
  }

  /// Ends the process; ArgumentParser's commands have an `exit` of their own.
  static func exit(_ code: Int32) -> Never { Foundation.exit(code) }
}
