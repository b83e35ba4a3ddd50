/// Replicas in ascending order, kept as pieces of equal spacing: a million of them, or every eighth of a
/// million, take no more room than one.
package struct ReplicaSet: Sequence, Sendable {
  private struct Piece {
    var first: Int
    var count: Int
    var spacing: Int
    var last: Int { first + (count - 1) * spacing }
  }

  private var pieces = [Piece]()
  package private(set) var count = 0

  package init() {}

  /// - Parameter replicas: ascending.
  package init(_ replicas: some Sequence<Int>) { for replica in replicas { append(replica) } }

  /// Adds a replica beyond the last.
  package mutating func append(_ replica: Int) {
    count += 1
    guard let last = pieces.indices.last else {
      pieces.append(Piece(first: replica, count: 1, spacing: 1))
      return
    }
    precondition(replica > pieces[last].last, "replicas are ascending")
    if pieces[last].count == 1 { pieces[last].spacing = replica - pieces[last].first }
    if replica == pieces[last].last + pieces[last].spacing {
      pieces[last].count += 1
    } else {
      pieces.append(Piece(first: replica, count: 1, spacing: 1))
    }
  }

  /// Adds consecutive replicas beyond the last.
  package mutating func append(_ replicas: Range<Int>) {
    guard let first = replicas.first else { return }
    if replicas.count < 3 {
      for replica in replicas { append(replica) }
      return
    }
    if let last = pieces.last, last.spacing == 1, first == last.last + 1 {
      pieces[pieces.count - 1].count += replicas.count
    } else {
      precondition(first > pieces.last?.last ?? -1, "replicas are ascending")
      pieces.append(Piece(first: first, count: replicas.count, spacing: 1))
    }
    count += replicas.count
  }

  package struct Iterator: IteratorProtocol, Sendable {
    private let pieces: [Piece]
    private var piece = 0
    private var index = 0

    fileprivate init(_ set: ReplicaSet) { pieces = set.pieces }

    package mutating func next() -> Int? {
      guard piece < pieces.count else { return nil }
      defer {
        index += 1
        if index == pieces[piece].count {
          piece += 1
          index = 0
        }
      }
      return pieces[piece].first + index * pieces[piece].spacing
    }
  }

  package func makeIterator() -> Iterator { Iterator(self) }
}
