package io.trainyard.architecture.planted;

/** What no package below may know. */
public final class Wiring {
  private Wiring() {}
}
