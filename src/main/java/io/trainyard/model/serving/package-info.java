/**
 * How versions are served, as operators have decided for all processes: which stay in memory, which
 * are refused, and the limits of a model. It must not know what is in memory. Start at {@link
 * io.trainyard.model.serving.ServingStore}.
 */
@NullMarked
package io.trainyard.model.serving;

import org.jspecify.annotations.NullMarked;
