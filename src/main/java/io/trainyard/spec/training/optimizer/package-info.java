/**
 * How gradients change weights: one record for each optimizer, one file for each family. A record
 * has its formula, its defaults and its reading. {@code Name} in {@link
 * io.trainyard.spec.training.optimizer.OptimizerSpec} is the register; start there. Knows nothing
 * about how steps are computed.
 */
@NullMarked
package io.trainyard.spec.training.optimizer;

import org.jspecify.annotations.NullMarked;
