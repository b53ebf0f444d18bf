package io.trainyard.job;

import io.trainyard.label.Selection;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that a list shows; null: any.
 *
 * @param sweep the sweep whose trials the jobs are
 * @param before the cursor of the last job on the page before: without an order its id, since ids
 *     grow with time and new jobs don't shift the pages
 */
public record JobFilter(
    @Nullable String model,
    JobState.@Nullable Name state,
    @Nullable String sweep,
    @Nullable String before,
    @Nullable String kind,
    Selection selection) {
  /** Those of a kind. */
  public JobFilter kind(String other) {
    return new JobFilter(model, state, sweep, before, other, selection);
  }

  /** The same jobs, after another last job. */
  public JobFilter before(@Nullable String cursor) {
    return new JobFilter(model, state, sweep, cursor, kind, selection);
  }
}
