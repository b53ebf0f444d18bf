/**
 * Training: epochs and batches, early stopping, checkpoints. It knows neither jobs nor HTTP, and no
 * native code: the engine's session does the arithmetic. Start at {@link
 * io.trainyard.train.Trainer}, then {@code TrainingLoop}.
 */
@NullMarked
package io.trainyard.train;

import org.jspecify.annotations.NullMarked;
