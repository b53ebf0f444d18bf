/** Training: epochs and batches, stopping, evaluation, checkpoints. Knows neither jobs nor HTTP. */
@NullMarked
package io.trainyard.train;

import org.jspecify.annotations.NullMarked;
