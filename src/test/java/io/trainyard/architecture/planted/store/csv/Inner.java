package io.trainyard.architecture.planted.store.csv;

/** Used from a package that should not know it. */
public record Inner(int value) {}
