import Landscapes
import NumericalMethods

/// The states known of a landscape and the saddles that join two of them; state 0 is the start, state 1 the end.
struct PassSearch<Landscape: NetworkLandscape> {
  /// A saddle with the states that descent from it leads to.
  struct Link {
    let saddle: StationaryPoint
    /// What a string proposed: the saddle itself, or one of a higher index beside which it was found.
    let proposed: StationaryPoint
    let sides: [Side]

    /// Which of the known states lies there, where it was found, and points on the way down.
    struct Side {
      let state: Int
      let found: StationaryPoint
      let descent: [[Double]]
    }

    var reversed: Link { Link(saddle: saddle, proposed: proposed, sides: sides.reversed()) }
  }

  private let landscape: Landscape
  private var states: [StationaryPoint] = []
  /// σ of ⟨f xᵀ⟩ in each.
  private var learned: [[Double]] = []
  private var links: [Link] = []
  /// Pairs between which a string was laid.
  private var tried: Set<Set<Int>> = [[0, 1]]

  /// Saddles are known to this, relative as ``StationaryPoint/relativeGradient``.
  private static var tolerance: Double { 1e-8 }
  /// The same of where descents end, before Newton's method.
  private static var coarseTolerance: Double { 1e-7 }
  /// Of each state that is climbed out of.
  private static var climbedModes: Int { 4 }
  /// Soft saddles that one descent leaves.
  private static var mostRidges: Int { 3 }
  /// E of one state, in units of the barrier beside it; its place in units of 1 + |θ|; what is learned there.
  private static var sameness: Double { 0.01 }

  init(_ landscape: Landscape, from start: StationaryPoint, to end: StationaryPoint) throws {
    self.landscape = landscape
    for state in [start, end] { try add(state) }
  }

  private mutating func add(_ state: StationaryPoint) throws {
    states.append(state)
    learned.append(try landscape.samples.learnedFeatures(at: state.point).values)
  }

  /// The states and passes that a string proposes.
  mutating func add(_ string: MinimumEnergyPath) throws {
    for found in string.intermediateSearches where found.isConverged {
      _ = try number(of: found.stationaryPoint, below: string.energies.max()!)
    }
    let floor = min(string.start.energy, string.end.energy)
    for search in string.saddleSearches { add(search.stationaryPoint, above: floor) }
  }

  /// A saddle that was proposed, or the lower one beside it, with the states on both sides; nothing where descent from it does
  /// not end.
  private mutating func add(_ found: StationaryPoint, above floor: Double) {
    guard found.negativeCount > 0, found.relativeGradient < Self.tolerance else { return }
    guard
      let saddle = found.isSaddle ? found : landscape.lowerSaddle(than: found, above: floor),
      !isKnown(saddle)
    else { return }
    guard let sides = try? sides(of: saddle) else { return }
    links.append(Link(saddle: saddle, proposed: found, sides: sides))
  }

  private mutating func sides(of saddle: StationaryPoint) throws -> [Link.Side] {
    let mode = saddle.leadingDirection
    return try [mode, mode.map { -$0 }].map { direction in
      var (state, way) = try descent(from: saddle, along: direction)
      // A saddle between mirror images, say, that the descent came to along its ridge.
      for _ in 0..<Self.mostRidges where state.negativeCount > 0 {
        let further = try descent(from: state, along: state.leadingDirection)
        (state, way) = (further.end, way + further.way)
      }
      return Link.Side(
        state: try number(of: state, below: saddle.energy), found: state, descent: way)
    }
  }

  /// Up the lowest modes of a known state to the saddles there, whatever lies behind them.
  mutating func climb(outOf number: Int) throws {
    let state = states[number]
    let modes = try landscape.hessian(at: state.point).symmetricEigensystem().vectors
    for k in 0..<min(Self.climbedModes, landscape.dimension) {
      for sign in [1.0, -1] {
        // A climb that runs away finds nothing.
        let search = try? landscape.saddle(
          from: state.point, along: modes.column(k).map { sign * $0 })
        if let search, search.hasFound(index: 1) {
          add(search.stationaryPoint, above: state.energy)
        }
      }
    }
  }

