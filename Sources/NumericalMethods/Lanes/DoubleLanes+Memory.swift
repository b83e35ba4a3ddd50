public import CLanes

/// Lanes as eight neighbouring numbers in memory, which need not be aligned.
extension DoubleLanes {
  /// Eight numbers from memory.
  @inlinable @inline(__always)
  public init(loading numbers: UnsafePointer<Double>) { self.init(vector: cl_load_d8(numbers)) }

  /// Writes eight numbers.
  @inlinable @inline(__always)
  public func store(to numbers: UnsafeMutablePointer<Double>) { cl_store_d8(vector, numbers) }
}
