package io.trainyard.architecture.planted.store.duckdb;

/** Used from a package that should not know it. */
public record Inner(int value) {}
