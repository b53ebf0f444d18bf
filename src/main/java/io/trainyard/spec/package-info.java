/**
 * Models and their training as data: records, readers that create them from JSON, shape inference
 * and the summary. Knows neither datasets nor native code. Start at {@link
 * io.trainyard.spec.SpecReader}, then {@link io.trainyard.spec.ModelSpec} and {@link
 * io.trainyard.spec.ShapeInference}. {@link io.trainyard.spec.SpecReferences} alone knows where a
 * model object names other versions.
 */
@NullMarked
package io.trainyard.spec;

import org.jspecify.annotations.NullMarked;
