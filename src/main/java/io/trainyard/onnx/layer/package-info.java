/**
 * The ONNX operators of each layer: one class per layer family, named as in {@code spec.layer} and
 * {@code engine.layer}. Start at {@link io.trainyard.onnx.layer.LayerNodes}, the exhaustive switch.
 */
@NullMarked
package io.trainyard.onnx.layer;

import org.jspecify.annotations.NullMarked;
