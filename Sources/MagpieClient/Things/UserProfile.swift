/// What is known of a user besides behaviour. Putting a profile replaces it whole.
public struct UserProfile: Sendable, Hashable {
  /// 1 to 256 bytes of UTF-8 without a zero byte.
  public var id: String
  /// Everything known.
  public var attributes: [String: AttributeValue]
  /// Embeddings made elsewhere.
  public var vectors: [NamedVector]

  /// Makes a profile.
  public init(id: String, attributes: [String: AttributeValue] = [:], vectors: [NamedVector] = []) {
    self.id = id
    self.attributes = attributes
    self.vectors = vectors
  }
}
