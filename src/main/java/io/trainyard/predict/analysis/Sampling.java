package io.trainyard.predict.analysis;

/** Predictions with other dropout masks. */
public record Sampling(int samples, long seed) {}
