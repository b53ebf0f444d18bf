/**
 * Expressions that callers write, as in a lambda layer: parser, tree and shapes. Knows nothing of
 * layers, data or native code; {@code engine.layer} computes a tree. Start at {@link
 * io.trainyard.spec.expression.Expression}.
 */
@NullMarked
package io.trainyard.spec.expression;

import org.jspecify.annotations.NullMarked;
