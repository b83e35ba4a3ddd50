public import EscapeStatistics

/// Told how far a long computation is; called from any thread.
public protocol ProgressObserver: Sendable {
  /// What is to be known of the work before it ends, a sentence, said as soon as it is known.
  func note(_ sentence: String)
  /// A stage of `total` steps begins.
  func begin(_ stage: String, total: Int)
  /// One step is done; `isEvent` where it ended in the event that is waited for.
  func advance(isEvent: Bool)
  /// Where an ensemble is; comes in place of ``advance(isEvent:)``, several times a second.
  func update(_ progress: EnsembleProgress)
  /// The stage is over.
  func end()
}

extension ProgressObserver {
  public func note(_ sentence: String) {}
  public func update(_ progress: EnsembleProgress) {}
}

/// Where an ensemble is.
public struct EnsembleProgress: Sendable {
  /// Runs that have ended.
  public var done: Int
  /// How many runs there are to be at most.
  public var total: Int
  /// Runs that escaped.
  public var events: Int
  /// Escapes that are wanted; nil where runs are counted.
  public var eventGoal: Int?
  /// The escape rate so far, runs on their way included as censored; nil where several ensembles run.
  public var rate: Estimate?
  /// Expected until the end; nil before anything is known.
  public var secondsToGo: Double?
  /// Escapes that are missing of the goal; nil where runs are counted.
  public var eventsToGo: Int?

  /// Where an ensemble is; all but the counts may be left out.
  public init(
    done: Int, total: Int, events: Int, eventGoal: Int? = nil, rate: Estimate? = nil,
    secondsToGo: Double? = nil, eventsToGo: Int? = nil
  ) {
    self.done = done
    self.total = total
    self.events = events
    self.eventGoal = eventGoal
    self.rate = rate
    self.secondsToGo = secondsToGo
    self.eventsToGo = eventsToGo
  }

  /// The share that is done.
  public var fraction: Double {
    if let eventGoal, eventGoal > 0 {
      return min(1, max(Double(events) / Double(eventGoal), Double(done) / Double(max(1, total))))
    }
    return total > 0 ? min(1, Double(done) / Double(total)) : 0
  }
}

/// Says nothing.
public struct SilentProgress: ProgressObserver {
  /// Tells nobody.
  public init() {}
  public func begin(_ stage: String, total: Int) {}
  public func advance(isEvent: Bool) {}
  public func end() {}
}

/// Tells several.
package struct ProgressGroup: ProgressObserver {
  private let observers: [any ProgressObserver]

  package init(_ observers: [any ProgressObserver]) { self.observers = observers }
  public func note(_ sentence: String) { for observer in observers { observer.note(sentence) } }
  public func begin(_ stage: String, total: Int) {
    for observer in observers { observer.begin(stage, total: total) }
  }
  public func advance(isEvent: Bool) {
    for observer in observers { observer.advance(isEvent: isEvent) }
  }
  public func update(_ progress: EnsembleProgress) {
    for observer in observers { observer.update(progress) }
  }
  public func end() { for observer in observers { observer.end() } }
}
