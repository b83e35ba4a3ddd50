/// How many steps to take between two looks around: as many as take some 20 ms.
@usableFromInline
package struct Pace: Sendable {
  /// Steps until the next look.
  @usableFromInline package private(set) var interval = 64
  private var lastLook = ContinuousClock.now

  @usableFromInline package init() {}

  /// Called after at most `interval` steps: whether it is time for a look.
  @usableFromInline package mutating func isDue() -> Bool {
    let now = ContinuousClock.now
    let elapsed = now - lastLook
    if elapsed < .milliseconds(5) {
      interval = min(1 << 20, interval * 2)
      return false
    }
    if elapsed > .milliseconds(40) { interval = max(1, interval / 2) }
    lastLook = now
    return true
  }
}
