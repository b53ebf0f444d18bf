/** Formulas of the caller: parser, tree and shapes. */
@NullMarked
package io.trainyard.spec.expression;

import org.jspecify.annotations.NullMarked;
