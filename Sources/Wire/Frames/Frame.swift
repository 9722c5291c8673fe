import Vocabulary

/// One whole frame within bytes somebody else owns.
package struct Frame {
  package let header: FrameHeader
  /// Valid as long as the bytes the frame was decoded from.
  package let meta: UnsafeRawBufferPointer
  /// Valid as long as the bytes the frame was decoded from.
  package let body: UnsafeRawBufferPointer
}
