import Vocabulary

/// Requests to and from bytes. The fields of each method are in `Services/`.
package enum RequestCodec {
  /// Reads the body of a request.
  /// - Throws: `malformed_message`, `message_too_large`, `too_many` naming the field, `out_of_range` for an
  ///   enumeration value that is not known. Identifiers and numbers are not judged here.
  package static func decode(
    _ method: Method, _ body: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(Fault) -> Request {
    switch method {
    case .check: try HealthCodec.decodeCheck(body, arena: arena)
    case .hello: try HealthCodec.decodeHello(body, arena: arena)
    case .ingestEvents: try IngestCodec.decodeIngestEvents(body, arena: arena)
    case .putItems: try IngestCodec.decodePutItems(body, arena: arena)
    case .putUsers: try IngestCodec.decodePutUsers(body, arena: arena)
    case .deleteItems: try IngestCodec.decodeDeleteItems(body, arena: arena)
    case .recommend: try RecommenderCodec.decodeRecommend(body, arena: arena)
    case .similar: try RecommenderCodec.decodeSimilar(body, arena: arena)
    case .complete: try RecommenderCodec.decodeComplete(body, arena: arena)
    case .rank: try RecommenderCodec.decodeRank(body, arena: arena)
    case .recommendPage: try RecommenderCodec.decodeRecommendPage(body, arena: arena)
    case .bundles: try RecommenderCodec.decodeBundles(body, arena: arena)
    case .explain: try RecommenderCodec.decodeExplain(body, arena: arena)
    case .whyNot: try RecommenderCodec.decodeWhyNot(body, arena: arena)
    case .replay: try RecommenderCodec.decodeReplay(body, arena: arena)
    case .status: try AdminCodec.decodeStatus(body, arena: arena)
    case .train: try AdminCodec.decodeTrain(body, arena: arena)
    case .generations: try AdminCodec.decodeGenerations(body, arena: arena)
    case .deadLetters: try AdminCodec.decodeDeadLetters(body, arena: arena)
    case .drain: try AdminCodec.decodeDrain(body, arena: arena)
    case .config: try AdminCodec.decodeConfig(body, arena: arena)
    case .snapshot: try AdminCodec.decodeSnapshot(body, arena: arena)
    case .scrub: try AdminCodec.decodeScrub(body, arena: arena)
    case .getItems: try AdminCodec.decodeGetItems(body, arena: arena)
    case .getUser: try AdminCodec.decodeGetUser(body, arena: arena)
    case .experiments: try AdminCodec.decodeExperiments(body, arena: arena)
    }
  }

  /// Appends the body of a request.
  package static func encode(_ request: Request, into writer: inout MessageWriter) {
    switch request {
    case .check, .status, .drain, .experiments: break
    case .train(let request): AdminCodec.encode(request, into: &writer)
    case .config(let request): AdminCodec.encode(request, into: &writer)
    case .hello(let request): HealthCodec.encode(request, into: &writer)
    case .ingestEvents(let request): IngestCodec.encode(request, into: &writer)
    case .putItems(let request): IngestCodec.encode(request, into: &writer)
    case .putUsers(let request): IngestCodec.encode(request, into: &writer)
    case .deleteItems(let request): IngestCodec.encode(request, into: &writer)
    case .recommend(let request): RecommenderCodec.encode(request, into: &writer)
    case .similar(let request): RecommenderCodec.encode(request, into: &writer)
    case .complete(let request): RecommenderCodec.encode(request, into: &writer)
    case .rank(let request): RecommenderCodec.encode(request, into: &writer)
    case .recommendPage(let request): RecommenderCodec.encode(request, into: &writer)
    case .bundles(let request): RecommenderCodec.encode(request, into: &writer)
    case .explain(let request): RecommenderCodec.encode(request, into: &writer)
    case .whyNot(let request): RecommenderCodec.encode(request, into: &writer)
    case .replay(let request): writer.bytes(1, request.token)
    case .generations(let request): AdminCodec.encode(request, into: &writer)
    case .deadLetters(let request): AdminCodec.encode(request, into: &writer)
    case .snapshot(let request): AdminCodec.encode(request, into: &writer)
    case .scrub(let request): AdminCodec.encode(request, into: &writer)
    case .getItems(let request): AdminCodec.encode(request, into: &writer)
    case .getUser(let request): AdminCodec.encode(request, into: &writer)
    }
  }

  /// The body of a request.
  package static func encode(_ request: Request) -> [UInt8] {
    var writer = MessageWriter()
    encode(request, into: &writer)
    return writer.bytes
  }
}
