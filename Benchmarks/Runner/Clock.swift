#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a timing counts.
enum Clock {
  /// Time that this process ran on any core: other work on the machine is left out.
  case processor
  /// The same for the calling thread.
  case thread
  /// Time on the wall.
  case wall

  /// Nanoseconds since some moment.
  var now: Double {
    var time = timespec()
    switch self {
    case .processor: clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    case .thread: clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    case .wall: clock_gettime(CLOCK_MONOTONIC, &time)
    }
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// Nanoseconds that `body` takes.
  func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now
    try body()
    return now - start
  }
}

/// The load average of the last minute: how many threads wanted a core, this one among them.
func systemLoad() -> Double {
  var loads = [0.0]
  return getloadavg(&loads, 1) == 1 ? loads[0] : .nan
}
