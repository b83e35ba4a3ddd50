import NumericalMethods
import TestSupport
import Testing

@Suite("The best assignment")
struct AssignmentTests {
  private func permutations(_ n: Int) -> [[Int]] {
    guard n > 0 else { return [[]] }
    return permutations(n - 1).flatMap { rest in
      (0..<n).map { Array(rest[..<$0]) + [n - 1] + Array(rest[$0...]) }
    }
  }

  private func sum(_ gain: Matrix, _ assignment: [Int]) -> Double {
    assignment.enumerated().reduce(0) { $0 + gain[$1.offset, $1.element] }
  }

  @Test("It is the best of all permutations", arguments: 1...6)
  func bruteForce(n: Int) {
    let random = testStream(4100)
    for trial in 0..<20 {
      var gain = randomMatrix(n, n, random)
      // Ties as well.
      if trial.isMultiple(of: 4) { for i in gain.elements.indices { gain.elements[i].round() } }
      let found = bestAssignment(gain)
      #expect(Set(found).count == n)
      let best = permutations(n).map { sum(gain, $0) }.max()!
      expectClose(sum(gain, found), to: best, absolute: 1e-12)
    }
  }

  @Test("A hidden permutation comes out")
  func hidden() {
    let n = 60
    let random = testStream(4101)
    var gain = randomMatrix(n, n, random)
    let hidden = (0..<n).map { ($0 * 7 + 3) % n }
    for (i, j) in hidden.enumerated() { gain[i, j] += 20 }
    #expect(bestAssignment(gain) == hidden)
  }
}
