package io.trainyard.architecture.planted.cli;

import org.jspecify.annotations.Nullable;

/** Depends on a floor that is not below its own, and on one that a caller must not know. */
public record LooksUp(@Nullable Object next) {
  static final Class<?> ABOVE = io.trainyard.architecture.planted.api.LooksUp.class;
}
