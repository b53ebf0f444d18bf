package io.trainyard.engine;

import org.bytedeco.javacpp.Pointer;

/** Counts native objects that Java owns and has not freed. */
public final class LivePointers {
  private LivePointers() {}

  public static long count() {
    return Pointer.totalCount();
  }
}
