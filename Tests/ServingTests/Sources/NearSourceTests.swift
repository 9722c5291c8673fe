import Serving
import Testing
import Vocabulary

@Suite struct NearSourceTests {
  /// Items on the equator, a hundredth of a degree (1.11 km) apart each step.
  private func world() throws -> World {
    let world = try World()
    for (name, steps) in [("a", 0.0), ("b", 1), ("c", 3), ("d", 8), ("far", 30)] {
      try world.put(name) { $0.location = GeoPoint(latitude: 0, longitude: 10 + steps / 100) }
    }
    try world.put("nowhere")
    world.only(.near)
    return world
  }

  private func near(_ slate: Slate) -> [String] {
    slate.items.filter { $0.sources.contains { $0.source == .near } }.map(\.item.text)
  }

  @Test func aroundThePlaceOfTheRequest() throws {
    let world = try world()
    let slate = try world.recommend { $0.context.location = GeoPoint(latitude: 0, longitude: 10.011) }
    #expect(near(slate) == ["b", "a", "c", "d"], "far is 32 km away, more than 10")
    // 2^(−distance / 1 km); a hundredth of a degree of the equator is 1.11195 km.
    let expected = 0.5.power(1.11195 * 1.1)
    #expect(abs(Double(try slate.item("a").sources[0].score) - expected) < 1e-3)
    #expect(try slate.item("a").reasons == ["near_you"])
    world.settings.near.kilometres = 50
    #expect(
      near(try world.recommend { $0.context.location = GeoPoint(latitude: 0, longitude: 10) }).last == "far")
    world.settings.near.kilometres = 2
    #expect(
      near(try world.recommend { $0.context.location = GeoPoint(latitude: 0, longitude: 10) }) == ["a", "b"])
  }

  @Test func aroundWhatTheUserHadToDoWith() throws {
    let world = try world()
    try world.event("u", .view, "a")
    let slate = try world.recommend("u")
    #expect(near(slate) == ["b", "c", "d"])
    #expect(try slate.item("b").reasons == ["near_you a"])
    // A place of the request goes before places of the past.
    let there = try world.recommend("u") { $0.context.location = GeoPoint(latitude: 0, longitude: 10.3) }
    #expect(near(there).first == "far")
    // What was turned away is no place to be.
    try world.event("u", .hide, "a")
    #expect(near(try world.recommend("u")).isEmpty)
    // A session says where, too.
    #expect(near(try world.recommend { $0.sessionItems = [Array("d".utf8)] }).first == "c")
  }

  @Test func withoutPlacesNothingIsNear() throws {
    let world = try World()
    try world.put("a", "b")
    world.only(.near)
    #expect(near(try world.recommend { $0.context.location = GeoPoint(latitude: 0, longitude: 0) }).isEmpty)
    let fault = #expect(throws: Fault.self) {
      try world.recommend { $0.context.location = GeoPoint(latitude: 91, longitude: 0) }
    }
    #expect(fault?.field == "context.location.latitude")
  }
}

extension Double {
  /// By exponentiation of halves and a series: the test's own arithmetic. REQUIRES: 0 < self < 1, 0 <= exponent < 8.
  fileprivate func power(_ exponent: Double) -> Double {
    // self^x = e^(x ln self), ln 0.5 = −0.693147…
    let x = -0.6931471805599453 * exponent
    var (sum, term) = (1.0, 1.0)
    for place in 1..<80 {
      term *= x / Double(place)
      sum += term
    }
    return sum
  }
}
