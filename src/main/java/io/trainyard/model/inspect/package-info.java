/** A version as numbers to look at. */
@NullMarked
package io.trainyard.model.inspect;

import org.jspecify.annotations.NullMarked;
