package io.trainyard.architecture.planted.spec.keras;

/** Used from a package that should not know it. */
public record Inner(int value) {}
