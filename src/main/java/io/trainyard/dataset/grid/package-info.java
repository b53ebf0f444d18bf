/**
 * A grid over two columns: the rows that a network is asked about, and what its answers say. Knows
 * no networks, pictures and jobs. Start at {@link io.trainyard.dataset.grid.InputGrid}.
 */
@NullMarked
package io.trainyard.dataset.grid;

import org.jspecify.annotations.NullMarked;
