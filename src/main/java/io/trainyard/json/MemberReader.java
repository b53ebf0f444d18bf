package io.trainyard.json;

import org.jspecify.annotations.Nullable;

/** Reads what the members of an object say. */
@FunctionalInterface
public interface MemberReader<T> {
  /** What they say; null when the violations say why not. */
  @Nullable T read(JsonObject members);
}
