package io.trainyard.architecture.planted.engine.search;

/** Used from a package that should not know it. */
public record Inner(int value) {}
