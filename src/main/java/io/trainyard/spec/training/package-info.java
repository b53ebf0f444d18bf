/** How a network is trained: losses, optimizers, metrics, stopping. */
@NullMarked
package io.trainyard.spec.training;

import org.jspecify.annotations.NullMarked;
