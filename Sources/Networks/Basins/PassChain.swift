import Escapes
import Landscapes
import NumericalMethods

/// Passes that lead from one minimum of a network to another, each saddle verified by descent to both sides.
///
/// A string between two minima proposes saddles. Descents from each tell which states it joins, and new ones are kept. As long
/// as no chain of passes leads from the start to the end, the next string is laid across the first gap of the shortest way
/// between them, on which passes cost nothing and gaps the square of their length. Climbs out of both ends add saddles that no
/// string met, and further strings are laid where a pass would be lower than the highest one known. Of several chains the one
/// with the lowest highest saddle is taken.
///
/// Two states are one where E agrees to a hundredth of the barrier beside them and either the place or what is learned agrees,
/// too: copies under symmetries count as one, and so do states that soft modes alone tell apart. The passes of the chain are
/// copied to where each begins in the state in which the one before it ends.
///
/// Validity: there may be a chain over lower saddles that no string proposed.
///
/// Source: J. M. Carr, S. A. Trygubenko and D. J. Wales, J. Chem. Phys. 122, 234903 (2005), doi:10.1063/1.1931587, for the
/// shortest way with gaps.
struct PassChain<Landscape: NetworkLandscape> {
  /// From the start to the end, or the copy of it that the passes lead to.
  let passes: [MinimumEnergyPath.Pass]
  /// What strings proposed for each: its saddle, or one of a higher index beside which that was found.
  let saddlesOnPath: [StationaryPoint]
  /// The first string where it converged and its saddles join the ends; else along the descents from those of the chain.
  let path: MinimumEnergyPath
  /// What must be said of the way.
  let notes: [String]

  private static var imageCount: Int { 40 }
  private static var mostStrings: Int { 20 }
  /// Climbs take dense Hessians at every step.
  private static var largestClimbed: Int { 100 }
  /// Rounds of relaxation of strings after the first: they propose saddles only.
  private static var roughIterations: Int { 1500 }
  /// The same of a path along descents.
  private static var smoothingIterations: Int { 400 }

  /// - Throws: `NumericalFailure` where no chain is found, with what was found.
  init(_ landscape: Landscape, from start: StationaryPoint, to end: StationaryPoint) throws {
    var search = try PassSearch(landscape, from: start, to: end)
    let string = try landscape.minimumEnergyPath(
      between: start, and: end, options: StringMethodOptions(imageCount: Self.imageCount))
    try search.add(string)
    let rough = try StringMethodOptions(
      imageCount: Self.imageCount, maximumIterations: Self.roughIterations)
    var strings = 1
    if landscape.dimension <= Self.largestClimbed {
      try search.climb(outOf: 0)
      try search.climb(outOf: 1)
    }
    var way = try search.shortestWay()
    while strings < Self.mostStrings,
      let gap = try way.gap ?? search.gap(below: way.highestSaddle ?? .infinity)
    {
      strings += 1
      try search.bridge(gap, options: rough)
      way = try search.shortestWay()
    }
    guard let links = way.links else { throw search.failure(after: strings) }
    var notes: [String] = []
    let chain = try ChainedPass.along(links, on: landscape, from: start, notes: &notes)
    passes = chain.map(\.pass)
    saddlesOnPath = chain.map(\.proposed)
    let isString =
      string.isConverged && chain.count == string.saddleSearches.count
      && zip(chain, string.saddleSearches).allSatisfy { link, search in
        let point = search.stationaryPoint.point
        return distance(link.proposed.point, point) < 1e-6 * (1 + norm(point))
      }
    if isString {
      path = string
    } else {
      // Descents from its saddles are the path of least energy; some rounds take out what their long steps cut off.
      let options = try StringMethodOptions(
        imageCount: Self.imageCount, maximumIterations: Self.smoothingIterations)
      path = MinimumEnergyPath(
        joining: try chain.map {
          try landscape.minimumEnergyPath(
            between: $0.pass.from, and: $0.pass.to, through: $0.path, options: options)
        })
      notes.append(
        "the passes are the lowest chain found with \(strings) \(strings == 1 ? "path" : "paths") between states\(landscape.dimension <= Self.largestClimbed ? " and climbs out of both ends" : ""); their path is drawn along descents from the saddles, by which they are verified"
      )
    }
    self.notes = notes
  }
}
