package io.trainyard.predict;

/** Why a version left the memory. */
enum EvictionReason {
  /** Another one needed its room. */
  ROOM,
  /** It was deleted, or not published. */
  DROPPED,
  /** A caller unloaded it. */
  UNLOADED
}
