/// What is known of how a replica came to its end, beside its time.
@usableFromInline package protocol ReplicaRecord: Codable, Sendable {}

extension SplittingRecord: ReplicaRecord {}
