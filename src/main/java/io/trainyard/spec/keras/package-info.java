/**
 * Converts models that Keras 3 wrote as JSON into model objects. Works on JSON alone; only the
 * check at the end reads the result as a spec. Start at {@link
 * io.trainyard.spec.keras.KerasImport}. A new layer is one entry in {@code KerasLayers}.
 */
@NullMarked
package io.trainyard.spec.keras;

import org.jspecify.annotations.NullMarked;
