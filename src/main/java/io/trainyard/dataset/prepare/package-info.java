/**
 * From the rows of a dataset version to the tensors that a job trains on. {@code DatasetPlanner}
 * checks and plans at submission; {@code DatasetPreparer} splits, fits and encodes at training.
 * Must not know jobs, files or SQL. Start with {@link io.trainyard.dataset.prepare.DatasetPlanner}.
 */
@NullMarked
package io.trainyard.dataset.prepare;

import org.jspecify.annotations.NullMarked;
