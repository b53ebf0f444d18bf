package io.trainyard.job;

import org.jspecify.annotations.Nullable;

/**
 * The jobs that a list shows; null: any.
 *
 * @param sweep the sweep whose trials the jobs are
 * @param before the id of the last job on the page before; ids grow with time, so new jobs don't
 *     shift the pages
 * @param sweeps whether to show sweeps alone
 */
public record JobFilter(
    @Nullable String model,
    JobState.@Nullable Name state,
    @Nullable String sweep,
    @Nullable String before,
    boolean sweeps) {
  public JobFilter(
      @Nullable String model,
      JobState.@Nullable Name state,
      @Nullable String sweep,
      @Nullable String before) {
    this(model, state, sweep, before, false);
  }

  /** The same jobs, after another last job. */
  public JobFilter before(@Nullable String last) {
    return new JobFilter(model, state, sweep, last, sweeps);
  }
}
