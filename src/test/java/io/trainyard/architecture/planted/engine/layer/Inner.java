package io.trainyard.architecture.planted.engine.layer;

/** Used from a package that should not know it. */
public record Inner(int value) {}
