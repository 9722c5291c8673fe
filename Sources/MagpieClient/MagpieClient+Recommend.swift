import Vocabulary

extension MagpieClient {
  /// What should this user see next?
  public func recommend(_ query: RecommendQuery, timeout: Duration? = nil) async throws(MagpieError) -> Slate
  {
    let reply = try await call(.recommend(RecommendRequest(query)), timeout: timeout)
    guard case .recommend(let slate) = reply else { throw mismatch(.recommend) }
    return Slate(slate)
  }

  /// What resembles this item?
  public func similar(_ query: SimilarQuery, timeout: Duration? = nil) async throws(MagpieError) -> Slate {
    let reply = try await call(.similar(SimilarRequest(query)), timeout: timeout)
    guard case .similar(let slate) = reply else { throw mismatch(.similar) }
    return Slate(slate)
  }

  /// What goes with this basket?
  public func complete(_ query: CompleteQuery, timeout: Duration? = nil) async throws(MagpieError) -> Slate {
    let reply = try await call(.complete(CompleteRequest(query)), timeout: timeout)
    guard case .complete(let slate) = reply else { throw mismatch(.complete) }
    return Slate(slate)
  }

  /// Several lists for one screen, answered from one state and in order. What is wrong with one list stands in its place.
  public func recommendPage(
    _ lists: [RecommendQuery], timeout: Duration? = nil
  ) async throws(MagpieError) -> [PageList] {
    var request = RecommendPageRequest()
    request.lists = lists.map { RecommendRequest($0) }
    let reply = try await call(.recommendPage(request), timeout: timeout)
    guard case .recommendPage(let page) = reply else { throw mismatch(.recommendPage) }
    return page.lists.map { PageList($0) }
  }

  /// Which items make a good bundle?
  public func bundles(
    _ query: BundlesQuery, timeout: Duration? = nil
  ) async throws(MagpieError) -> BundleProposals {
    let reply = try await call(.bundles(BundlesRequest(query)), timeout: timeout)
    guard case .bundles(let bundles) = reply else { throw mismatch(.bundles) }
    return BundleProposals(bundles)
  }

  /// In which order should this user see these items?
  public func rank(_ query: RankQuery, timeout: Duration? = nil) async throws(MagpieError) -> Slate {
    let reply = try await call(.rank(RankRequest(query)), timeout: timeout)
    guard case .rank(let slate) = reply else { throw mismatch(.rank) }
    return Slate(slate)
  }
}
