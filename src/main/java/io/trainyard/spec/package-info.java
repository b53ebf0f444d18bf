/**
 * Models and their training as data: records, readers that create them from JSON, shape inference
 * and the summary. Knows neither datasets nor native code. Start at {@link
 * io.trainyard.spec.SpecReader}, then {@link io.trainyard.spec.ModelSpec} and {@link
 * io.trainyard.spec.ShapeInference}. {@link io.trainyard.spec.SpecReferences} alone knows where a
 * model object names other versions.
 *
 * <p>Tests: {@code SpecReaderTest} and {@code HostileSpecTest} for reading, {@code
 * ShapeInferenceTest} and the tests of {@code spec.layer} for shapes, {@code NestedModelTest},
 * {@code SpecReferencesTest}, {@code SummaryTest}.
 *
 * <p>Other tests: {@code ModelReader}, {@code NetworkReader}, {@code TargetReader} and {@code
 * InputReader} in {@code SpecReaderTest}, {@code NestedReader}, {@code LayerNames} and {@code
 * NetworkSpec} in {@code NestedModelTest}.
 */
@NullMarked
package io.trainyard.spec;

import org.jspecify.annotations.NullMarked;
