/** Models of Keras 3 as our model objects. */
@NullMarked
package io.trainyard.spec.keras;

import org.jspecify.annotations.NullMarked;
