import ArgumentParser
import MagpieClient

/// What a bundle may cost.
struct PriceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("What a bundle costs at least.", valueName: "amount"))
  var priceMin: Double?

  @Option(help: ArgumentHelp("What a bundle costs at most.", valueName: "amount"))
  var priceMax: Double?

  @Option(help: ArgumentHelp("The currency of its price, such as EUR. Default: any.", valueName: "code"))
  var currency = ""

  func validate() throws {
    for (name, value) in [("--price-min", priceMin), ("--price-max", priceMax)] {
      if let value, !value.isFinite || value < 0 {
        throw ValidationError("\(name) must be a number, 0 or more.")
      }
    }
    if let priceMin, let priceMax, priceMin > priceMax {
      throw ValidationError("--price-min is above --price-max.")
    }
  }

  var bounds: PriceBounds { PriceBounds(least: priceMin, most: priceMax, currency: currency) }
}
