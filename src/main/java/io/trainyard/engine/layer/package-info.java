/**
 * The native operations of each layer: one class per layer family, named as in {@code spec.layer}.
 * Start at {@link io.trainyard.engine.layer.LayerModules}, the exhaustive switch. This package
 * knows weights and the spec of a layer; it doesn't know optimizers, losses or data.
 */
@NullMarked
package io.trainyard.engine.layer;

import org.jspecify.annotations.NullMarked;
