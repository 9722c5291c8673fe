import Models
import Vocabulary

extension Engine {
  /// Lists generations, after switching if asked to. Blocks: on the background thread only.
  func generations(
    _ request: GenerationsRequest, of tenant: ServedTenant
  ) throws(Fault) -> GenerationsReply {
    switch request.action {
    case .list: break
    case .promote: try promote(GenerationNumber(request.generation), force: request.force, of: tenant)
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

  private func promote(
    _ number: GenerationNumber, force: Bool, of tenant: ServedTenant
  ) throws(Fault) {
    let refusal: Manifest.Gate?
    do {
      refusal = try tenant.withShelf { (shelf) throws(ModelFault) -> Manifest.Gate? in
        let view = try tenant.view(of: number, reading: settings.reading)
        if let gate = view.generation.manifest.gate, gate.isRefused, !force { return gate }
        try shelf.promote(number)
        tenant.serve(view)
        return nil
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
    if let refusal {
      throw Fault(
        .generationRefused,
        """
        The gate refused generation \(number.value). \(refusal.reason) Serve it all the same: \
        magpie generations promote \(number.value) --force
        """, field: "generation")
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
    // Found and switched in one turn: what is chosen cannot be pruned in between.
    let number: GenerationNumber?
    do {
      number = try tenant.withShelf { (shelf) throws(ModelFault) -> GenerationNumber? in
        guard let view = tenant.newestUsable(below: serving, reading: settings.reading) else { return nil }
        try shelf.promote(view.generation.number)
        tenant.serve(view)
        return view.generation.number
      }
    } catch {
      throw Fault(.generationInvalid, "No older generation can be promoted: \(error).")
    }
    guard let number else {
      throw Fault(
        .generationUnknown, "No usable generation is older than \(serving.value), which is served.")
    }
    logSwitch("rolled_back", number, tenant)
  }

  private func logSwitch(_ event: String, _ number: GenerationNumber, _ tenant: ServedTenant) {
    logger.info(
      "Another generation is served.",
      metadata: ["event": "\(event)", "tenant": "\(tenant.name.text)", "generation": "\(number.value)"])
  }
}
