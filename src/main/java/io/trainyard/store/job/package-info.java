/**
 * Jobs, their queues, events and checkpoints in the database.
 *
 * <p>Start at {@code JdbcJobStore}, and {@code JobAttempts}, where each call is one transaction.
 * {@code JobTransitions} is the only class that changes a job's state; {@code JobSchedulers} starts
 * the worker for queued jobs. The package decides no rule of its own about states: it asks {@link
 * io.trainyard.job.JobState.Name#mayBecome}.
 */
@NullMarked
package io.trainyard.store.job;

import org.jspecify.annotations.NullMarked;
