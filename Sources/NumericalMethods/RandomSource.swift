internal import CGSL

/// The generator behind a ``RandomSource``.
public enum RandomGenerator: Hashable, Sendable {
  /// Philox4x32-10, keyed directly: the default.
  case philox
  /// One of GSL's own, by GSL's name (`mt19937`, `ranlxd2`, `taus2`, …), seeded with 32 bits of the stream
  /// key: among 10⁵ replicas two may coincide. Philox streams never do.
  case gsl(String)

  /// Reads a generator's name.
  ///
  /// - Throws: ``InvalidInput`` for a name GSL does not know.
  public init(named name: String) throws {
    if name == "philox" || name == "philox4x32-10" {
      self = .philox
    } else if RandomGenerator.gslType(named: name) != nil {
      self = .gsl(name)
    } else {
      throw InvalidInput(
        "random generator '\(name)' is not known; use philox or a GSL name such as mt19937, ranlxd2 or taus2"
      )
    }
  }

  fileprivate static func gslType(named name: String) -> UnsafePointer<gsl_rng_type>? {
    var entry = gsl_rng_types_setup()!
    while let type = entry.pointee {
      if String(cString: type.pointee.name) == name { return type }
      entry += 1
    }
    return nil
  }
}

/// A stream of random numbers, all drawn through GSL.
///
/// It owns a `gsl_rng` and cannot be copied, so no two users advance one stream by accident; nor can it be
/// shared between threads, since drawing advances it. Make it where it is used, from its key.
public struct RandomSource: ~Copyable {
  private let generator: UnsafeMutablePointer<gsl_rng>

  /// The stream of a key, from its start.
  public init(_ key: StreamKey, generator kind: RandomGenerator = .philox) {
    switch kind {
    case .philox:
      generator = gsl_rng_alloc(philoxGeneratorType)!
      generator.pointee.state.assumingMemoryBound(to: PhiloxState.self).pointee = PhiloxState(key)
    case .gsl(let name):
      let type = RandomGenerator.gslType(named: name)
      precondition(type != nil, "GSL has no generator named '\(name)'")
      generator = gsl_rng_alloc(type)!
      // GSL generators take one integer seed: 32 bits mixed from the whole key.
      var mixed = PhiloxState(key)
      gsl_rng_set(generator, UInt(mixed.next()))
    }
  }

  deinit { gsl_rng_free(generator) }

  // MARK: - Stopping and going on

  /// Where a Philox stream is: with its key, all that is needed to go on. nil for a generator of GSL's own.
  package var position: SIMD4<UInt64>? { philoxState?.position }

  /// nil for a generator of GSL's own.
  var philoxState: PhiloxState? {
    guard generator.pointee.type == UnsafePointer(philoxGeneratorType) else { return nil }
    return generator.pointee.state.assumingMemoryBound(to: PhiloxState.self).pointee
  }

  /// Goes on where the Philox stream of a key was.
  package init(_ key: StreamKey, at position: SIMD4<UInt64>) {
    self.init(key)
    generator.pointee.state.assumingMemoryBound(to: PhiloxState.self).pointee.position = position
  }

  // MARK: - Drawing

  /// The next 32 bits (for a GSL generator: its own range).
  public func nextWord() -> UInt { gsl_rng_get(generator) }

  /// Uniform in [0, 1). `gsl_rng_uniform`.
  public func uniform() -> Double { gsl_rng_uniform(generator) }

  /// Uniform in (0, 1). `gsl_rng_uniform_pos`.
  package func uniformPositive() -> Double { gsl_rng_uniform_pos(generator) }

  /// Uniform integer in 0..<bound. `gsl_rng_uniform_int`.
  public func integer(below bound: Int) -> Int {
    Int(gsl_rng_uniform_int(generator, UInt(bound)))
  }

  /// Standard normal. `gsl_ran_gaussian_ziggurat`.
  public func normal() -> Double { gsl_ran_gaussian_ziggurat(generator, 1) }

  /// Exponential with the given mean. `gsl_ran_exponential`.
  package func exponential(mean: Double) -> Double { gsl_ran_exponential(generator, mean) }

  /// Gamma with shape k and the given scale. `gsl_ran_gamma`.
  package func gamma(shape: Double, scale: Double) -> Double {
    gsl_ran_gamma(generator, shape, scale)
  }

  /// Poisson with the given mean. `gsl_ran_poisson`.
  package func poisson(mean: Double) -> Int { Int(gsl_ran_poisson(generator, mean)) }

  /// Fills a buffer with standard normals.
  @usableFromInline package func fillNormals(_ buffer: UnsafeMutablePointer<Double>, _ count: Int) {
    for i in 0..<count { buffer[i] = gsl_ran_gaussian_ziggurat(generator, 1) }
  }

  /// Shuffles in place (Fisher–Yates).
  package func shuffle(_ values: inout [Int]) {
    for i in stride(from: values.count - 1, to: 0, by: -1) {
      values.swapAt(i, integer(below: i + 1))
    }
  }
}
