/** The native operations of each layer, a file per family, as in spec.layer. */
@NullMarked
package io.trainyard.engine.layer;

import org.jspecify.annotations.NullMarked;
