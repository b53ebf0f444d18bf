/**
 * The layers, one file per family: each record has its formula, its reading from JSON, its shapes
 * and its weights together. Start at {@link io.trainyard.spec.layer.LayerSpec}; {@link
 * io.trainyard.spec.layer.LayerTypes} is the register of all types. Knows neither the graph around
 * a layer nor data nor native code; {@code engine.layer} has a file of native modules per family.
 */
@NullMarked
package io.trainyard.spec.layer;

import org.jspecify.annotations.NullMarked;
