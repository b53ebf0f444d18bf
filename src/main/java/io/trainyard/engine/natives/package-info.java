/** The native libraries, their threads and their memory. */
@NullMarked
package io.trainyard.engine.natives;

import org.jspecify.annotations.NullMarked;
