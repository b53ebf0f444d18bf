package io.trainyard.job;

/** Jobs that a restore keeps from running, until an operator has looked at the installation. */
public interface HeldJobs {
  /** Lets them run, and gives their number. */
  int resume();
}
