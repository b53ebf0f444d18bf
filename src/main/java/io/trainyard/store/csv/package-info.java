/** The CSV reader. */
@NullMarked
package io.trainyard.store.csv;

import org.jspecify.annotations.NullMarked;
