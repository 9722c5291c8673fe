import CMessages
import Vocabulary

/// What a request says of its surroundings.
extension RecommenderCodec {
  static func context(
    _ message: UnsafeMutablePointer<Magpie__V1__RequestContext>?
  ) throws(Fault) -> RequestContext {
    var context = RequestContext()
    guard let message else { return context }
    try checkCount(
      message.pointee.n_attributes, max: Limits.contextAttributesMax, field: "context.attributes")
    context.timeMicroseconds = message.pointee.time
    context.location = message.pointee.location.map {
      GeoPoint(latitude: $0.pointee.latitude, longitude: $0.pointee.longitude)
    }
    context.attributes = try messages(message.pointee.attributes, message.pointee.n_attributes) {
      ThingCodec.attribute($0)
    }
    return context
  }

  static func encode(_ context: RequestContext, field: UInt32, into writer: inout MessageWriter) {
    if context.isEmpty { return }
    writer.message(field) { writer in
      writer.signed(1, context.timeMicroseconds)
      if let location = context.location {
        writer.message(2) { point in
          point.double(1, location.latitude)
          point.double(2, location.longitude)
        }
      }
      for attribute in context.attributes {
        writer.message(3) { ThingCodec.encode(attribute, into: &$0) }
      }
    }
  }
}
