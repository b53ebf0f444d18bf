/**
 * Batch predictions: jobs that predict the rows of a dataset version and publish them, with the
 * rows' own columns, as a new dataset. Knows neither HTTP nor SQL. Start at {@link
 * io.trainyard.job.prediction.PredictionCheck}, which turns a body into a task, and go on with
 * {@code PredictionAttempt}.
 */
@NullMarked
package io.trainyard.job.prediction;

import org.jspecify.annotations.NullMarked;
