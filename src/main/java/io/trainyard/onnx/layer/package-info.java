/**
 * The ONNX operators of each layer: one class per layer family, named as in {@code spec.layer} and
 * {@code engine.layer}. Start at {@link io.trainyard.onnx.layer.LayerNodes}, the exhaustive switch.
 * {@code OnnxExportTest} compares random networks of every layer with the engine.
 *
 * <p>Other tests: {@code ConvolutionNodes}, {@code LambdaNodes}, {@code LayerWriter}, {@code
 * RearrangementNodes} and {@code RecurrentNodes} in {@code onnx.OnnxExportTest}.
 */
@NullMarked
package io.trainyard.onnx.layer;

import org.jspecify.annotations.NullMarked;
