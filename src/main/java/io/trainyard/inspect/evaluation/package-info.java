/**
 * Evaluates a version on the rows of any dataset, tells where it does well and where it does not,
 * and which input columns it uses. Knows no HTTP. Start at {@link
 * io.trainyard.inspect.evaluation.VersionEvaluation}; {@code Slices} measures groups of rows,
 * {@code PermutationImportance} permutes columns.
 */
@NullMarked
package io.trainyard.inspect.evaluation;

import org.jspecify.annotations.NullMarked;