  /// To the side that a direction points to: where it ends and points on the way.
  private func descent(
    from saddle: StationaryPoint, along direction: [Double]
  ) throws -> (end: StationaryPoint, way: [[Double]]) {
    var way: [[Double]] = []
    let rest = try landscape.descent(
      offSaddle: saddle.point, along: direction, scale: saddle.largestCurvature,
      tolerance: Self.coarseTolerance
    ) { way.append($0) }
    let end =
      try (try? landscape.restingState(near: rest.point))
      ?? StationaryPoint(of: landscape, at: rest.point)
    return (end, way)
  }

  private func isKnown(_ saddle: StationaryPoint) -> Bool {
    links.contains {
      distance($0.saddle.point, saddle.point) < 1e-6 * (1 + norm(saddle.point))
    }
  }

  /// Which of the known states it is, or its place among them as a new one.
  private mutating func number(of state: StationaryPoint, below top: Double) throws -> Int {
    let holds = try landscape.samples.learnedFeatures(at: state.point).values
    let known = states.indices.first { i in
      let close = Self.sameness * (top - max(states[i].energy, state.energy))
      guard abs(states[i].energy - state.energy) <= close else { return false }
      return distance(states[i].point, state.point) <= Self.sameness * (1 + norm(state.point))
        || distance(learned[i], holds) <= Self.sameness * norm(holds)
    }
    if let known { return known }
    try add(state)
    return states.count - 1
  }

  /// Lays a string between two states, or the nearest copies of them.
  mutating func bridge(_ gap: (Int, Int), options: StringMethodOptions) throws {
    tried.insert([gap.0, gap.1])
    let near = states[gap.0]
    let far = try StationaryPoint(of: landscape, at: nearest(gap.1, to: gap.0))
    do {
      try add(landscape.minimumEnergyPath(between: near, and: far, options: options))
    } catch is InvalidInput {
      // E does not rise between them: nothing is proposed.
    }
  }

  private func nearest(_ b: Int, to a: Int) throws -> [Double] {
    try landscape.architecture.nearestCopy(of: states[b].point, to: states[a].point)
  }

  /// From the start to the end: all its links where it has no gap, else its first gap; neither where nothing is left to try.
  ///
  /// By Dijkstra's algorithm: gaps count before the highest saddle, that before the sum of all barriers.
  func shortestWay() throws -> (links: [Link]?, gap: (Int, Int)?, highestSaddle: Double?) {
    var ways = [Way](repeating: Way(), count: states.count)
    ways[0] = Way(gaps: 0, top: -.infinity, climb: 0)
    // In their order, so that equal ways do not depend on that of a set.
    var open = Array(states.indices)
    while let here = open.min(by: { ways[$0].isBetter(than: ways[$1]) }),
      ways[here].gaps.isFinite
    {
      open.removeAll { $0 == here }
      for there in open {
        var way = Way(
          gaps: ways[here].gaps, top: ways[here].top, climb: ways[here].climb, from: here)
        if let link = lowestLink(from: here, to: there) {
          way.top = max(way.top, link.saddle.energy)
          way.climb += link.saddle.energy - states[here].energy
          way.link = link
        } else if tried.contains([here, there]) {
          continue
        } else {
          let gap = distance(try nearest(there, to: here), states[here].point)
          way.gaps += gap * gap
        }
        if way.isBetter(than: ways[there]) { ways[there] = way }
      }
    }
    var links: [Link] = []
    var gap: (Int, Int)?
    var place = 1
    while let from = ways[place].from {
      if let link = ways[place].link { links.append(link) } else { gap = (from, place) }
      place = from
    }
    let isWhole = gap == nil && place == 0
    return (isWhole ? links.reversed() : nil, gap, isWhole ? ways[1].top : nil)
  }

