/**
 * Jobs: submission, states, and the workers that run them.
 *
 * <p>{@link io.trainyard.job.JobService} serves callers: start there, then follow {@code
 * Submission}, {@link io.trainyard.job.Worker}, {@code TrainingAttempt} and {@code
 * PublicationBuilder}. {@link io.trainyard.job.JobState} decides which changes are allowed; the
 * ports {@link io.trainyard.job.JobStore}, for callers, and {@link io.trainyard.job.Attempts}, for
 * workers, make them. The package knows neither HTTP, nor SQL, nor events.
 */
@NullMarked
package io.trainyard.job;

import org.jspecify.annotations.NullMarked;
