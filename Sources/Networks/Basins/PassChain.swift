import Escapes
import Landscapes
import NumericalMethods

/// Passes that lead from one minimum of a network to another, each saddle verified by descent to both sides.
///
/// A string between two minima proposes saddles. Descents from each tell which states it joins, and new ones are kept. As long
/// as no chain of passes leads from the start to the end, the next string is laid across the first gap of the shortest way
/// between them, on which passes cost nothing and gaps the square of their length. Of several chains the one with the lowest
/// highest saddle is taken.
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
  private static var mostStrings: Int { 10 }
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
    while let gap = try search.shortestWay().gap, strings < Self.mostStrings {
      strings += 1
      try search.bridge(gap, options: rough)
    }
    guard let links = try search.shortestWay().links else { throw search.failure(after: strings) }
    var notes = search.notes
    let chain = try ChainedPass.along(links, on: landscape, from: start, notes: &notes)
    passes = chain.map(\.pass)
    saddlesOnPath = chain.map(\.proposed)
    if strings > 1 {
      notes.append(
        "the path that the chord between the ends relaxed to has no chain of saddles from one to the other; \(passes.count == 1 ? "a pass was" : "\(passes.count) passes were") found with \(strings - 1) more \(strings == 2 ? "path" : "paths") between states on the way"
      )
    }
    if strings == 1, string.isConverged {
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
        (string.isConverged ? "the path" : "the string method did not converge, so the path")
          + " is drawn along descents from the saddles to both sides, by which they are verified")
    }
    self.notes = notes
  }
}
