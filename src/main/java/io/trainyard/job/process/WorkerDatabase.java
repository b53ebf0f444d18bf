package io.trainyard.job.process;

import java.util.Map;

/** Gives the workers of this process access to the database. */
@FunctionalInterface
public interface WorkerDatabase {
  /** The settings with which a worker connects; empty when its own configuration suffices. */
  Map<String, String> settings();
}
