/**
 * Computes the expressions that callers write, in a lambda layer, a loss or a metric. It knows
 * neither layers nor losses. Start at {@link io.trainyard.engine.expression.ExpressionEvaluation};
 * {@link io.trainyard.engine.expression.FormulaValues} is for losses and metrics.
 */
@NullMarked
package io.trainyard.engine.expression;

import org.jspecify.annotations.NullMarked;
