import Vocabulary

extension Look {
  /// Notes where the request comes from, and what it says of a visitor: each attribute hides the profile's of that name.
  /// REQUIRES: the user was looked up.
  static func noteSurroundings(_ request: RecommendRequest, _ scratch: ReadScratch) throws(Fault) {
    scratch.query.location = try request.context.location.map(checked)
    if let place = scratch.query.location {
      scratch.query.token.add(place.latitude.bitPattern)
      scratch.query.token.add(place.longitude.bitPattern)
    }
    for attribute in request.userAttributes {
      scratch.query.token.add(attribute.name)
      let name = String(decoding: attribute.name, as: UTF8.self)
      switch attribute.value {
      case .missing: break
      case .text(let text):
        scratch.query.token.add(text)
        scratch.query.attributes[name] = .text(String(decoding: text, as: UTF8.self))
      case .number(let number):
        scratch.query.token.add(number.bitPattern)
        scratch.query.attributes[name] = .number(number)
      case .flag(let flag):
        scratch.query.token.add(flag ? 2 : 1)
        scratch.query.attributes[name] = .flag(flag)
      case .texts(let texts):
        scratch.query.token.add(texts)
        scratch.query.attributes[name] = .texts(texts.map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  private static func checked(_ place: GeoPoint) throws(Fault) -> GeoPoint {
    guard abs(place.latitude) <= 90, abs(place.longitude) <= 180 else {
      throw Fault(
        .outOfRange, "context.location is no point on the Earth; give degrees.", field: "context.location")
    }
    return place
  }
}
