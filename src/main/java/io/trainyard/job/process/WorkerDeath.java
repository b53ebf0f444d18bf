package io.trainyard.job.process;

import io.trainyard.process.ProcessDeath;

/**
 * How a worker ended, which runs jobs and proves versions.
 *
 * @param proving whether it was proving a version
 */
public record WorkerDeath(ProcessDeath process, boolean proving) {
  /** In the names of threads that prove versions. */
  static final String PROOF = "proof";

  /** Whether native code crashed in a thread that proved a version, rather than ran a job. */
  public boolean isCrashOfProof() {
    return process.isCrash() && process.happenedIn(PROOF);
  }

  /** Whether it may have been the proof of a version that crashed. */
  public boolean mayBeOfProof() {
    return proving && process.isInUnknownThread();
  }
}
