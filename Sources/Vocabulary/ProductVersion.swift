/// The version of all programs, as in CHANGELOG.md. Wire protocol and on-disk formats have numbers of their own.
package let productVersion = "0.1.0"
