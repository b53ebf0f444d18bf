package io.trainyard.access;

/** Who may call. */
public enum AccessMode {
  /** Callers with a key or a token. */
  KEYS,
  /** Everyone. */
  OPEN
}
