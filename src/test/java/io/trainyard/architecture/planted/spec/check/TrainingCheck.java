package io.trainyard.architecture.planted.spec.check;

/** Used from a package that should ask model.check. */
public record TrainingCheck(int value) {}
