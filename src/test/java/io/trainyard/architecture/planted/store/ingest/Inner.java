package io.trainyard.architecture.planted.store.ingest;

/** Used from a package that should not know it. */
public record Inner(int value) {}
