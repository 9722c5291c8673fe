import Vocabulary

/// Replies to and from bytes. The fields of each method are in `Services/`.
package enum ReplyCodec {
  /// Reads the body of a reply with status OK.
  ///
  /// Values a newer daemon may have added to a list (a source, a fallback, a step, an explanation) are left out;
  /// everything else that is not understood is an error.
  /// - Throws: `malformed_message`, `message_too_large`, `out_of_range` for an unknown state.
  package static func decode(
    _ method: Method, _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Reply {
    switch method {
    case .check: try HealthCodec.decodeCheckReply(body, arena: arena)
    case .hello: try HealthCodec.decodeHelloReply(body, arena: arena)
    case .ingestEvents: .ingestEvents(try IngestCodec.decodeVerdicts(body, arena: arena))
    case .putItems: .putItems(try IngestCodec.decodeVerdicts(body, arena: arena))
    case .putUsers: .putUsers(try IngestCodec.decodeVerdicts(body, arena: arena))
    case .deleteItems: .deleteItems(try IngestCodec.decodeVerdicts(body, arena: arena))
    case .recommend: .recommend(try RecommenderCodec.decodeSlate(body, arena: arena))
    case .similar: .similar(try RecommenderCodec.decodeSlate(body, arena: arena))
    case .complete: .complete(try RecommenderCodec.decodeSlate(body, arena: arena))
    case .rank: .rank(try RecommenderCodec.decodeSlate(body, arena: arena))
    case .recommendPage: .recommendPage(try RecommenderCodec.decodePage(body, arena: arena))
    case .bundles: .bundles(try RecommenderCodec.decodeBundlesReply(body, arena: arena))
    case .explain: .explain(try RecommenderCodec.decodeExplainReply(body, arena: arena))
    case .whyNot: .whyNot(try RecommenderCodec.decodeExplainReply(body, arena: arena))
    case .replay: .replay(try RecommenderCodec.decodeReplayReply(body, arena: arena))
    case .status: try AdminCodec.decodeStatusReply(body, arena: arena)
    case .train: try AdminCodec.decodeTrainReply(body, arena: arena)
    case .generations: try AdminCodec.decodeGenerationsReply(body, arena: arena)
    case .deadLetters: try AdminCodec.decodeDeadLettersReply(body, arena: arena)
    case .drain: try AdminCodec.decodeDrainReply(body, arena: arena)
    case .config: try AdminCodec.decodeConfigReply(body, arena: arena)
    case .snapshot: try AdminCodec.decodeSnapshotReply(body, arena: arena)
    case .scrub: try AdminCodec.decodeScrubReply(body, arena: arena)
    case .getItems: try AdminCodec.decodeGetItemsReply(body, arena: arena)
    case .getUser: try AdminCodec.decodeGetUserReply(body, arena: arena)
    case .experiments: try AdminCodec.decodeExperimentsReply(body, arena: arena)
    }
  }

  /// Appends the body of a reply.
  package static func encode(_ reply: Reply, into writer: inout MessageWriter) {
    switch reply {
    case .check(let reply): HealthCodec.encode(reply, into: &writer)
    case .hello(let reply): HealthCodec.encode(reply, into: &writer)
    case .ingestEvents(let reply), .putItems(let reply), .putUsers(let reply), .deleteItems(let reply):
      IngestCodec.encode(reply, into: &writer)
    case .recommend(let slate), .similar(let slate), .complete(let slate), .rank(let slate):
      RecommenderCodec.encode(slate, into: &writer)
    case .recommendPage(let reply): RecommenderCodec.encode(reply, into: &writer)
    case .bundles(let reply): RecommenderCodec.encode(reply, into: &writer)
    case .explain(let reply), .whyNot(let reply): RecommenderCodec.encode(reply, into: &writer)
    case .replay(let reply): RecommenderCodec.encode(reply, into: &writer)
    case .status(let report): AdminCodec.encode(report, into: &writer)
    case .train(let reply): AdminCodec.encode(reply, into: &writer)
    case .generations(let reply): AdminCodec.encode(reply, into: &writer)
    case .deadLetters(let reply): AdminCodec.encode(reply, into: &writer)
    case .drain(let reply): writer.signed(1, reply.seconds)
    case .config(let reply): AdminCodec.encode(reply, into: &writer)
    case .snapshot(let reply): AdminCodec.encode(reply, into: &writer)
    case .scrub(let reply): AdminCodec.encode(reply, into: &writer)
    case .getItems(let reply): AdminCodec.encode(reply, into: &writer)
    case .getUser(let reply): AdminCodec.encode(reply, into: &writer)
    case .experiments(let reply): AdminCodec.encode(reply, into: &writer)
    }
  }

  /// The body of a reply.
  package static func encode(_ reply: Reply) -> [UInt8] {
    var writer = MessageWriter()
    encode(reply, into: &writer)
    return writer.bytes
  }
}
