/** Refusals and warnings over a whole model and its training. */
@NullMarked
package io.trainyard.spec.check;

import org.jspecify.annotations.NullMarked;
