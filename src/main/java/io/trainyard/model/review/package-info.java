/** Checks of a model against its data. */
@NullMarked
package io.trainyard.model.review;

import org.jspecify.annotations.NullMarked;
