package io.trainyard.job;

import org.jspecify.annotations.Nullable;

/**
 * Which jobs a list shows.
 *
 * @param sweep the sweep whose trials the jobs are
 * @param before the id of the last job already shown, or null at the start; ids grow with time, so
 *     jobs that arrive meanwhile neither repeat nor hide one
 */
public record JobFilter(
    @Nullable String model,
    JobState.@Nullable Name state,
    @Nullable String sweep,
    @Nullable String before) {}
