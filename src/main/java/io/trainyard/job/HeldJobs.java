package io.trainyard.job;

import java.util.Collection;
import java.util.Set;

/** Jobs that a restore keeps from running, until an operator has looked at the installation. */
public interface HeldJobs {
  /** Lets them run, and gives their number. */
  int resume();

  /** Those of these jobs, by id, that it keeps. */
  Set<String> held(Collection<String> jobs);
}
