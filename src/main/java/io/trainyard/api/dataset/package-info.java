/** Datasets over HTTP. */
@NullMarked
package io.trainyard.api.dataset;

import org.jspecify.annotations.NullMarked;
