/**
 * Generated jobs: random networks of every layer, columns, targets and trainings, some with a
 * mistake. What {@code models:validate} calls valid must be accepted, train and answer; what it
 * refuses, {@code POST /v1/jobs} must refuse with the same violations. Start at {@code
 * GeneratedJobsTest}; {@code GeneratedJobs} makes the jobs, {@code Tables} their data, {@code
 * Mistakes} the mistakes, and {@code Trial} tries one. Verify runs 30 that are valid, profile
 * {@code generated} 3,000.
 */
@NullMarked
package io.trainyard.attack.generated;

import org.jspecify.annotations.NullMarked;
