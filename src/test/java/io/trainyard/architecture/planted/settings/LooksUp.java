package io.trainyard.architecture.planted.settings;

import org.jspecify.annotations.Nullable;

/** Depends on the root package, which stands on the highest floor. */
public record LooksUp(@Nullable Object next) {
  static final Class<?> ABOVE = io.trainyard.architecture.planted.Wiring.class;
}
