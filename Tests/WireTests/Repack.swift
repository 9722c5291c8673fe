import CMessages
import Vocabulary

/// Unpacks bytes with protobuf-c and packs them again: what protobuf-c itself would have written.
enum Repack {
  static func request(_ method: Method, _ bytes: [UInt8]) -> [UInt8]? {
    switch method {
    case .check: repack(bytes, magpie__v1__check_request__unpack)
    case .hello: repack(bytes, magpie__v1__hello_request__unpack)
    case .ingestEvents: repack(bytes, magpie__v1__ingest_events_request__unpack)
    case .putItems: repack(bytes, magpie__v1__put_items_request__unpack)
    case .putUsers: repack(bytes, magpie__v1__put_users_request__unpack)
    case .deleteItems: repack(bytes, magpie__v1__delete_items_request__unpack)
    case .recommend: repack(bytes, magpie__v1__recommend_request__unpack)
    case .similar: repack(bytes, magpie__v1__similar_request__unpack)
    case .complete: repack(bytes, magpie__v1__complete_request__unpack)
    case .rank: repack(bytes, magpie__v1__rank_request__unpack)
    case .recommendPage: repack(bytes, magpie__v1__recommend_page_request__unpack)
    case .bundles: repack(bytes, magpie__v1__bundles_request__unpack)
    case .explain: repack(bytes, magpie__v1__explain_request__unpack)
    case .whyNot: repack(bytes, magpie__v1__why_not_request__unpack)
    case .replay: repack(bytes, magpie__v1__replay_request__unpack)
    case .experiments: repack(bytes, magpie__v1__experiments_request__unpack)
    case .status: repack(bytes, magpie__v1__status_request__unpack)
    case .train: repack(bytes, magpie__v1__train_request__unpack)
    case .generations: repack(bytes, magpie__v1__generations_request__unpack)
    case .deadLetters: repack(bytes, magpie__v1__dead_letters_request__unpack)
    case .drain: repack(bytes, magpie__v1__drain_request__unpack)
    case .config: repack(bytes, magpie__v1__config_request__unpack)
    case .snapshot: repack(bytes, magpie__v1__snapshot_request__unpack)
    case .scrub: repack(bytes, magpie__v1__scrub_request__unpack)
    case .getItems: repack(bytes, magpie__v1__get_items_request__unpack)
    case .getUser: repack(bytes, magpie__v1__get_user_request__unpack)
    }
  }

  static func reply(_ method: Method, _ bytes: [UInt8]) -> [UInt8]? {
    switch method {
    case .check: repack(bytes, magpie__v1__check_reply__unpack)
    case .hello: repack(bytes, magpie__v1__hello_reply__unpack)
    case .ingestEvents, .putItems, .putUsers, .deleteItems: repack(bytes, magpie__v1__verdicts_reply__unpack)
    case .recommend, .similar, .complete, .rank: repack(bytes, magpie__v1__slate__unpack)
    case .recommendPage: repack(bytes, magpie__v1__recommend_page_reply__unpack)
    case .bundles: repack(bytes, magpie__v1__bundles_reply__unpack)
    case .explain, .whyNot: repack(bytes, magpie__v1__explain_reply__unpack)
    case .replay: repack(bytes, magpie__v1__replay_reply__unpack)
    case .experiments: repack(bytes, magpie__v1__experiments_reply__unpack)
    case .status: repack(bytes, magpie__v1__status_reply__unpack)
    case .train: repack(bytes, magpie__v1__train_reply__unpack)
    case .generations: repack(bytes, magpie__v1__generations_reply__unpack)
    case .deadLetters: repack(bytes, magpie__v1__dead_letters_reply__unpack)
    case .drain: repack(bytes, magpie__v1__drain_reply__unpack)
    case .config: repack(bytes, magpie__v1__config_reply__unpack)
    case .snapshot: repack(bytes, magpie__v1__snapshot_reply__unpack)
    case .scrub: repack(bytes, magpie__v1__scrub_reply__unpack)
    case .getItems: repack(bytes, magpie__v1__get_items_reply__unpack)
    case .getUser: repack(bytes, magpie__v1__get_user_reply__unpack)
    }
  }

  static func meta(_ bytes: [UInt8]) -> [UInt8]? { repack(bytes, magpie__v1__meta__unpack) }

  private static func repack<Message>(
    _ bytes: [UInt8],
    _ unpack: (
      UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?
    ) -> UnsafeMutablePointer<Message>?
  ) -> [UInt8]? {
    guard let message = unpack(nil, bytes.count, bytes) else { return nil }
    // Every message begins with its base.
    return message.withMemoryRebound(to: ProtobufCMessage.self, capacity: 1) { base in
      defer { protobuf_c_message_free_unpacked(base, nil) }
      var packed = [UInt8](repeating: 0, count: protobuf_c_message_get_packed_size(base))
      protobuf_c_message_pack(base, &packed)
      return packed
    }
  }
}
