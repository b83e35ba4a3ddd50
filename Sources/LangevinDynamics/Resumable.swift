/// A long computation that comes to records on its way, and that can be left between any two advances and gone
/// on with to the same bits.
///
/// It looks at no clock but to take small pieces, and knows no store: who drives it decides between two advances
/// whether it is to stop and what is written down.
package protocol Resumable: ~Copyable {
  /// A point of its curve.
  associatedtype Record: Codable

  /// What it has come to, from its start on.
  var records: [Record] { get }

  /// Whether nothing is left to do.
  var hasEnded: Bool { get }

  /// Whether it ended because its numbers were no longer finite.
  var hasDiverged: Bool { get }

  /// Where it is: with the records, all that is needed to go on.
  var snapshot: ReplicaState { get }

  /// Goes on where one that was made alike had come to these records and was at this snapshot.
  mutating func restore(_ snapshot: ReplicaState, records: [Record])

  /// Works up to the next record, or for some milliseconds; does nothing where it has ended.
  mutating func advance() throws
}

extension Resumable where Self: ~Copyable {
  package var hasDiverged: Bool { false }

  /// Works to the end.
  package mutating func finish() throws {
    while !hasEnded { try advance() }
  }
}
