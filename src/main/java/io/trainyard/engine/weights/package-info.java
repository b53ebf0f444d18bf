/** Weights in native memory: for training and for answering. */
@NullMarked
package io.trainyard.engine.weights;

import org.jspecify.annotations.NullMarked;
