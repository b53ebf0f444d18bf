package io.trainyard.architecture.planted.store.table;

/** Used from a package that should not know it. */
public record Inner(int value) {}
