/**
 * Recognizes images that a network reads from the wrong end: channels taken for rows or columns.
 * Start at {@link io.trainyard.spec.layout.MistakenLayout}.
 */
@NullMarked
package io.trainyard.spec.layout;

import org.jspecify.annotations.NullMarked;
