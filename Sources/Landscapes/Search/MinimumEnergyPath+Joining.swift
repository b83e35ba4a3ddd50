extension MinimumEnergyPath {
  /// Paths one behind the other, each from the minimum in which the one before it ends.
  package init(joining paths: [MinimumEnergyPath]) {
    self = paths.dropFirst().reduce(paths[0]) { MinimumEnergyPath($0, then: $1) }
  }

  private init(_ first: MinimumEnergyPath, then next: MinimumEnergyPath) {
    let length = first.arcLengths.last!
    func shifted(_ places: [Double]) -> [Double] { places.map { length + $0 } }
    self.init(
      start: first.start, end: next.end, images: first.images + next.images.dropFirst(),
      arcLengths: first.arcLengths + shifted(next.arcLengths).dropFirst(),
      energies: first.energies + next.energies.dropFirst(),
      isConverged: first.isConverged && next.isConverged,
      iterations: first.iterations + next.iterations,
      perpendicularForce: max(first.perpendicularForce, next.perpendicularForce),
      relativeForce: max(first.relativeForce, next.relativeForce),
      turningPoints: (
        first.turningPoints.maxima + shifted(next.turningPoints.maxima),
        first.turningPoints.minima + [length] + shifted(next.turningPoints.minima)
      ), saddleSearches: first.saddleSearches + next.saddleSearches,
      intermediateSearches: first.intermediateSearches
        + [SearchOutcome(verdict: .converged, stationaryPoint: first.end, steps: 0)]
        + next.intermediateSearches)
  }
}
