import Vocabulary

/// Contexts, and looking at configurations and changing them.
extension RandomMessages {
  mutating func context() -> RequestContext {
    var context = RequestContext()
    context.timeMicroseconds = signed()
    if chance() { context.location = GeoPoint(latitude: double(), longitude: double()) }
    context.attributes = list { $0.attributeDraft() }
    return context
  }

  mutating func configRequest() -> ConfigRequest {
    var request = ConfigRequest()
    request.action = [.get, .check, .set, .apply, .reset, .history].randomElement(using: &random) ?? .set
    request.changes = list { .init(path: $0.bytes(), value: $0.bytes()) }
    request.file = bytes()
    request.isAll = chance()
    request.expectedHash = number()
    return request
  }

  mutating func configReply() -> ConfigReply {
    var reply = ConfigReply()
    reply.configurationHash = number()
    reply.text = word()
    reply.revision = number()
    reply.changed = list { $0.word() }
    reply.warnings = list { $0.word() }
    reply.history = list {
      .init(
        number: $0.number(), time: Timestamp(microseconds: $0.signed()), action: .apply,
        paths: $0.list { $0.word() }, configurationHash: $0.number())
    }
    return reply
  }
}
