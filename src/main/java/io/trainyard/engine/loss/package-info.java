/**
 * The formulas of the losses on tensors: for a whole batch, by libtorch's fused kernels where it
 * has them, and by row for weighted means. Knows no network and no optimizer. Start at {@link
 * io.trainyard.engine.loss.Losses}.
 */
@NullMarked
package io.trainyard.engine.loss;

import org.jspecify.annotations.NullMarked;
