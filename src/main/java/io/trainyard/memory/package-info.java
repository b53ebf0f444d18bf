/**
 * The memory of the process: how much the machine or its container grants, how much is used, and
 * how one budget is divided. Start at {@link io.trainyard.memory.MemoryShares}. Knows nothing of
 * what the parts do.
 */
@NullMarked
package io.trainyard.memory;

import org.jspecify.annotations.NullMarked;
