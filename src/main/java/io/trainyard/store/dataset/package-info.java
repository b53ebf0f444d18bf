/** The store behind the ports of datasets. */
@NullMarked
package io.trainyard.store.dataset;

import org.jspecify.annotations.NullMarked;
