package io.trainyard.label;

/** What has labels. Its key is the job's id, the name, or {@code name@version}. */
public enum Labelled {
  JOB,
  MODEL,
  MODEL_VERSION,
  DATASET,
  DATASET_VERSION
}
