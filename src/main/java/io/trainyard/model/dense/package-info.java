/**
 * Views of a version's weights: MATLAB's cells and collapsed stacks of linear layers. Works on host
 * tensors; must not know the engine or HTTP. Start with {@link
 * io.trainyard.model.dense.DenseLayers}.
 */
@NullMarked
package io.trainyard.model.dense;

import org.jspecify.annotations.NullMarked;
