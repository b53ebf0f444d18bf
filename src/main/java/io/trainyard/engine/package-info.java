/**
 * Networks on libtorch: loading for prediction, training steps, losses, optimizers. This package
 * and its subpackages are the only ones that import {@code org.bytedeco}; they know neither jobs
 * nor HTTP. Start at {@link io.trainyard.engine.Engine}: {@code load} gives a {@code Network},
 * {@code session} a {@link io.trainyard.engine.TrainingSession}.
 */
@NullMarked
package io.trainyard.engine;

import org.jspecify.annotations.NullMarked;
