/// How often each of a few keys was met in one list: open addressing in memory that is reused.
final class TallyTable {
  private struct Cell {
    var key: UInt64 = 0
    var epoch: UInt32 = 0
    var count: Int32 = 0
  }

  private var cells = [Cell](repeating: Cell(), count: 256)
  private var used = 0
  private var epoch: UInt32 = 0

  /// Forgets everything. O(1), but O(cells) every four billion lists.
  func begin() {
    used = 0
    if epoch == .max {
      for place in cells.indices { cells[place].epoch = 0 }
      epoch = 0
    }
    epoch += 1
  }

  func count(of key: UInt64) -> Int {
    let cell = cells[place(of: key)]
    return cell.epoch == epoch ? Int(cell.count) : 0
  }

  /// Adds to a count. Allocates while the table grows.
  func add(_ amount: Int32, to key: UInt64) {
    if 2 * used >= cells.count { grow() }
    let place = place(of: key)
    if cells[place].epoch != epoch {
      cells[place] = Cell(key: key, epoch: epoch, count: 0)
      used += 1
    }
    cells[place].count += amount
  }

  /// Where the key is, or where it would be.
  private func place(of key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: key) & (cells.count - 1)
    while cells[place].epoch == epoch, cells[place].key != key { place = (place + 1) & (cells.count - 1) }
    return place
  }

  private func grow() {
    let old = cells
    cells = [Cell](repeating: Cell(), count: 2 * old.count)
    for cell in old where cell.epoch == epoch { cells[place(of: cell.key)] = cell }
  }
}
