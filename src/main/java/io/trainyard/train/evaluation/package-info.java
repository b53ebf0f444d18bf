/**
 * Which targets of a stored version can be compared with data, and how far a row is off, without
 * the training that made it. Knows neither jobs nor HTTP. Start at {@link
 * io.trainyard.train.evaluation.EvaluatedTargets}.
 */
@NullMarked
package io.trainyard.train.evaluation;

import org.jspecify.annotations.NullMarked;
