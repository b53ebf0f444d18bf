package io.trainyard.model;

/**
 * A file of weights that is durably stored.
 *
 * @param sha256 of its bytes, in lower-case hex; also its name
 */
public record StoredWeights(String sha256, long bytes) {}
