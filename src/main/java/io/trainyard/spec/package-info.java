/**
 * The model and training spec as data: records, the reader that binds JSON to them, shape inference
 * and summary. Knows neither data sets nor native code.
 */
@NullMarked
package io.trainyard.spec;

import org.jspecify.annotations.NullMarked;
