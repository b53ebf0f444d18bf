/**
 * Looks at trained versions for callers: evaluations on any dataset, grids and pictures. Knows
 * neither jobs nor HTTP, and computes networks only through {@link io.trainyard.predict.Predictor}.
 * Start at {@link io.trainyard.inspect.Inspections}, which bounds all of it.
 */
@NullMarked
package io.trainyard.inspect;

import org.jspecify.annotations.NullMarked;
