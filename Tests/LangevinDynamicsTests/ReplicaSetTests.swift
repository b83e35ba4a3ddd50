import LangevinDynamics
import TestSupport
import Testing

@Suite struct ReplicaSetTests {
  @Test func holdsWhatWasPutIn() {
    let random = testStream(420)
    for density in [1, 2, 3, 10, 100] {
      for spacing in [1, 4] {
        let replicas = (0..<2000).filter { _ in random.integer(below: density) == 0 }.map {
          $0 * spacing
        }
        let set = ReplicaSet(replicas)
        #expect(Array(set) == replicas)
        #expect(set.count == replicas.count)
      }
    }
    #expect(Array(ReplicaSet()) == [])
    #expect(Array(ReplicaSet([7])) == [7])
    #expect(Array(ReplicaSet([0, 5, 6, 7, 20])) == [0, 5, 6, 7, 20])
  }
}