  /// The nearest pair of states between which no string was laid yet, one beside the start and one beside the end without a
  /// saddle as high as `top` between: a pass there would be lower than what is known.
  func gap(below top: Double) throws -> (Int, Int)? {
    func reached(from first: Int) -> [Int] {
      var reached = [first]
      var place = 0
      while place < reached.count {
        for link in links where link.saddle.energy < top {
          let ends = link.sides.map(\.state)
          for (here, there) in [(ends[0], ends[1]), (ends[1], ends[0])]
          where here == reached[place] && !reached.contains(there) { reached.append(there) }
        }
        place += 1
      }
      return reached
    }
    let (before, behind) = (reached(from: 0), reached(from: 1))
    let pairs = before.flatMap { a in behind.map { (a, $0) } }
      .filter {
        !tried.contains([$0.0, $0.1]) && max(states[$0.0].energy, states[$0.1].energy) < top
      }
    return try pairs.map { pair in
      (pair: pair, gap: distance(try nearest(pair.1, to: pair.0), states[pair.0].point))
    }.min { $0.gap < $1.gap }?.pair
  }

  private func lowestLink(from here: Int, to there: Int) -> Link? {
    links.compactMap { link in
      let ends = link.sides.map(\.state)
      return ends == [here, there] ? link : ends == [there, here] ? link.reversed : nil
    }.min { $0.saddle.energy < $1.saddle.energy }
  }

  /// The best way known to a state: what its gaps cost, its highest saddle, all its barriers, and the last stretch of it.
  private struct Way {
    var gaps = Double.infinity
    var top = Double.infinity
    var climb = Double.infinity
    var from: Int?
    var link: Link?

    func isBetter(than other: Way) -> Bool {
      (gaps, top, climb) < (other.gaps, other.top, other.climb)
    }
  }

  func failure(after strings: Int) -> NumericalFailure {
    let found = links.map { link in
      let sides = link.sides.map { sixDigits($0.found.energy) }
      return "\(sixDigits(link.saddle.energy)) (from \(sides[0]) to \(sides[1]))"
    }
    return NumericalFailure(
      "no chain of passes was found from the start (E = \(sixDigits(states[0].energy))) to the end (\(sixDigits(states[1].energy))) with \(strings) path\(strings == 1 ? "" : "s") between states: "
        + (found.isEmpty
          ? "none had a saddle" : "the saddles found lie at \(found.joined(separator: ", "))")
        + "; give an end that is closer to the start, such as weights of one training at another time"
    )
  }
}

/// One pass of a chain with the path of least energy over it.
struct ChainedPass {
  let pass: MinimumEnergyPath.Pass
  /// The saddle that a string proposed, of whatever index.
  let proposed: StationaryPoint
  /// From the first minimum up to the saddle and down to the second, both left out.
  let path: [[Double]]

  /// Links one behind the other: each is copied to where it begins in the state in which the one before it ends.
  static func along<Landscape: NetworkLandscape>(
    _ links: [PassSearch<Landscape>.Link], on landscape: Landscape, from start: StationaryPoint,
    notes: inout [String]
  ) throws -> [ChainedPass] {
    var here = start
    return try links.map { link in
      let (from, to) = (link.sides[0], link.sides[1])
      let path = from.descent.reversed() + [link.saddle.point] + to.descent
      let copy = try landscape.architecture.nearestCopy(
        of: from.found.point, to: here.point,
        carrying: [link.saddle.point, to.found.point, link.proposed.point] + path)
      if link.proposed.negativeCount > 1 {
        notes += saddleNotes(of: "the path", link.proposed, link.saddle)
      }
      let gap = distance(copy.point, here.point)
      if gap > 0.05 * (1 + norm(here.point)) {
        notes.append(
          "descent from the saddle at E = \(sixDigits(link.saddle.energy)) ends \(sixDigits(gap)) away from the state it was taken for, E \(sixDigits(from.found.energy)) for \(sixDigits(here.energy)) with the same features learned: soft modes tell them apart"
        )
      }
      let pass = MinimumEnergyPath.Pass(
        from: here, saddle: try StationaryPoint(of: landscape, at: copy.carried[0]),
        to: try StationaryPoint(of: landscape, at: copy.carried[1]))
      here = pass.to
      return ChainedPass(
        pass: pass, proposed: try StationaryPoint(of: landscape, at: copy.carried[2]),
        path: Array(copy.carried[3...]))
    }
  }
}
