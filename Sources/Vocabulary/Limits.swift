/// Every cap of the product, in one place, each with its reason.
///
/// A limit that follows from another is computed from it, so the argument cannot drift from the number.
package enum Limits {
  // MARK: Identifiers

  /// Longest user or item identifier, bytes. Long enough for a URN or a SHA-512 in hex, short enough that a
  /// LevelDB key stays in one cache line group.
  package static let identifierBytesMax = 256
  /// Longest event, session or recommendation identifier, bytes: a UUID in any spelling fits.
  package static let eventIdentifierBytesMax = 64
  /// Longest tenant or scenario name, bytes: it becomes a directory name and a metric label.
  package static let nameBytesMax = 64
  /// Tenants of one daemon. Each has tables in memory and a directory of generations.
  package static let tenantsMax = 256

  // MARK: Catalogue

  /// Longest title, bytes of UTF-8.
  package static let titleBytesMax = 1024
  /// Longest descriptive text of an item, bytes of UTF-8: text encoders read about 1,000 characters.
  package static let textBytesMax = 16 * 1024
  /// Attributes of one item or user. Each is read on the read path by filters.
  package static let attributesMax = 64
  /// Values in one list attribute, and categories of one item.
  package static let attributeValuesMax = 64
  /// Longest attribute name or text value, bytes.
  package static let attributeBytesMax = 512
  /// Caller-supplied vectors of one item or user, and the dimensions of each.
  package static let vectorsMax = 4
  package static let vectorDimensionsMax = 4096
  /// Items that make up one bundle.
  package static let bundleMembersMax = 64
  /// Items one tenant may hold. An item index is 32 bits; the top value means "none".
  package static let itemsMax = 50_000_000

  // MARK: Events

  /// Largest magnitude of an event's value (a rating, a quantity, a share of a video played). Above it a
  /// Float loses whole units.
  package static let eventValueMax = 16_777_216.0
  /// Longest search query kept with an event, bytes.
  package static let queryBytesMax = 1024
  /// Earliest event time accepted: 2000-01-01. Anything before it is a unit mistake, not history.
  package static let eventTimeMin = Timestamp(microseconds: 946_684_800_000_000)
  /// How far ahead of the server's clock an event may lie: five minutes of clock skew.
  package static let eventTimeSkewMicroseconds: Int64 = 300_000_000

  // MARK: User state in memory

  /// Most recent events kept in order for each user. Sequence sources look back 20 to 50.
  package static let historyEventsMax = 256
  /// Distinct items remembered for each user: the seen filter, repeats and fold-in read them.
  package static let userItemsMax = 2048
  /// Newest impressions kept for each user, 8 bytes each: 25 pages of ten. Fatigue counts among these.
  package static let impressionsMax = 256
  /// Items folded into a user's vector for one request, the most recently touched: solving takes about 0.1 ms
  /// for 256 of them, and older ones hardly move the answer.
  package static let foldInItemsMax = 256

  // MARK: Lists kept ready

  /// Items in each list that is kept ready for reads (trending, newest): twice a slate, so that a full slate
  /// remains when half of the list may not be shown.
  package static let rankedItemsMax = 2 * slateItemsMax

  // MARK: Factors

  /// Rows from which on the factors of a generation are put into clusters, of which a scan reads a part. Below, one core
  /// reads all of them in less than a tenth of a millisecond, and every list is the exact one.
  package static let clusteredRowsMin = 65_536

  // MARK: Places

  /// Places of a user that the source `near` starts from, the newest.
  package static let nearCentresMax = 32
  /// Items whose distance is worked out for one request: under a millisecond. In a dense city the nearest cells are looked
  /// at and the rest is not.
  package static let nearPlacesMax = 16_384
  /// Greatest distance that may be configured, kilometres: the way around half the cells of a country.
  package static let nearKilometresMax = 500.0

  // MARK: Segments

  /// Segments of one generation, the largest by weight: every country and a few thousand categories. With the
  /// longest lists they are 16 MB.
  package static let segmentsMax = 4096
  /// Items in the list of one segment: half of the widest slate, and enough that a user who has had half of it still
  /// gets a full list of the usual length.
  package static let segmentItemsMax = 500
  /// Different names (attribute and value, or category) that the trainer tells apart while it reads the log. An
  /// attribute with more values is an identifier, not a segment; what comes later is passed over.
  package static let segmentNamesMax = 65_536
  /// User attributes by which popularity is split. Each costs a pass over the events.
  package static let segmentAttributesMax = 8
  /// Categories of one item that count, the first ones; the same for text values of one user attribute. What
  /// belongs to more belongs to nothing in particular.
  package static let segmentValuesMax = 8

  // MARK: Ratings

  /// Newest ratings kept for each user, 12 bytes each; as many as items.
  package static let userRatingsMax = userItemsMax
  /// Ratings folded in for one prediction, the newest: about 0.1 ms for all of them.
  package static let foldInRatingsMax = foldInItemsMax
  /// Dimensions of a rating model, its bias not counted. Ratings are too few to fill more.
  package static let ratingDimensionsMax = 64
  /// Posterior samples a rating model may average over; each costs a prediction one more fold-in.
  package static let ratingSamplesMax = 64

  // MARK: Requests

  /// Items in one slate. Above a few hundred a caller wants an export, not a recommendation.
  package static let slateItemsMax = 1000
  /// Items a caller may exclude in one request.
  package static let excludedItemsMax = 10_000
  /// Items of a session or basket given with a request.
  package static let contextItemsMax = 256
  /// Items explained in one request: each is looked up in every source's tables, some milliseconds for a long history.
  package static let explainedItemsMax = 100
  /// Items of the largest catalogue that an explanation counts through, rule by rule: some milliseconds.
  package static let explainedCatalogueMax = 1_000_000
  /// Parts told of one sum; the rest is one more. Nobody reads more, and a slate of many items must fit a frame.
  package static let contributionPartsMax = 16
  /// Bytes of a request that its reply's token repeats: a session and some exclusions fit. A list with a longer request
  /// has no token.
  package static let tokenRequestBytesMax = 4 * 1024
  /// Things in one batch of events, items, users or identifiers.
  package static let batchItemsMax = 10_000
  /// Rows in one page of a listing.
  package static let pageRowsMax = 1000
  /// Attributes of the user or of the context in one request.
  package static let contextAttributesMax = attributesMax

  // MARK: Scenarios

  /// Scenarios of one daemon: each place where lists are shown. Looked through one by one for each request.
  package static let scenariosMax = 64
  /// Bytes of a configuration that is sent to a running daemon: every key of every scenario fits.
  package static let configurationBytesMax = 256 * 1024
  /// Keys changed at run time; a configuration that large belongs into the file.
  package static let configurationChangesMax = 4096
  /// Changes that can still be looked at; older ones are forgotten.
  package static let configurationHistoryMax = 32
  /// Expressions kept compiled in each event loop, with two bits for each item: callers have a handful, which they repeat.
  package static let compiledExpressionsMax = 32

  /// Items in a list that is paged through: as many as one slate may hold, so that a page costs no more to begin than
  /// the widest list.
  package static let pagedItemsMax = slateItemsMax
  /// Bytes of all rankings kept for further pages, of all tenants: 8 for each item and about 200 for each ranking, so
  /// that 20,000 people can leaf through 400 items each.
  package static let keptRankingBytesMax = 64 * 1024 * 1024
  /// Bytes of a cursor: docs/read-path.md.
  package static let cursorBytes = 80
  /// Lists of one `RecommendPage`: a long screen. Each costs what a `Recommend` costs.
  package static let pageListsMax = 16
  /// Bundles proposed in one reply, and members of each: what a person chooses from, and what one calls a bundle.
  package static let proposedBundlesMax = 100
  package static let proposedMembersMax = 16
  /// Categories a `Bundles` request may allow: as many as an item has.
  package static let bundleCategoriesMax = attributeValuesMax

  // MARK: Spread

  /// Candidates that diversity chooses from: one more costs each place a likeness.
  package static let spreadPoolMax = 1000
  /// Places that diversity arranges; work grows with its square. What a person scrolls past is arranged, the rest
  /// follows as scored.
  package static let spreadDepthMax = 100
  /// Places in a row that one cap looks at.
  package static let capWindowMax = 100
  /// Caps, shares and objectives of one scenario: each is asked about every candidate. Shares fit a mask of 16 bits.
  package static let spreadRulesMax = 16
  /// Pins and promotions of one scenario: a screen or two.
  package static let placedItemsMax = 64
  /// Exploration slots of one list: more is no recommendation.
  package static let explorationSlotsMax = 10
  /// New items that take part; the chance of each to be the best takes a pass over all.
  package static let explorationItemsMax = 200

  // MARK: Wire

  /// Bytes of a frame after the length field. A batch of 10,000 events of 200 bytes fits twice.
  package static let frameBytesMax = 4 * 1024 * 1024
  /// Bytes of the fixed header; see docs/protocol.md.
  package static let headerBytes = 32
  /// Bytes of the meta message: tenant, trace context.
  package static let metaBytesMax = 8 * 1024
  /// Arena for unpacking one message. protobuf-c needs up to 68 times the input for hostile nesting; an honest
  /// batch needs about 4 times.
  package static let arenaBytesMax = 8 * frameBytesMax
  /// Requests in flight on one connection.
  package static let streamsPerConnectionMax = 1024
  /// Connections the daemon accepts, unless configured lower.
  package static let connectionsMax = 4096
  /// Replies a peer may leave unread before the daemon stops reading its requests, bytes.
  package static let unreadReplyBytesMax = 4 * 1024 * 1024
  /// Replies to requests already in flight come on top; a peer that has this much unread is disconnected.
  package static let unreadReplyBytesHardMax = 16 * unreadReplyBytesMax
  /// Replies are handed to the socket at least this often within one batch of requests, bytes.
  package static let replyBatchBytes = 256 * 1024
  /// No connection is taken for this long after the system had no descriptor for one: long enough to cost nothing, short
  /// enough that nobody who waits gives up.
  package static let acceptPauseMilliseconds: Int64 = 50
  /// A peer that reads nothing for this long while replies wait is disconnected.
  package static let slowConsumerSeconds: Int64 = 30
  /// Time allowed for a frame to arrive once its first byte has.
  package static let frameArrivalSeconds: Int64 = 10
  /// After a connection's last frame was sent, what the peer still sends is discarded for this long, so that a
  /// reset does not overtake the GOAWAY that explains it.
  package static let lingerMilliseconds: Int64 = 1000
  /// A drained connection without requests in flight is closed once the peer was quiet for this long: requests
  /// that crossed the GOAWAY still get their refusal.
  package static let drainQuietMilliseconds: Int64 = 200
  /// Window in which cancels and pings are counted.
  package static let calmWindowSeconds: Int64 = 10
  /// A connection without traffic is closed after this long unless configured otherwise.
  package static let idleSecondsDefault: Int64 = 900
  /// A request without a deadline gets this one; no request gets more than the maximum.
  package static let timeoutMillisecondsDefault: UInt32 = 10_000
  package static let timeoutMillisecondsMax: UInt32 = 600_000
  /// Cancels in one window of ten seconds before a connection is told to calm down, if they are also more
  /// than half of its requests.
  package static let cancelsPerWindowMax = 200
  /// Pings in one window of ten seconds on one connection.
  package static let pingsPerWindowMax = 100
  /// Bytes a PING may ask to have echoed: room for a counter and a time.
  package static let pingBytesMax = 64

  // MARK: Dead letters

  /// Refused events kept for a look and a second try; the oldest go first. A page of a listing, tenfold.
  package static let deadLettersMax = 10_000
  /// Bytes of all of them, in memory and on disk.
  package static let deadLetterBytesMax = 16 * 1024 * 1024
  /// Bytes of one: all fields of an event at their largest fit. A larger event is counted, not kept.
  package static let deadLetterEventBytesMax = 4 * 1024
  /// Refused events that wait for the thread that writes them down; what is more is counted, not kept.
  package static let deadLettersWaitingMax = 1_000

  // MARK: Metrics and health over HTTP

  /// Connections at once. A scraper or two and a few probes; one more replaces the one that was quiet longest.
  package static let monitorConnectionsMax = 32
  /// Bytes of one HTTP request, body included: a line and a dozen headers.
  package static let monitorRequestBytesMax = 16 * 1024
  /// Time for a request to arrive, from its first byte.
  package static let monitorRequestSeconds: Int64 = 10
  /// A connection without a request is closed after this long: twice the usual interval of a scraper.
  package static let monitorIdleSeconds: Int64 = 120
  /// An event loop that has not turned for this long is taken to hang: `/livez` then fails.
  package static let loopSilenceSeconds: Int64 = 10

  // MARK: Client

  /// Calls of one client that may wait for a connection. More means that the daemon is down or far too slow, and
  /// waiting only adds to it.
  package static let waitingCallsMax = 65_536
  /// Connections of one client. Each carries `streamsPerConnectionMax` requests; more gain nothing.
  package static let poolConnectionsMax = 64

  // MARK: Import

  /// Longest line or quoted record of an imported file, bytes: an item with the longest text, every attribute
  /// and one vector of the largest size fits. Longer is a quote that was never closed.
  package static let importRecordBytesMax = 1024 * 1024
  /// Columns of an imported file: every field of an item and twice its attributes.
  package static let importColumnsMax = 256
  /// Distinct rows remembered, in each of two halves, to tell the first of several identical events from the
  /// next. About 100 MB at most; identical rows further apart than this count as one event.
  package static let importDistinctRowsMax = 3_000_000

  // MARK: Load generator

  /// Requests a second. One thread sends them; beyond this no clock it has would keep them apart.
  package static let loadRateMax = 1_000_000.0
  /// Connections one run opens: half of what a daemon accepts by default, so that others still get in.
  package static let loadConnectionsMax = connectionsMax / 2
  /// Seconds of one run. A day; each second is a row of about 100 bytes in the report.
  package static let loadSecondsMax = 86_400
  /// Distinct users or items asked for. Their names are made when needed, so this is only a sane end.
  package static let loadPopulationMax = 1_000_000_000
  /// Requests sent in one turn before replies are read again: enough to fill a packet, too few to delay a reply by
  /// more than a fraction of a millisecond.
  package static let loadBurstMax = 64
  /// Span of positions whose uniqueness a verification checks with one bit each: 256 MB of memory at most.
  package static let loadPositionSpanMax: UInt64 = 1 << 31

  // MARK: Models

  /// Latent dimensions of a factor model.
  package static let factorDimensionsMax = 1024
  /// Neighbours stored for one item.
  package static let neighboursMax = 512
  /// Minutes of a search for settings: a day finds what there is to find.
  package static let tuneMinutesMax = 24 * 60
  /// Users listed under one item of the user index, the newest of them: with more, one item that everybody has
  /// would cost a request as much as a whole history.
  package static let usersPerItemMax = 1024
  /// Items kept of one user in it, the newest: as many as a live user is compared by.
  package static let itemsPerIndexedUserMax = foldInItemsMax
  /// Entries of the user index read for one request, the rarest items first: about 0.2 ms on one core.
  package static let userEntriesPerRequestMax = 65_536
  /// Like users one list may rest on: each adds a row of at most `itemsPerIndexedUserMax` items.
  package static let similarUsersMax = 512
  /// Trees of a learned blend: each costs every request about a microsecond and a half.
  package static let blendTreesMax = 1000
  /// Depth of one of them: deeper ones learn users by heart.
  package static let blendDepthMax = 12
  /// Users the gate asks at least: of fewer, one more that is lucky would decide.
  package static let gateQuestionsMin = 50
  /// Dimensions of a content vector. More take memory for every item and gain nothing on titles and descriptions.
  package static let contentDimensionsMax = 512
  /// Landmarks of the regression from content to factors: each costs a new item a third of a microsecond.
  package static let contentLandmarksMax = 4096
  /// Items without factors that the content source looks at, the newest: a scan of 64 factors of all of them takes about
  /// a millisecond, and their vectors 50 MB.
  package static let coldItemsMax = 65_536
  /// Bytes of a generation's manifest.
  package static let manifestBytesMax = 4 * 1024 * 1024
  /// Array files of one generation: a dozen model families of a few arrays each; every one is an open mapping.
  package static let generationArraysMax = 256

  /// Longest filter or boost, bytes: what a person can still read, and compiled within tens of microseconds.
  package static let expressionBytesMax = 4096
  /// Of the part of a filter that a trace names: to know it again; its place is told beside.
  package static let tracedPartCharacters = 256
  /// How deep an expression may nest: parsing recurses, and an event loop's stack is small.
  package static let expressionDepthMax = 32
  /// Instructions of one expression: bounds what a request may cost for each item.
  package static let expressionInstructionsMax = 512
  /// Values of one list in an expression; lists are searched from front to back.
  package static let expressionListMax = 256

  // MARK: Scrub

  /// Damaged files a scrub names; more means that the disk is gone, and the reply must fit a frame.
  package static let scrubDamagesMax = 200
  /// What is remembered of the last scrub: as many damages as are named, each with a path twice.
  package static let scrubRecordBytesMax = 2 * 1024 * 1024
}
