/**
 * From the rows of a dataset version to the tensors that a job trains on. {@code DatasetPlanner}
 * checks and plans at submission; {@code DatasetPreparer} splits, fits and encodes at training.
 * Must not know jobs, files or SQL. Start with {@link io.trainyard.dataset.prepare.DatasetPlanner}.
 * Tested by DatasetPlannerTest, DatasetPreparerTest (also SharedRows and EncodedRows), SplitTest,
 * SeriesTest (also Windowing) and DataWarningsTest.
 *
 * <p>Other tests: {@code SubsetSizes} in {@code DatasetPlannerTest}, {@code SubsetBuffers} in
 * {@code DatasetPreparerTest}, {@code RowNumbers} in {@code EvaluationHttpTest}, {@code
 * InputWarnings} and {@code SortedLabels} in {@code MistakesTest}.
 */
@NullMarked
package io.trainyard.dataset.prepare;

import org.jspecify.annotations.NullMarked;
