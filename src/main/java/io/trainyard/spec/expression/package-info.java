/**
 * Expressions that callers write, as in a lambda layer: parser, tree and shapes. Knows nothing of
 * layers, data or native code; {@code engine.layer} computes a tree. Start at {@link
 * io.trainyard.spec.expression.Expression}. Tests: {@code ExpressionTest} (parser and tree), {@code
 * ExpressionShapesTest}, and the values of PyTorch in {@code engine.LayersTest}.
 *
 * <p>Other tests: {@code ExpressionTokens} and {@code ExpressionParser} in {@code ExpressionTest};
 * {@code RowFormula} in {@code engine.expression.FormulaValuesTest}.
 */
@NullMarked
package io.trainyard.spec.expression;

import org.jspecify.annotations.NullMarked;
