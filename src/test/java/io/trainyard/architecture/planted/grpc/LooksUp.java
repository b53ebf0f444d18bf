package io.trainyard.architecture.planted.grpc;

import org.jspecify.annotations.Nullable;

/** Depends on a floor that is not below its own. */
public record LooksUp(@Nullable Object next) {
  static final Class<?> ABOVE = io.trainyard.architecture.planted.api.LooksUp.class;
}
