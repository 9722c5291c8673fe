import Testing

extension EndToEnd {
  @Suite struct ProgramTests {
    @Test("The programs lie beside the tests", arguments: ["magpied", "magpie", "magpie-train"])
    func programsAreThere(name: String) throws {
      _ = try Programs.path(name)
    }
  }
}
