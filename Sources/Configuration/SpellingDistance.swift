/// How far apart two spellings are: insertions, removals, replacements and swaps of neighbours (optimal string
/// alignment; Boytsov 2011, section 2.2). O(left × right).
func spellingDistance(_ left: String, _ right: String) -> Int {
  let (a, b) = (Array(left.utf8), Array(right.utf8))
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [Int](repeating: i, count: b.count + 1)
    for j in 1...b.count {
      row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        row[j] = min(row[j], beforeLast[j - 2] + 1)
      }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}

/// The candidate spelled most like `word`, if it is close enough to be what was meant: within a third of its
/// length. A key put under the wrong section also counts, by its last part.
func nearestKey(to word: String, among candidates: [String]) -> String? {
  func lastPart(_ path: String) -> String { path.split(separator: ".").last.map(String.init) ?? path }
  let written = lastPart(word)
  var best: (distance: Int, whole: Int, key: String)?
  for key in candidates {
    let whole = spellingDistance(word, key)
    // One more for being in the wrong place, so that a key in the right section wins a tie.
    let part = spellingDistance(written, lastPart(key)) + 1
    let distance = min(whole, part)
    let allowed = max(2, min(word.utf8.count, key.utf8.count) / 3)
    let isClose = whole <= allowed || part <= max(2, written.utf8.count / 3)
    // Of keys equally near the one in the right section is meant.
    if isClose, (distance, whole) < (best?.distance ?? .max, best?.whole ?? .max) {
      best = (distance, whole, key)
    }
  }
  return best?.key
}
