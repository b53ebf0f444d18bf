/**
 * The layers, one file per family: each record has its formula, its reading from JSON, its shapes
 * and its weights together. Start at {@link io.trainyard.spec.layer.LayerSpec}; {@link
 * io.trainyard.spec.layer.LayerTypes} is the register of all types. Knows neither the graph around
 * a layer nor data nor native code; {@code engine.layer} has a file of native modules per family.
 *
 * <p>Tests: {@code LayerTypesTest} (no type is forgotten), {@code WindowSpecTest} (geometry,
 * against PyTorch), a test per family that has special cases, {@code ShapeInferenceTest} and {@code
 * SpecReaderTest} for the core layers, {@code LayerCostTest} for costs by hand, and {@code
 * engine.LayersTest} for all values and shapes.
 *
 * <p>Other tests: {@code LayerInputs} and {@code CoreSpec} in {@code ShapeInferenceTest}, {@code
 * ElementwiseSpec}, {@code AttentionSpec}, {@code NormSpec} and {@code TransposedConvolutionSpec}
 * in {@code LayersTest}, {@code PoolSpec} and {@code LayerShape} in {@code LayerCostTest}, {@code
 * AugmentationSpec} in {@code MistakesTest} and {@code engine.layer.AugmentationTest}.
 */
@NullMarked
package io.trainyard.spec.layer;

import org.jspecify.annotations.NullMarked;
