import Training

extension ModelRegistry {
  /// Models of bundles that know what these are made of.
  static let bundleModels = [bundleMembers, bundleOwned, bundleCompanions, bundleUsers]

  private static func obstacle(_ fit: FitData) -> String? {
    fit.bundles == nil ? "nothing is known of members; give --members FILE." : nil
  }

  static let bundleMembers = ModelDescription(
    "bundle-members", "bundles made of the members of those the user has; needs --members",
    suits: { $0.bundles != nil }, obstacle: { fit, _, _ in obstacle(fit) }
  ) { fit, _, _ in fit.bundles.map { RankerBox(BundleWalk($0, fit.pairs, way: .overMembers)) } }

  static let bundleOwned = ModelDescription(
    "bundle-owned", "bundles whose members the user has; needs --members and --member-events",
    suits: { $0.bundles != nil }, obstacle: { fit, _, _ in obstacle(fit) }
  ) { fit, _, _ in fit.bundles.map { RankerBox(BundleWalk($0, fit.pairs, way: .overOwned)) } }

  static let bundleCompanions = ModelDescription(
    "bundle-companions", "bundles that users with the same members took; needs --members and --member-events",
    suits: { $0.bundles != nil }, obstacle: { fit, _, _ in obstacle(fit) }
  ) { fit, _, _ in fit.bundles.map { RankerBox(BundleWalk($0, fit.pairs, way: .overUsers)) } }

  static let bundleUsers = ModelDescription(
    "bundle-users", "users alike in bundles and members together; needs --members and --member-events",
    [
      ModelParameter("neighbours", "users that count", 1...10_000, 500, try: [100, 250, 500, 1000]),
      ModelParameter("member-weight", "of a member against a bundle", 0...10, 0.5, try: [0.25, 0.5, 1]),
      ModelParameter(
        "similarity-exponent", "how much nearer users count more", 0.1...5, 2, try: [1, 1.5, 2, 3]),
    ],
    suits: { $0.bundles != nil }, obstacle: { fit, _, _ in obstacle(fit) }
  ) { fit, settings, _ in
    fit.bundles.map {
      RankerBox(
        BundleUserRanker(
          $0, fit.pairs, neighbours: settings.count("neighbours"), weight: Float(settings["member-weight"]),
          exponent: settings["similarity-exponent"]))
    }
  }
}
