/**
 * Evaluates a version on the rows of any dataset, and finds which input columns it uses. Knows no
 * HTTP. Start at {@link io.trainyard.inspect.evaluation.VersionEvaluation}.
 */
@NullMarked
package io.trainyard.inspect.evaluation;

import org.jspecify.annotations.NullMarked;
