package io.trainyard.predict.analysis;

/** Where the way to an instance begins. */
public enum BaselineKind {
  /** The mean of the training rows. */
  MEAN,
  /** Zeros, and no category. */
  ZEROS
}
