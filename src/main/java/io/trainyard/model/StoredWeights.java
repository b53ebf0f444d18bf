package io.trainyard.model;

/**
 * A safetensors file that is safely on disk.
 *
 * @param sha256 of its bytes, in lower-case hex; also its name
 */
public record StoredWeights(String sha256, long bytes) {}
