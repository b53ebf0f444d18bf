package io.trainyard.architecture.planted.spec.check;

/** Used from a package that should ask the review. */
public record TrainingCheck(int value) {}
