import Networks
import NumericalMethods
import PhaseDiagrams
import TestSupport
import Testing

@Suite("Axes of a plane, and what its landscape says")
struct PlaneTests {
  @Test("Axes: even steps of the value or its logarithm, whole numbers once")
  func axes() throws {
    let beta = try PhaseAxis(parsing: "beta=0.28..0.36", count: 5)
    #expect(beta.parameter == .beta && !beta.isLogarithmic)
    for (value, expected) in zip(beta.values, [0.28, 0.3, 0.32, 0.34, 0.36]) {
      #expect(abs(value - expected) < 1e-15)
    }
    let noise = try PhaseAxis(parsing: "inverse-noise = 50..400:log", count: 4)
    for (value, expected) in zip(noise.values, [50, 100, 200, 400]) {
      #expect(abs(value / Double(expected) - 1) < 1e-14)
    }
    #expect(abs(noise.value(at: 0.5) - 5000.squareRoot()) < 1e-12)
    let depth = try PhaseAxis(parsing: "depth=2..6", count: 40)
    #expect(depth.values == [2, 3, 4, 5, 6])
    #expect(depth.extent(0) == 1.5...2.5 && depth.extent(4) == 5.5...6.5)
    #expect(beta.extent(0).lowerBound == 0.28 && beta.extent(4).upperBound == 0.36)
  }

  @Test(
    "What is no axis is refused with the value and the remedy",
    arguments: [
      ("beta", "has no '='"), ("gamma=1..2", "there are beta, temperature"),
      ("beta=0.1-0.2", "'0.1-0.2' is no range"), ("beta=0.1..0.2:cubic", "neither log nor linear"),
      ("beta=0.4..0.3", "from 0.4 to 0.3; give the smaller end first"),
      ("beta=0.3..0.3", "must rise"), ("beta=-1..0.3", "begins at -1.0; begin above 0"),
      ("beta=0..0.3", "begin above 0"), ("momentum=0..1", "ends at 1.0; end before"),
      ("momentum=0..0.9:log", "begin above 0"), ("eta=0.5..1.5", "ends at 1.5; end at 1"),
      ("depth=2.6..3.4", "one whole number only; give a wider one"),
      ("beta=0.1..nan", "must rise"),
    ])
  func refusals(_ text: String, _ says: String) {
    #expect(words { _ = try PhaseAxis(parsing: text, count: 6) }?.contains(says) == true)
  }

  @Test("Too few and too many cells")
  func counts() {
    for (count, says) in [(1, "at least 2"), (1001, "at most 1000")] {
      #expect(
        words { _ = try PhaseAxis(parsing: "beta=0.1..0.2", count: count) }?.contains(says) == true)
    }
  }

  @Test("Rank, ground rank, minima, order and barrier are the closed forms")
  func landscape() throws {
    func phases(_ beta: Double, depth: Int = 3, units: Int = 4) throws -> LandscapePhases {
      try LandscapePhases(
        singularValues: [0.9, 0.8], depth: depth, weightDecay: beta, units: units)
    }
    // β_c = 0.410549, 0.350882 and β* = 0.344839, 0.294723.
    for (beta, rank, ground) in [
      (0.2, 2, 2), (0.3, 2, 1), (0.346, 2, 0), (0.36, 1, 0), (0.42, 0, 0),
    ] {
      let found = try phases(beta)
      #expect(found.rank == rank && found.groundRank == ground && found.minima == rank + 1)
    }
    let found = try phases(0.32)
    #expect(abs(found.barrier! - 0.00882898) < 1e-8)
    #expect(abs(found.order - (0.9 * 0.495649 + 0.8 * 0.342743) / (0.81 + 0.64)) < 1e-6)
    #expect(try phases(0.42).barrier == nil && phases(0.42).order == 0)
    // L = 2: λ = η − β, no barrier, one minimum. L = 1: ridge.
    let two = try phases(0.85, depth: 2)
    #expect(two.rank == 1 && two.groundRank == 1 && two.minima == 1 && two.barrier == nil)
    #expect(abs(two.order - 0.9 * 0.05 / 1.45) < 1e-12)
    let one = try phases(3, depth: 1)
    #expect(one.rank == 2 && one.groundRank == 2 && one.minima == 1)
    #expect(abs(one.order - 0.25) < 1e-12)
    // One unit holds the strongest feature alone.
    let narrow = try phases(0.2, units: 1)
    #expect(narrow.rank == 1 && narrow.minima == 2)
  }
}
