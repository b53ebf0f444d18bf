package io.trainyard.predict;

/** Why a version left the memory. */
enum EvictionReason {
  /** Another one needed its room. */
  ROOM,
  /** It was deleted, or not published. */
  DROPPED,
  /** It was unloaded, by a caller or by the service. */
  UNLOADED,
  /** The process that computed it has ended; it is loaded again. */
  LOST
}
