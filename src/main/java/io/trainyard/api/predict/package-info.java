/** Predictions over HTTP. */
@NullMarked
package io.trainyard.api.predict;

import org.jspecify.annotations.NullMarked;
