package io.trainyard.architecture.planted.label;

import org.jspecify.annotations.Nullable;

/** Depends on a floor that is not below its own. */
public record LooksUp(@Nullable Object next) {
  static final Class<?> ABOVE = io.trainyard.architecture.planted.tensor.LooksUp.class;
}
