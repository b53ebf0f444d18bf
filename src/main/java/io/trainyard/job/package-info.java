/**
 * Jobs: submission, states, and the workers that run them.
 *
 * <p>{@link io.trainyard.job.JobService} serves callers: start there, then follow {@code
 * Submission}, {@link io.trainyard.job.Worker}, {@code TrainingAttempt} and {@code
 * PublicationBuilder}. {@link io.trainyard.job.JobState} decides which changes are allowed; {@link
 * io.trainyard.job.JobStore} is the port that makes them. The package knows neither HTTP, nor SQL,
 * nor events. {@code WorkerTest} and {@code LostJobTest} test the worker with a scripted training,
 * {@code JobHttpTest} and {@code SubmissionHttpTest} the whole with a real one.
 *
 * <p>Other tests: {@code RunningJobs} and {@code RunningJob} in {@code LostJobTest}, {@code Task}
 * in {@code BatchPredictionTest}.
 */
@NullMarked
package io.trainyard.job;

import org.jspecify.annotations.NullMarked;
