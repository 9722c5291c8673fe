import Vocabulary

extension RandomMessages {
  mutating func scrubRequest() -> ScrubRequest {
    var request = ScrubRequest()
    request.action = Bool.random(using: &random) ? .start : .look
    return request
  }

  mutating func scrubReply() -> ScrubReply {
    var reply = ScrubReply()
    reply.state = ScrubReply.State.allCases.randomElement(using: &random) ?? .idle
    reply.job = number()
    reply.bytes = number()
    reply.bytesTotal = number()
    reply.files = number()
    reply.started = Timestamp(microseconds: signed())
    reply.finished = Timestamp(microseconds: signed())
    reply.lastWhole = Timestamp(microseconds: signed())
    reply.message = word()
    reply.damages = list { ScrubDamage(file: $0.word(), message: $0.word()) }
    reply.damagesTotal = number()
    return reply
  }
}
