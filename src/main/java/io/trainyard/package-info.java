/** Starts the process and wires its parts. */
@NullMarked
package io.trainyard;

import org.jspecify.annotations.NullMarked;
