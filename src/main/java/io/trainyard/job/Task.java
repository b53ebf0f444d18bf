package io.trainyard.job;

import io.trainyard.dataset.DatasetVersion;
import tools.jackson.databind.JsonNode;

/** The work of a job, with every name resolved; it never changes after submission. */
public sealed interface Task permits TrainingTask {
  /** The kind in answers and stored rows. */
  String kind();

  /** The model that the job is for. */
  String model();

  Placement placement();

  /** The caller's request, with versions and seed filled in. */
  JsonNode request();

  /** A dataset version by name. */
  record DatasetReference(String name, int version) {
    static DatasetReference of(DatasetVersion version) {
      return new DatasetReference(version.name(), version.version());
    }
  }

  /** Where a job waits, and how urgent it is. */
  record Placement(String pool, int priority) {}
}
