/**
 * How a network is trained: losses, optimizers, metrics, early stopping and limits. A loss or
 * optimizer is a record with its reading in the same file; {@code Name} is the register of each
 * kind. Knows nothing about how training is computed. Start at {@link
 * io.trainyard.spec.training.TrainingSpec}.
 */
@NullMarked
package io.trainyard.spec.training;

import org.jspecify.annotations.NullMarked;
