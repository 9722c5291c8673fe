import Models
import Serving
import Vocabulary

extension Engine {
  /// Lists generations, after switching if asked to. Blocks: on the background thread only.
  func generations(
    _ request: GenerationsRequest, of tenant: ServedTenant
  ) throws(Fault) -> GenerationsReply {
    switch request.action {
    case .list: break
    case .promote: try promote(GenerationNumber(request.generation), of: tenant)
    case .rollback: try rollBack(tenant)
    }
    let serving = tenant.current?.generation.number
    do {
      var reply = GenerationsReply()
      reply.generations = try tenant.shelf.list().map { $0.summary(isServing: $0.number == serving) }
      return reply
    } catch {
      throw Fault(.internalError, "The generations cannot be listed: \(error).")
    }
  }

  private func promote(_ number: GenerationNumber, of tenant: ServedTenant) throws(Fault) {
    do {
      try tenant.withShelf { (shelf) throws(ModelFault) in
        let view = GenerationView(try Generation.open(at: shelf.path(of: number)), tenant: tenant.live)
        try shelf.promote(number)
        tenant.serve(view)
      }
    } catch {
      if error.kind == .missing, error.file.hasPrefix(tenant.shelf.path(of: number)),
        !isOnShelf(number, tenant)
      {
        throw Fault(
          .generationUnknown, "There is no generation \(number.value); list them to see which there are.",
          field: "generation")
      }
      throw Fault(
        .generationInvalid, "Generation \(number.value) cannot be served: \(error).", field: "generation")
    }
    logSwitch("promoted", number, tenant)
  }

  private func isOnShelf(_ number: GenerationNumber, _ tenant: ServedTenant) -> Bool {
    guard let entries = try? tenant.shelf.list() else { return true }
    return entries.contains { $0.number == number }
  }

  private func rollBack(_ tenant: ServedTenant) throws(Fault) {
    guard let serving = tenant.current?.generation.number else {
      throw Fault(.generationUnknown, "No generation is served, so there is none to roll back from.")
    }
    guard let view = Self.newestUsable(of: tenant, below: serving) else {
      throw Fault(
        .generationUnknown, "No usable generation is older than \(serving.value), which is served.")
    }
    let number = view.generation.number
    do {
      try tenant.withShelf { (shelf) throws(ModelFault) in
        try shelf.promote(number)
        tenant.serve(view)
      }
    } catch {
      throw Fault(.generationInvalid, "Generation \(number.value) cannot be promoted: \(error).")
    }
    logSwitch("rolled_back", number, tenant)
  }

  private func logSwitch(_ event: String, _ number: GenerationNumber, _ tenant: ServedTenant) {
    logger.info(
      "Another generation is served.",
      metadata: ["event": "\(event)", "tenant": "\(tenant.name.text)", "generation": "\(number.value)"])
  }
}
