/**
 * What the members of an instance are called in the bytes of a JSON body: columns and categories.
 * Knows neither versions nor requests. Start at {@link io.trainyard.predict.row.RowNames}.
 */
@NullMarked
package io.trainyard.predict.row;

import org.jspecify.annotations.NullMarked;
